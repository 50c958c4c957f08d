"""Why gradings differ: causes, pairs, the counts of a run of two gradings, and what is near a limit."""

from __future__ import annotations

import io
import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lcb_ray.agent.protocol import ExecutionResult, Limits, Outcome, Usage
from livecodebench.errors import InputError
from livecodebench.judging.gradings import BOTH, GRADINGS, OFFICIAL, STANDARD, gradings_of, rules_of
from livecodebench.judging.near_limit import near_limit
from livecodebench.judging.official.causes import CAUSES, cause_of
from livecodebench.judging.official.cheats import reads_grader
from livecodebench.judging.official.replay import Graded
from livecodebench.report.table import print_summary
from livecodebench.results.disagreement import Disagreements, reason_of
from livecodebench.results.plan import Plan, ProblemFacts
from livecodebench.results.record import Record, parse_line, record_of
from livecodebench.results.tallies import Tallies, errors_in
from livecodebench.verdict import Judgement, OfficialResult, TestVerdict, Verdict

ACCEPTED, WRONG, SLOW = Verdict.ACCEPTED, Verdict.WRONG_ANSWER, Verdict.TIME_LIMIT


def graded(results=(-2,), metadata=None, *, tests=0, slow=False, accepted_by=""):
    return Graded(
        results=results,
        metadata={"error_code": -2, "output": "", "expected": "1"} if metadata is None else metadata,
        tests=(None,) * tests,
        failed=None,
        slow=slow,
        uncompiled=False,
        cheats=(),
        execution=ExecutionResult(index=0, outcome=Outcome.EXITED),
        tests_total=2,
        accepted_by=accepted_by,
    )


def failing(error, *, tests=0):
    return graded((-4,), {"error": error, "error_code": -4, "error_message": "Runtime Error"}, tests=tests)


def broken_off(message):
    return graded((-4,), {"error_code": -4, "error_message": f"Error during testing: {message}"})


@pytest.mark.parametrize(
    ("code", "given", "cause"),
    [
        ("print(1)", graded((True,)), ""),
        ("print(1)\nreturn", graded((True,)), "module global"),
        ("n = 0\nclass Solution:\n    def f(self):\n        global n", graded((True,)), "shared state"),
        ("while True: pass", graded((-3,), slow=True), "time"),
        ("import os", graded((-2,), {"error_code": -5}), "ended process"),
        ("print(0.5)", graded(accepted_by="tolerance"), "float's last digit"),
        ("print(2, 1)", graded(accepted_by="any_order"), "checker"),
        ("def f(): pass", graded((True, False), tests=1), "shared state"),
        ("def f(): pass", graded((False,)), ""),
        ("t = threading.Thread(target=main)\nt.start()", graded(), "unjoined thread"),
        ("if __name__ == '__main__':\n    main()\nx = 1", graded(), "main guard"),
        ("if '__main__' == __name__:\n    main()", graded(), "main guard"),
        ("if __name__ == '__main__':\n    main()\n# a comment", graded(), ""),
        ("n = input()\nprint(sys.stdin.read())", graded(), "stdin mock"),
        ("print(open(0).read())", graded(), "stdin mock"),
        ("for line in sys.stdin: pass", failing("TypeError(\"'MockStdinWithBuffer' object\")"), "stdin mock"),
        ("sys.stdin.buffer.readlines()", failing("AttributeError(\"'MockBuffer' object\")"), "stdin mock"),
        ("os.write(1, b'1')", graded(), "stdout mock"),
        (
            "sys.stdout.buffer.write(b'1')",
            failing("AttributeError(\"'_io.StringIO' object has no attribute 'buffer'\")"),
            "stdout mock",
        ),
        (
            "sys.stdin.buffer.read()",
            failing("AttributeError(\"'_io.StringIO' object has no attribute 'buffer'\")"),
            "stdin mock",
        ),
        ("def f():\n    global x", failing("NameError(\"name 'x' is not defined\")"), "module global"),
        ("quit()", failing("TypeError(\"'NoneType' object is not callable\")"), "taken away"),
        ("x = None\nx()", failing("TypeError(\"'NoneType' object is not callable\")"), ""),
        ("x = [0] * 10**10", failing("MemoryError()"), "memory"),
        ("print(1)", broken_off("from __future__ imports must occur"), "module global"),
        ("import resource", broken_off("import of resource halted; None in sys.modules"), "taken away"),
        ("print(2)", graded(), ""),
    ],
)  # fmt: skip
def test_causes(code, given, cause):
    assert cause_of(code, given) == cause
    assert cause in (*CAUSES, "")


