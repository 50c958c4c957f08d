from __future__ import annotations

import json
import random

import pytest

from livecodebench.report.evidence import Collected, Evidence, Top, bin_of, seen
from livecodebench.results.record import parse_line, record_of
from livecodebench.verdict import Verdict
from tests.unit.report.samples import AC, CE, TLE, WA, judgement


def gathered(*judgements):
    evidence = Evidence("standard", cpu_s=6.0, memory_bytes=1 << 30)
    for one in judgements:
        evidence.add(record_of(one), one.as_json())
    return evidence


def test_top_keeps_the_first_by_rank_in_order():
    top: Top[int] = Top(5)
    for value in random.Random(1).sample(range(100), 100):
        top.offer((-value,), lambda value=value: value)
    assert top.best() == [99, 98, 97, 96, 95]
    assert top.offered == 100


@pytest.mark.parametrize(("share", "index"), [(0.0, 0), (0.01, 0), (0.011, 1), (1.0, 7), (1.0001, 8), (50.0, 8)])
def test_bins(share, index):
    assert bin_of(share) == index


def test_rankings_and_histograms():
    evidence = gathered(
        judgement("a", 0, AC, cpu_s=5.9),
        judgement("b", 0, AC, cpu_s=1.0, rss=1 << 30),
        judgement("c", 0, TLE, cpu_s=6.1),
        judgement("d", 0, WA, cpu_s=0.01),
        judgement("e", 0, CE, detail="SyntaxError: x"),
        judgement("f", 0, None),
    )
    assert [one.record.question_id for one in evidence.slowest.best()] == ["c", "a", "b", "d"]
    assert [one.record.question_id for one in evidence.nearest.best()] == ["b", "a"]  # accepted ones only
    usage = evidence.usage["standard", "m"]
    assert usage.time == {(7, True): 1, (3, True): 1, (8, False): 1, (0, False): 1}
    assert usage.memory[7, True] == 1
    assert evidence.errors == {"SandboxLost": 1}
    assert evidence.failed.best()[0].error == "SandboxLost: lost (attempts: 3)"
    failures = {verdict: len(top.best()) for verdict, top in evidence.failures.items() if top.best()}
    assert failures == {WA: 1, TLE: 1, CE: 1}
    assert evidence.failures[CE].best()[0].detail == "SyntaxError: x"
    assert evidence.failures[WA].best()[0].failed.reason == "line 1 differs"


def test_another_grading_has_histograms_only():
    evidence = gathered(judgement("a", 0, WA, grading="official"))
    assert ("official", "m") in evidence.usage
    assert evidence.slowest.best() == evidence.failures[WA].best() == []


def test_what_is_kept_is_bounded():
    evidence = gathered(
        *(judgement(f"p{n}", 0, WA) for n in range(300)), *(judgement(f"q{n}", 0, None) for n in range(99))
    )
    assert (len(evidence.slowest.best()), len(evidence.failures[WA].best()), len(evidence.failed.best())) == (20, 5, 20)
    assert evidence.failures[WA].best()[0].record.question_id == "p0"


ODD = [
    {"tests": None},
    {"tests": "abc"},
    {"tests": [None, 3, []]},
    {"tests": [{}]},
    {"tests": [{"cpu_s": "x", "max_rss_bytes": [], "verdict": 4, "index": 1e99, "reason": {}}]},
    {"tests": [{"cpu_s": float("nan"), "max_rss_bytes": float("inf")}]},
    {"tests": [{"cpu_s": 1}, {"cpu_s": "1"}]},
    {"tests": [{"cpu_s": -5, "max_rss_bytes": 10**400, "index": -4, "exit_code": True, "signal": 10**30}]},
    {"detail": 3, "tests_total": "7"},
    {"detail": "x" * 10**6},
]


@pytest.mark.parametrize("fields", ODD)
@pytest.mark.parametrize("verdict", [WA, AC])
def test_a_line_that_was_edited_does_no_harm(fields, verdict):
    line = judgement("a", 0, verdict).as_json() | fields
    record, _ = parse_line(json.dumps(line).encode())
    evidence = Evidence("standard", cpu_s=6.0, memory_bytes=1 << 30)
    evidence.add(record, line)
    shown = seen(record, line)
    assert 0 <= shown.cpu_s <= 1e18
    assert 0 <= shown.max_rss_bytes <= 1e18
    assert len(shown.detail) <= 4000


def test_an_error_that_was_edited():
    line = judgement("a", 0, None).as_json() | {"error": "text"}
    evidence = Evidence("standard", cpu_s=6.0, memory_bytes=1 << 30)
    evidence.add(record_of(judgement("a", 0, None)), line)
    assert evidence.errors == {"unknown": 1}


def test_collected_keeps_what_is_wanted():
    collected = Collected(frozenset({("m", "a", 0)}))
    for one in (judgement("a", 0, WA), judgement("a", 0, AC, grading="official"), judgement("a", 1, WA)):
        collected.add(record_of(one), one.as_json())
    assert set(collected.found) == {(("m", "a", 0), "standard"), (("m", "a", 0), "official")}
    assert collected.found[("m", "a", 0), "official"].record.verdict is Verdict.ACCEPTED
