"""The bundled dataset: made the same each time, in the official form, and with everything in it that it promises."""

import json
from collections import Counter
from importlib.resources import files
from pathlib import Path

import pytest

from livecodebench.answers.extraction import extract
from livecodebench.dataset.opening import open_dataset
from livecodebench.judging.checkers import checker_for
from livecodebench.problem import Difficulty, Platform, TestKind
from livecodebench.verdict import Verdict
from tools.mini.problems import PROBLEMS
from tools.mini.writing import write_dataset

FOLDER = Path(str(files("livecodebench") / "data" / "mini"))
COLUMNS = (
    "question_title question_content platform question_id contest_id contest_date starter_code difficulty "
    "public_test_cases private_test_cases metadata"
)


def rows(name, folder=FOLDER):
    return [json.loads(line) for line in (folder / name).read_text(encoding="utf-8").splitlines()]


@pytest.fixture(scope="module")
def mini():
    return open_dataset("mini")


@pytest.fixture(scope="module")
def made(tmp_path_factory):
    folder = tmp_path_factory.mktemp("mini")
    write_dataset(folder)
    return folder


def test_the_files_come_out_the_same_each_time(made, tmp_path):
    write_dataset(tmp_path)
    for path in made.iterdir():
        assert (tmp_path / path.name).read_bytes() == path.read_bytes()


def test_the_committed_files_are_what_is_made(made, mini):
    """But for the packing of private tests, which depends on the version of zlib."""
    assert {path.name for path in made.iterdir()} <= {path.name for path in FOLDER.iterdir()}
    for name in ("generations.jsonl", "expected.json"):
        assert (FOLDER / name).read_bytes() == (made / name).read_bytes(), "run python -m tools.mini"
    again = open_dataset(made / "problems.jsonl")
    assert list(mini) == list(again)
    for question_id, problem in mini.items():
        assert problem == again[question_id]
        assert problem.private_tests() == again[question_id].private_tests()


def test_the_rows_have_the_official_columns_in_order():
    for row in rows("problems.jsonl"):
        assert list(row) == COLUMNS.split()
        assert row["question_content"].isascii()


def test_it_has_every_kind_of_problem(mini):
    problems = mini.values()
    assert len(problems) >= 12
    assert {problem.kind for problem in problems} == set(TestKind)
    assert {problem.platform for problem in problems} == set(Platform)
    assert Counter(problem.difficulty for problem in problems).keys() == set(Difficulty)
    assert len({problem.contest_date.strftime("%Y-%m") for problem in problems}) >= 6
    assert any(problem.contest_date.hour for problem in problems)
    assert {checker_for(problem).name for problem in problems} == {"standard", "tolerance", "even_split", "any_order"}
    assert 1_000_000 < max(len(test.input) for problem in problems for test in problem.tests()) < 3_000_000
    assert (FOLDER / "problems.jsonl").stat().st_size < 300_000


def test_leetcode_problems_are_functional_with_starter_code(mini):
    for problem in mini.values():
        functional = problem.platform is Platform.LEETCODE
        assert functional == (problem.kind is TestKind.FUNCTIONAL) == problem.starter_code.startswith("class Solution:")
        assert not functional or f"def {problem.func_name}(self, " in problem.starter_code


def test_each_reference_is_right_by_its_own_checker(mini):
    for problem in mini.values():
        check = checker_for(problem)
        for test in problem.tests():
            assert check(test.output, test.output, test.input).right, problem.question_id
            assert not check("[0.5, 7]", test.output, test.input).right, problem.question_id


def test_statements_show_the_public_tests(mini):
    for problem in mini.values():
        assert problem.public_tests
        for test in problem.public_tests:
            assert test.output.rstrip("\n") in problem.content


def test_the_stored_answers_cover_every_verdict_and_waste_no_time(mini):
    expected = json.loads((FOLDER / "expected.json").read_text())["verdicts"]
    counts = Counter(row["verdict"] for row in expected)
    assert counts.keys() == set(Verdict)
    assert counts["time_limit"] == 1
    keys = [(row["model"], row["question_id"], row["sample"]) for row in expected]
    answers = {
        (row["model"], row["question_id"], sample): text
        for row in rows("generations.jsonl")
        for sample, text in enumerate(row["output_list"])
    }
    assert sorted(keys) == sorted(answers)
    assert Counter((model, question_id) for model, question_id, _ in keys) == {
        (model, question_id): 2 for model in ("mini-strong", "mini-weak") for question_id in mini
    }
    for row in expected:
        found = extract(answers[row["model"], row["question_id"], row["sample"]]).found
        assert found == (row["verdict"] != "no_code")


def test_the_problems_are_in_the_order_of_their_ids():
    ids = [problem.question_id for problem in PROBLEMS]
    assert ids == sorted(ids) == [row["question_id"] for row in rows("problems.jsonl")]