@given(st.text(max_size=200))
def test_any_program_has_a_cause(code):
    assert cause_of(code, graded()) in (*CAUSES, "")
    assert reads_grader(code) in (True, False)


@pytest.mark.parametrize(
    ("code", "looks"),
    [
        ("f = sys._getframe()\nf.f_locals['gt_out']", True),
        ("import lcb_runner.evaluation.testing_util", True),
        ("import gc\n[o for o in gc.get_objects() if 'outputs' in o]", True),
        ("gt_out = 1", False),
        ("sys.setprofile(None)", False),
        ("if __name__ == '__main__':\n    print(sample)", False),
    ],
)
def test_programs_that_look_for_the_grader(code, looks):
    assert reads_grader(code) is looks


def record(grading, verdict, *, sample=0, **fields):
    return Record("m", "p", sample, grading, verdict, **fields)


@pytest.mark.parametrize(
    ("standard", "official", "reason"),
    [
        (record(STANDARD, ACCEPTED), record(OFFICIAL, ACCEPTED), None),
        (record(STANDARD, WRONG), record(OFFICIAL, SLOW), None),
        (record(STANDARD, None), record(OFFICIAL, ACCEPTED), None),
        (record(STANDARD, ACCEPTED), record(OFFICIAL, WRONG, cause="stdin mock"), "stdin mock"),
        (record(STANDARD, ACCEPTED), record(OFFICIAL, WRONG), "other"),
        (record(STANDARD, SLOW), record(OFFICIAL, ACCEPTED), "time"),
        (record(STANDARD, Verdict.MEMORY_LIMIT), record(OFFICIAL, ACCEPTED), "memory"),
        (record(STANDARD, Verdict.COMPILE_ERROR), record(OFFICIAL, ACCEPTED, cause="module global"), "module global"),
        (record(STANDARD, ACCEPTED), record(OFFICIAL, SLOW, cause="time", cheat=True), "cheat"),
    ],
)
def test_reasons(standard, official, reason):
    assert reason_of(standard, official) == reason
    pairs = Disagreements(STANDARD, OFFICIAL)
    for one in (official, standard):
        pairs.add(one)
    assert [found[2] for found in pairs.found] == ([] if reason is None else [reason])


def test_a_judgement_of_the_same_grading_again_is_no_pair():
    pairs = Disagreements(STANDARD, OFFICIAL)
    pairs.add(record(STANDARD, WRONG))
    pairs.add(record(STANDARD, ACCEPTED))
    pairs.add(record(OFFICIAL, WRONG))
    assert (pairs.compared, len(pairs.found)) == (1, 1)


PLAN = Plan(1, {"p": ProblemFacts("easy", "atcoder", "2024-01")}, {"m": {"p": 3}})


def tallied(*records):
    tallies = Tallies((STANDARD, OFFICIAL))
    for one in records:
        assert tallies.add(one)
    return tallies.summary(PLAN, dataset={"name": "d", "revision": None, "filters": {}}, sandbox=None)


