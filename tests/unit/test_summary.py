import random
from itertools import combinations
from statistics import fmean

import pytest
from hypothesis import given
from hypothesis import strategies as st

from livecodebench.results.interval import wilson
from livecodebench.results.plan import Plan, ProblemFacts
from livecodebench.results.record import Record
from livecodebench.results.summary import STANDARD_K, Tally, pass_at_k, summarise
from livecodebench.verdict import Verdict

AC, WA = Verdict.ACCEPTED, Verdict.WRONG_ANSWER

FACTS = {
    "p1": ProblemFacts("easy", "leetcode", "2024-01"),
    "p2": ProblemFacts("hard", "atcoder", "2024-02"),
    "p3": ProblemFacts("medium", "atcoder", "2024-02"),
}


def summary(verdicts, *, missing=0, pending=None):
    """`verdicts`: (model, question_id) -> verdicts, None for an error; `pending`: samples not judged yet."""
    pending = pending or {}
    samples = {}
    tally = Tally()
    for (model, question_id), row in verdicts.items():
        samples.setdefault(model, {})[question_id] = len(row) + pending.get((model, question_id), 0)
        for sample, verdict in enumerate(row):
            tally.add(Record(model, question_id, sample, "standard", verdict))
    asked = sorted({question_id for of_model in samples.values() for question_id in of_model})
    plan = Plan(len(asked) + missing, {question_id: FACTS[question_id] for question_id in asked}, samples)
    dataset = {"name": "mini", "revision": "sha256:0", "filters": {}}
    return summarise(plan, tally, dataset=dataset, sandbox={"backend": "local"})


def score(rate: float, problems: int) -> dict[str, object]:
    """A known pass@1, with its interval."""
    return {"pass@1": rate, "pass@1_ci95": wilson(rate, problems)}


def test_the_whole_document_of_a_small_run():
    found = summary({("m", "p1"): [AC, AC], ("m", "p2"): [WA, AC], ("m", "p3"): [Verdict.TIME_LIMIT, WA]}, missing=2)

    expected_block = {
        "problems": 3,
        "problems_missing": 2,
        "submissions": 6,
        "judged": 6,
        "errors": 0,
        "passed": 3,
        "verdicts": {
            "accepted": 3,
            "wrong_answer": 2,
            "time_limit": 1,
            "memory_limit": 0,
            "output_limit": 0,
            "runtime_error": 0,
            "compile_error": 0,
            "no_code": 0,
        },
        "near_limit": 0,
        **score(0.5, 3),
        "by": {
            "difficulty": {
                "easy": {"problems": 1, "submissions": 2, "errors": 0, **score(1.0, 1)},
                "medium": {"problems": 1, "submissions": 2, "errors": 0, **score(0.0, 1)},
                "hard": {"problems": 1, "submissions": 2, "errors": 0, **score(0.5, 1)},
            },
            "platform": {
                "atcoder": {"problems": 2, "submissions": 4, "errors": 0, **score(0.25, 2)},
                "leetcode": {"problems": 1, "submissions": 2, "errors": 0, **score(1.0, 1)},
            },
            "month": {
                "2024-01": {"problems": 1, "submissions": 2, "errors": 0, **score(1.0, 1)},
                "2024-02": {"problems": 2, "submissions": 4, "errors": 0, **score(0.25, 2)},
            },
        },
    }
    assert found == {
        "schema": 1,
        "grading": "standard",
        "dataset": {"name": "mini", "revision": "sha256:0", "filters": {}, "problems": 5},
        **expected_block,
        "models": {"m": expected_block},
        "sandbox": {"backend": "local"},
        "complete": True,
    }
    assert list(found["by"]["difficulty"]) == ["easy", "medium", "hard"]


def test_pass_at_1_is_the_mean_over_problems_not_over_submissions():
    assert summary({("m", "p1"): [AC], ("m", "p2"): [WA, WA, WA]})["pass@1"] == 0.5


