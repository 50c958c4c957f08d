"""The commands with the real judge: the bundled answers' verdicts, exit statuses, and what `run` and `report` show."""

import io
import json
import sys
from importlib.resources import files

import pytest

pytestmark = pytest.mark.jail

MINI = files("livecodebench") / "data" / "mini"
COUNTDOWN = "mini_countdown"
RIGHT = """
n = int(input())
for i in range(n, 0, -1):
    print(f"{i} check" if i % 5 == 0 else i)
print("launch")
"""


@pytest.fixture
def program(tmp_path):
    def write(text):
        path = tmp_path / "solution.py"
        path.write_text(text)
        return path

    return write


def run(cli, solution, *options):
    return cli("run", solution, "--problem", COUNTDOWN, "--dataset", "mini", *options)


def test_the_bundled_answers_get_their_verdicts(cli, tmp_path):
    folder = tmp_path / "out"
    ended = cli("grade", MINI / "generations.jsonl", "--dataset", "mini", "--time-limit", "2", "--output", folder)
    assert ended.status == 0
    lines = [json.loads(line) for line in (folder / "judgements.jsonl").read_text().splitlines()]
    expected = json.loads((MINI / "expected.json").read_text())["verdicts"]
    found = {(line["model"], line["question_id"], line["sample"]): line["verdict"] for line in lines}
    assert found == {(row["model"], row["question_id"], row["sample"]): row["verdict"] for row in expected}
    for line in lines:
        assert line["passed"] is (line["verdict"] == "accepted")
        assert line["error"] is None
        failing = [test["index"] for test in line["tests"] if test["verdict"] != "accepted"]
        ran = len(line["tests"])
        assert [test["index"] for test in line["tests"]] == list(range(ran))
        assert failing in ([], [ran - 1])  # the first failure ends it
        assert (ran == line["tests_total"]) or failing or line["verdict"] in ("compile_error", "no_code")
    summary = json.loads((folder / "summary.json").read_text())
    assert summary["models"]["mini-strong"]["pass@1"] == 27 / 28
    assert summary["sandbox"]["python"] == ".".join(map(str, sys.version_info[:3]))
    for name, block in summary["models"].items():
        metrics, _, _ = json.loads((folder / "official" / name / "_eval.json").read_text())
        assert metrics["pass@1"] == pytest.approx(block["pass@1"])

    report = cli("report", folder)
    assert (report.status, report.out, report.err) == (0, ended.out, "")
    assert json.loads(cli("report", folder, "--json").out) == summary


def test_all_tests_runs_those_behind_a_failure(cli, tmp_path):
    answers = tmp_path / "answers.jsonl"
    answers.write_text(json.dumps({"question_id": COUNTDOWN, "code_list": ["print('launch')"]}))
    for options, whole in [((), False), (("--all-tests",), True)]:
        folder = tmp_path / f"out{len(options)}"
        assert cli("grade", answers, "--dataset", "mini", "--output", folder, *options).status == 0
        line = json.loads((folder / "judgements.jsonl").read_text())
        assert line["verdict"] == "wrong_answer"
        assert (len(line["tests"]) == line["tests_total"]) is whole


def test_run_accepted(cli, program):
    ended = run(cli, program(RIGHT))
    assert ended.status == 0
    assert ended.err == ""
    lines = ended.out.splitlines()
    assert lines[0] == "mini_countdown: Countdown (atcoder, easy)"
    assert lines[-1].startswith("Accepted: ")
    document = json.loads(run(cli, program(RIGHT), "--json").out)
    assert document["first_failure"] is None
    assert document["passed"] is True
    assert len(document["tests"]) == document["tests_total"] > 1


def test_run_from_standard_input(cli, monkeypatch):
    monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(RIGHT.encode())))
    assert run(cli, "-").status == 0


def test_run_shows_what_went_wrong_first_and_nothing_that_acts_on_a_terminal(cli, program):
    hostile = (
        "import sys\nprint('\\x1b]0;owned\\x07[red]x', '\\u202e')\nprint('\\x1b[2Jhelp', file=sys.stderr)\nexit(3)"
    )
    ended = run(cli, program(hostile))
    assert ended.status == 1
    assert "First failure at test 0: " in ended.out
    assert r"\x1b]0;owned\x07[red]x" in ended.out
    assert r"\x1b[2Jhelp" in ended.out
    assert not any(char in ended.out for char in "\x1b\x07\u202e")

    document = json.loads(run(cli, program(hostile), "--json", "--first-failure").out)
    failure = document["first_failure"]
    assert list(failure) == ["index", "verdict", "reason", "input", "expected", "output", "stderr"]
    assert (failure["index"], failure["verdict"]) == (0, "wrong_answer")
    assert failure["input"] == "6\n"
    assert failure["expected"].startswith("6\n5 check\n")
    assert failure["output"].startswith(r"\x1b]0;owned\x07[red]x \u202e")
    assert failure["stderr"] == "\\x1b[2Jhelp\n"
    assert len(document["tests"]) == 1


@pytest.mark.parametrize(
    ("code", "verdict", "shown"),
    [
        ("def f(:", "compile_error", "SyntaxError"),
        (" \n", "no_code", "there is no program"),
        ("1 / 0", "runtime_error", "ZeroDivisionError"),
        ("while True: pass", "time_limit", "CPU time"),
    ],
)
def test_run_says_why(cli, program, code, verdict, shown):
    ended = run(cli, program(code), "--time-limit", "0.5", "--first-failure")
    assert ended.status == 1
    assert shown in ended.out
    document = json.loads(run(cli, program(code), "--time-limit", "0.5", "--first-failure", "--json").out)
    assert (document["verdict"], document["first_failure"]["verdict"]) == (verdict, verdict)


def test_doctor_finds_that_judging_works_here(cli):
    ended = cli("doctor")
    assert (ended.status, ended.err) == (0, "")
    assert ended.out.splitlines()[-1] == "The local backend works."
    document = json.loads(cli("doctor", "--json").out)
    assert document["works"] is True
    checks = {check["name"]: check["health"] for check in document["checks"]}
    assert checks["platform"] == checks["Python"] == checks["local backend"] == "ok"
    assert checks["jail: no_network"] == "ok"
