"""Our scores against what the official script printed for the stored submissions, to the last digit."""

import gzip
import json
import re
from datetime import datetime

import pytest

from livecodebench.dataset.filters import parse_filters
from livecodebench.problem import Difficulty, Platform, Problem
from livecodebench.results.plan import Plan
from livecodebench.results.record import Record
from livecodebench.results.summary import Tally, pass_at_k, summarise
from livecodebench.verdict import Verdict

pytestmark = pytest.mark.parity

MODELS = {
    "o1mini": "O1-Mini-2024-09-12",
    "o1preview": "O1-Preview-2024-09-12",
    "qwen_evalall": "Qwen2.5-Ins-7B",
    "qwen": "Qwen2.5-Ins-7B",
}


@pytest.fixture(scope="module")
def rows(corpus):
    with gzip.open(corpus / "official_verdicts.jsonl.gz", "rt") as file:
        return [json.loads(line) for line in file]


def golden(corpus, name):
    return json.loads((corpus / name).read_text())


def problem_of(row):
    return Problem(
        question_id=row["question_id"],
        title="",
        content="",
        platform=Platform(row["platform"]),
        difficulty=Difficulty(row["difficulty"]),
        contest_id="",
        contest_date=datetime.fromisoformat(row["contest_date"]),
        starter_code="",
        func_name=None,
        public_tests=(),
        private_tests=tuple,
    )


def summary_of(rows, model, wanted=lambda problem: True):
    problems = {}
    tally = Tally()
    for row in rows:
        problem = problem_of(row)
        if model not in row["graded"] or not wanted(problem):
            continue
        problems[problem.question_id] = problem
        for sample, passed in enumerate(row["graded"][model]):
            verdict = Verdict.ACCEPTED if passed else Verdict.WRONG_ANSWER
            tally.add(Record(model, problem.question_id, sample, "standard", verdict))
    plan = Plan.of([(model, question_id) for question_id in problems], problems)
    return summarise(plan, tally, dataset={}, sandbox=None)


def printed(case):
    """What the official script printed last: pass@1 of all and by difficulty."""
    return {name or "All": value for name, value in re.findall(r"^(\w*) ?Pass@1: (.*)$", case["stdout"], re.MULTILINE)}


def test_every_score_to_the_last_digit(corpus, rows):
    cases = golden(corpus, "golden_scores.json")
    assert len(cases) == 18
    for case in cases:
        filters = parse_filters(start_date=case["start_date"], platform=case["platform"])
        end = case["end_date"] and datetime.fromisoformat(case["end_date"])

        def wanted(problem, filters=filters, end=end):
            # The official window ends as the last day begins; ours has all of that day. See the next test.
            return filters.accepts(problem) and (end is None or problem.contest_date <= end)

        found = summary_of(rows, MODELS[case["file"]], wanted)
        ours = {"All": found["pass@1"]} | {
            name.capitalize(): block["pass@1"] for name, block in found["by"]["difficulty"].items()
        }
        assert {name: repr(value) for name, value in ours.items()} == printed(case)
        assert found["problems"] == int(case["stdout"].split(maxsplit=1)[0])


def test_the_last_day_is_included_where_the_official_window_cuts_it(rows):
    filters = parse_filters(start_date="2024-10-01", end_date="2025-01-04")
    model = MODELS["qwen"]
    ours = summary_of(rows, model, filters.accepts)
    end = datetime(2025, 1, 4)
    official = summary_of(rows, model, lambda problem: filters.accepts(problem) and problem.contest_date <= end)
    cut = [
        row for row in rows if row["contest_date"].startswith("2025-01-04T") and row["contest_date"] > end.isoformat()
    ]
    assert ours["problems"] - official["problems"] == len(cut) > 0


def test_every_month(corpus, rows):
    months = golden(corpus, "golden_monthly.json")
    for name, expected in months.items():
        found = summary_of(rows, MODELS[name])["by"]["month"]
        assert {month: [block["problems"], block["pass@1"]] for month, block in found.items()} == {
            month: [total, right / total] for month, (right, total) in expected.items()
        }


def test_pass_at_k_where_there_is_one(corpus):
    cases = golden(corpus, "golden_pass_at_k.json")
    defined = [case for case in cases if case["n"] >= case["k"]]
    assert 0 < len(defined) < len(cases)
    for case in defined:
        ours = float(pass_at_k(case["n"], case["c"], case["k"]))
        # The official script multiplies in floating point: its last digits are off where ours are exact.
        assert ours == pytest.approx(case["v"], rel=1e-12, abs=1e-12)


def test_pass_at_k_beyond_n_is_one_officially_and_nothing_here(corpus):
    beyond = [case for case in golden(corpus, "golden_pass_at_k.json") if case["n"] < case["k"]]
    assert {case["v"] for case in beyond if case["c"] == 0} == {1.0}
    for case in beyond:
        with pytest.raises(ValueError, match="needs"):
            pass_at_k(case["n"], case["c"], case["k"])