def test_an_error_is_not_a_wrong_answer():
    found = summary({("m", "p1"): [AC, None], ("m", "p2"): [WA, WA]})

    assert found["pass@1"] is None
    assert found["pass@1_range"] == [0.25, 0.5]
    assert (found["judged"], found["errors"], found["passed"], found["complete"]) == (3, 1, 1, False)
    assert found["by"]["difficulty"]["easy"] == {
        "problems": 1,
        "submissions": 2,
        "errors": 1,
        "pass@1": None,
        "pass@1_range": [0.5, 1.0],
    }
    assert found["by"]["difficulty"]["hard"]["pass@1"] == 0.0


def test_a_submission_that_waits_is_not_a_wrong_answer_either():
    found = summary({("m", "p1"): [AC], ("m", "p2"): [WA]}, pending={("m", "p2"): 1})

    assert found["pass@1"] is None
    assert found["pass@1_range"] == [0.5, 0.75]
    assert (found["submissions"], found["judged"], found["errors"], found["complete"]) == (3, 2, 0, False)


def test_nothing_judged_yet():
    found = summary({("m", "p1"): []}, pending={("m", "p1"): 2})

    assert found["pass@1_range"] == [0.0, 1.0]
    assert found["complete"] is False


def test_pass_at_k_only_where_every_problem_has_k_samples():
    five = [AC, WA, WA, WA, WA]
    assert summary({("m", "p1"): five, ("m", "p2"): [WA] * 5})["pass@5"] == 0.5
    assert "pass@5" not in summary({("m", "p1"): five, ("m", "p2"): [WA] * 4})
    assert summary({("m", "p1"): [AC, None, WA, WA, WA]})["pass@5"] is None


def test_models_are_never_mixed():
    found = summary({("a", "p1"): [AC], (None, "p1"): [WA], (None, "p2"): [AC]}, missing=1)

    assert found["pass@1"] is None
    assert "pass@1_range" not in found
    assert found["by"]["difficulty"]["easy"]["pass@1"] is None
    assert (found["problems"], found["problems_missing"], found["submissions"]) == (2, 1, 3)
    assert found["models"]["a"]["pass@1"] == 1.0
    assert found["models"]["a"]["problems_missing"] == 2
    assert found["models"]["null"]["pass@1"] == 0.5
    assert found["complete"] is True


def test_a_record_of_another_grading_does_not_count():
    tally = Tally(grading="standard")
    tally.add(Record("m", "p1", 0, "official", AC))
    assert tally.judged == 0


def test_the_estimate_is_the_share_of_subsets_with_a_right_sample():
    for n in range(1, 8):
        for c in range(n + 1):
            for k in range(1, n + 1):
                subsets = list(combinations([True] * c + [False] * (n - c), k))
                assert float(pass_at_k(n, c, k)) == fmean(any(subset) for subset in subsets)


@pytest.mark.parametrize(("n", "c", "k"), [(1, 0, 5), (3, 4, 1), (3, -1, 1), (3, 1, 0)])
def test_the_estimate_is_not_made_up_where_there_is_none(n, c, k):
    with pytest.raises(ValueError, match="needs 0 <= c"):
        pass_at_k(n, c, k)


@given(st.lists(st.sampled_from([AC, WA, None]), min_size=1, max_size=40), st.randoms(use_true_random=False))
def test_the_order_of_judgements_changes_nothing(row, chance: random.Random):
    records = [Record("m", "p1", sample, "standard", verdict) for sample, verdict in enumerate(row)]
    plan = Plan(1, {"p1": FACTS["p1"]}, {"m": {"p1": len(row)}})
    documents = []
    for _ in range(2):
        tally = Tally()
        for record in records:
            tally.add(record)
        documents.append(summarise(plan, tally, dataset={}, sandbox=None))
        chance.shuffle(records)

    assert documents[0] == documents[1]
    found = documents[0]
    assert found["judged"] + found["errors"] == found["submissions"] == len(row)
    assert sum(found["verdicts"].values()) == found["judged"]
    assert (found["pass@1"] is None) is (None in row)
    assert {k for k in STANDARD_K if f"pass@{k}" in found} == {k for k in STANDARD_K if k <= len(row)}
