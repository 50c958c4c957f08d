"""The official gradings on every recorded peculiarity of the official grader: verdict, result codes and metadata."""

import json
from datetime import datetime

import pytest

from lcb_ray.agent.protocol import Limits
from lcb_ray.local import LocalPool
from livecodebench.judging.gradings import OFFICIAL, OFFICIAL_2025_01
from livecodebench.judging.judge import Judge
from livecodebench.problem import Difficulty, Platform, Problem, TestCase
from livecodebench.submission import Submission

pytestmark = [pytest.mark.parity, pytest.mark.jail]

RECORDED = {OFFICIAL: "official_head", OFFICIAL_2025_01: "official_v5era"}


@pytest.fixture(scope="module")
def pool():
    pool = LocalPool()
    yield pool
    pool.close()


def masked(metadata):
    """Metadata without the time taken; that there was one stays."""
    return {name: "masked" if name == "execution time" else value for name, value in metadata.items()}


def problem_of(quirk):
    tests = tuple(TestCase(*pair) for pair in zip(quirk["inputs"], quirk["outputs"], strict=True))
    return Problem(
        question_id=quirk["id"],
        title="",
        content="",
        platform=Platform.ATCODER,
        difficulty=Difficulty.EASY,
        contest_id="",
        contest_date=datetime(2024, 1, 1),
        starter_code="",
        func_name=quirk["fn_name"],
        public_tests=tests[:1],
        private_tests=lambda: tests[1:],
    )


@pytest.mark.parametrize("grading", RECORDED)
def test_every_quirk(corpus, pool, grading):
    """Each is a small program on a peculiarity of the grader: 84 of 84, results and metadata."""
    quirks = [json.loads(line) for line in (corpus / "dev" / "quirks.jsonl").read_text().splitlines()]
    assert len(quirks) == 84
    waiting = {}
    for quirk in quirks:
        problems = {quirk["id"]: problem_of(quirk)}
        judge = Judge(pool, problems, grading=grading, limits=Limits(cpu_s=float(quirk["timeout"])))
        waiting[quirk["id"]] = judge.submit(Submission(quirk["id"], quirk["code"]))
    found = {name: future.result() for name, future in waiting.items()}
    assert [name for name, judgement in found.items() if judgement.official.cheats] == []
    recorded = {quirk["id"]: quirk[RECORDED[grading]] for quirk in quirks}
    assert {
        name: (list(judgement.official.results), masked(judgement.official.metadata))
        for name, judgement in found.items()
    } == {name: (one["results"], masked(one["metadata"])) for name, one in recorded.items()}
    assert {name: judgement.passed for name, judgement in found.items()} == {
        name: one["passed"] for name, one in recorded.items()
    }
