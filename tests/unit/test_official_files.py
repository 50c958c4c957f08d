import json

import pytest

from livecodebench.dataset.opening import open_dataset
from livecodebench.results.official_files import folder_name, write_official_files
from livecodebench.results.plan import Plan
from livecodebench.verdict import Verdict
from tests.unit.results_samples import judged

AC, WA = Verdict.ACCEPTED, Verdict.WRONG_ANSWER
FENCED = "Sure:\n```python\nprint(1)\n```\nDone."


@pytest.fixture
def problems(write, data):
    functional = data.row("2000", metadata=json.dumps({"func_name": "f"}), platform="leetcode")
    tests = json.dumps([{**data.test(1), "testtype": "functional"}])
    functional |= {"public_test_cases": tests, "private_test_cases": tests}
    rows = [data.row("abc002_b", contest_date="2024-09-01T18:30:00"), functional]
    return open_dataset(write(rows, "problems.jsonl"))


def line(model, question_id, sample, verdicts, verdict=None):
    """A line of judgements.jsonl with these verdicts of its tests."""
    value = judged((model, question_id, sample)).as_json()
    test = value["tests"][0]
    value["tests"] = [{**test, "index": index, "verdict": one} for index, one in enumerate(verdicts)]
    value["verdict"] = verdict or next((one for one in verdicts if one != AC), AC)
    return json.loads(json.dumps(value))


def written(tmp_path, problems, lines, rows, *, rule="official"):
    keys = [(one["model"], one["question_id"]) for one in lines]
    generations = tmp_path / "generations.jsonl"
    generations.write_text("".join(json.dumps(row) + "\n" for row in rows))
    write_official_files(
        tmp_path / "official",
        plan=Plan.of(keys, problems),
        problems=problems,
        judgements=lines,
        generations=generations,
        rule=rule,
    )
    return tmp_path / "official"


def test_both_files_of_a_model(tmp_path, problems):
    rows = [
        {"model": "m", "question_id": "abc002_b", "output_list": [FENCED, "none"], "code_list": ["print(1)", ""]},
        {"model": "m", "question_id": "2000", "output_list": [FENCED]},
        {"model": "m", "question_id": "2000", "code_list": ["x = 1"]},
    ]
    lines = [
        line("m", "2000", 1, [WA]),
        line("m", "abc002_b", 0, [AC, AC]),
        line("m", "2000", 0, [AC]),
        line("m", "abc002_b", 1, [], Verdict.NO_CODE),
    ]
    folder = written(tmp_path, problems, lines, rows) / "m"

    metrics, results, metadata = json.loads((folder / "_eval.json").read_text())
    assert metrics == {"pass@1": 0.5, "detail": {"pass@1": {"0": 0.5, "1": 0.5}}}
    assert results == {"0": [[True], [False]], "1": [[True, True], [-4]]}
    assert [[json.loads(text) for text in row] for row in metadata] == [
        [{"execution time": 0.5}, {"error_code": -2, "error_message": "Wrong Answer", "failed_test": 0}],
        [{"execution time": 1.0}, {"error_code": -4, "error_message": "No Code", "failed_test": 0}],
    ]

    first, second = json.loads((folder / "_eval_all.json").read_text())
    assert second == {
        "question_title": "Twice",
        "question_content": "Print twice the number.",
        "platform": "atcoder",
        "question_id": "abc002_b",
        "contest_id": "abc001",
        "contest_date": "2024-09-01T18:30:00",
        "starter_code": "",
        "difficulty": "easy",
        "output_list": [FENCED, "none"],
        "code_list": ["print(1)", ""],
        "graded_list": [True, False],
        "pass@1": 0.5,
        "metadata": metadata[1],
    }
    assert (first["question_id"], first["graded_list"]) == ("2000", [True, False])
    assert first["output_list"] == [FENCED, "x = 1"]
    assert first["code_list"] == ["print(1)", "x = 1"]


@pytest.mark.parametrize(
    ("verdict", "code"),
    [
        (Verdict.TIME_LIMIT, -3),
        (Verdict.MEMORY_LIMIT, -4),
        (Verdict.OUTPUT_LIMIT, -4),
        (Verdict.RUNTIME_ERROR, -4),
        (Verdict.WRONG_ANSWER, -2),
    ],
)
def test_results_end_at_the_first_failure_with_its_code(tmp_path, problems, verdict, code):
    lines = [line("m", "abc002_b", 0, [AC, verdict, AC, WA])]
    folder = written(tmp_path, problems, lines, [{"model": "m", "question_id": "abc002_b", "code_list": ["x"]}])
    _, results, metadata = json.loads((folder / "m" / "_eval.json").read_text())
    assert results == {"0": [[True, code]]}
    assert json.loads(metadata[0][0])["error_code"] == code


def test_pass_at_k_where_there_are_samples_enough(tmp_path, problems):
    lines = [line("m", "2000", sample, [AC if sample == 0 else WA]) for sample in range(5)]
    folder = written(tmp_path, problems, lines, [{"model": "m", "question_id": "2000", "code_list": ["x"] * 5}])
    metrics = json.loads((folder / "m" / "_eval.json").read_text())[0]
    assert metrics == {
        "pass@1": 0.2,
        "pass@5": 1.0,
        "detail": {"pass@1": {"0": 0.2}, "pass@5": {"0": 1.0}},
    }


def test_a_missing_verdict_is_never_written_as_wrong(tmp_path, problems):
    path = tmp_path / "g.jsonl"
    path.write_text('{"question_id": "2000", "code_list": ["x"]}\n')
    plan = Plan(2, {}, {"m": {"2000": 1}})
    with pytest.raises(ValueError, match="1 submissions have no verdict"):
        write_official_files(tmp_path, plan=plan, problems=problems, judgements=[], generations=path, rule="official")


def test_models_share_a_file_and_not_a_folder(tmp_path, problems):
    lines = [line("org/a", "2000", 0, [AC]), line(None, "2000", 0, [WA])]
    rows = [{"model": "org/a", "question_id": "2000", "code_list": ["a"]}, {"question_id": "2000", "code_list": ["b"]}]
    folder = written(tmp_path, problems, lines, rows)
    assert sorted(entry.name for entry in folder.iterdir()) == ["null", "org%2Fa"]
    assert json.loads((folder / "null" / "_eval_all.json").read_text())[0]["code_list"] == ["b"]


def test_a_models_name_stays_within_the_folder():
    names = ["a", "A/b", "..", ".", "", "%", ".x", "ü" * 200, "ü" * 201, "\ud800", "a\x00b", "O1 (N=1)"]
    folders = [folder_name(name) for name in names]
    assert folders[-1] == "O1 (N=1)"
    assert folder_name(None) == "null"
    assert len(set(folders)) == len(names)
    for name in folders:
        assert name
        assert not name.startswith(".")
        assert "/" not in name
        assert len(name.encode()) <= 200
