"""The whole development corpus: every problem opens, every hidden test decodes, every stored answer is read."""

from __future__ import annotations

import gzip
import json

import pytest

from livecodebench.answers.generations import AnswerKind, open_generations
from livecodebench.dataset.filters import parse_filters
from livecodebench.dataset.opening import open_dataset
from livecodebench.problem import Platform, TestKind

pytestmark = pytest.mark.parity


@pytest.fixture(scope="module")
def dataset(corpus):
    return open_dataset(corpus / "dev" / "problems.jsonl.gz")


def test_every_problem_and_every_test(corpus, dataset):
    platforms = [problem.platform for problem in dataset.values()]
    assert [platforms.count(platform) for platform in Platform] == [307, 393, 7]
    with gzip.open(corpus / "dev" / "tests_provenance.jsonl.gz", "rt") as file:
        provenance = {row["question_id"]: row for row in map(json.loads, file)}
    assert dataset.keys() == provenance.keys()
    for question_id, problem in dataset.items():
        assert len(problem.tests()) == len(provenance[question_id]["tests"])
        assert problem.kind is (TestKind.FUNCTIONAL if problem.platform is Platform.LEETCODE else TestKind.STDIN)


def test_the_same_problems_from_an_unpacked_file(corpus, dataset, tmp_path):
    path = tmp_path / "problems.jsonl"
    path.write_bytes(gzip.decompress((corpus / "dev" / "problems.jsonl.gz").read_bytes()))
    plain = open_dataset(path)
    assert list(plain.values()) == list(dataset.values())
    assert [problem.tests() for problem in plain.values()] == [problem.tests() for problem in dataset.values()]


def test_a_window_includes_its_last_day(corpus):
    """The official script leaves out contests with a time on the end day; 161 of 1055 dates have one."""
    filters = parse_filters(start_date="2024-08-01", end_date="2024-08-10")
    dataset = open_dataset(corpus / "dev" / "problems.jsonl.gz", filters=filters)
    with gzip.open(corpus / "dev" / "problems.jsonl.gz", "rt") as file:
        rows = [json.loads(line) for line in file]
    assert set(dataset) == {
        row["question_id"] for row in rows if "2024-08-01" <= row["contest_date"][:10] <= "2024-08-10"
    }


def test_every_stored_answer(corpus, dataset):
    path = corpus / "dev" / "solutions.jsonl.gz"
    generations = open_generations(path, problems=dataset)
    found = list(generations)
    assert len(found) == len(generations) == 1881
    assert {generation.kind for generation in found} == {AnswerKind.CODE}
    assert len({generation.submission.key for generation in found}) == 1881
    assert "O1-Mini-2024-09-12 (N=1)" in generations.models