def test_the_summary_of_two_gradings():
    summary = tallied(
        record(STANDARD, ACCEPTED),
        record(OFFICIAL, WRONG, cause="stdin mock", near_limit=True),
        record(STANDARD, WRONG, sample=1),
        record(OFFICIAL, SLOW, sample=1, cheat=True),
        record(OFFICIAL, ACCEPTED, sample=2),
        record(STANDARD, ACCEPTED, sample=2),
    )
    assert (summary["grading"], summary["passed"], summary["complete"]) == (STANDARD, 2, True)
    assert summary["gradings"][STANDARD]["passed"] == 2
    assert "cheats" not in summary["gradings"][STANDARD]
    official = summary["gradings"][OFFICIAL]
    assert (official["passed"], official["cheats"], official["near_limit"]) == (1, 1, 1)
    assert summary["disagreements"] == {
        "compared": 3,
        "differing": 1,
        "by_reason": {"stdin mock": {"accepted_by_standard": 1, "accepted_by_official": 0}},
        "submissions": [
            {
                "model": "m",
                "question_id": "p",
                "sample": 0,
                "standard": "accepted",
                "official": "wrong_answer",
                "reason": "stdin mock",
            }
        ],
    }
    assert errors_in(summary) == 0
    file = io.StringIO()
    print_summary(summary, file=file)
    printed = file.getvalue()
    for words in (
        "Score, standard",
        "Score, official",
        "stdin mock",
        "differ on 1 of 3",
        "1 program would have deceived",
    ):
        assert words in printed


def test_a_summary_is_complete_only_where_both_gradings_are():
    summary = tallied(
        record(STANDARD, ACCEPTED), record(STANDARD, ACCEPTED, sample=1), record(STANDARD, ACCEPTED, sample=2)
    )
    assert not summary["complete"]
    assert errors_in(tallied(record(STANDARD, ACCEPTED), record(OFFICIAL, None))) == 1


def test_a_grading_that_the_run_does_not_have_is_passed_over():
    assert not Tallies((STANDARD,)).add(record(OFFICIAL, ACCEPTED))


def judgement(**fields):
    values = {
        "model": "m",
        "question_id": "p",
        "sample": 0,
        "grading": OFFICIAL,
        "verdict": SLOW,
        "error": None,
        "tests_total": 1,
    }
    return Judgement(**(values | fields))


def test_an_official_line_is_read_back():
    official = OfficialResult(results=(True, -3), metadata={"error_code": -3}, cheats=("time",), cause="time")
    one = judgement(official=official, near_limit=True)
    line = one.as_json()
    assert line["official_results"] == [True, -3]
    assert line["official_metadata"] == {"error_code": -3}
    assert (line["cheat"], line["cheat_traces"], line["cause"], line["near_limit"]) == (True, ["time"], "time", True)
    assert (
        parse_line(json.dumps(line).encode())[0]
        == record_of(one)
        == record(OFFICIAL, SLOW, near_limit=True, cheat=True, cause="time")
    )
    plain = judgement(official=OfficialResult(results=(True,), metadata={}), verdict=ACCEPTED).as_json()
    assert "cheat" not in plain
    assert "cause" not in plain


@pytest.mark.parametrize("value", [1, None, ["x"], {"a": 1}])
def test_a_line_with_a_cause_that_is_no_text(value):
    line = judgement(verdict=ACCEPTED).as_json() | {"cause": value, "cheat": "yes", "near_limit": 1}
    assert parse_line(json.dumps(line).encode())[0] == record(OFFICIAL, ACCEPTED)


@pytest.mark.parametrize(
    ("cpu_s", "rss", "verdict", "near"),
    [
        (4.7, 0, ACCEPTED, False),
        (4.81, 0, ACCEPTED, True),
        (7.19, 0, WRONG, True),
        (7.3, 0, WRONG, False),
        (0.0, 0, SLOW, True),
        (0.0, 0, Verdict.MEMORY_LIMIT, True),
        (0.0, 900, WRONG, True),
        (0.0, 700, WRONG, False),
    ],
)
def test_near_a_limit(cpu_s, rss, verdict, near):
    test = TestVerdict(0, verdict, Outcome.EXITED, 0, None, Usage(cpu_s=cpu_s, max_rss_bytes=rss))
    assert near_limit([test], Limits(cpu_s=6.0, memory_bytes=1000)) is near


def test_names_of_gradings():
    assert gradings_of(BOTH) == (STANDARD, OFFICIAL)
    assert [gradings_of(name) for name in GRADINGS if name != BOTH] == [(name,) for name in GRADINGS if name != BOTH]
    for name in ("", "Official", "strict"):
        with pytest.raises(InputError, match="choose one of standard, official, official-2025-01, both"):
            gradings_of(name)
    with pytest.raises(InputError, match="choose one of standard, official, official-2025-01"):
        rules_of(BOTH, limits=Limits())
