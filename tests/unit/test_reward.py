"""From a judgement to a number, and what is refused."""

import math

import pytest

from lcb_ray.agent.protocol import Outcome, Usage
from livecodebench.errors import InputError
from livecodebench.problem import Difficulty
from livecodebench.rewards.reward import Reward, passed_part, reward_of
from livecodebench.verdict import Judgement, JudgementError, TestVerdict, Verdict


def judgement(verdict, *, passed=0, failed=0, total=4, error=None):
    verdicts = [Verdict.ACCEPTED] * passed + [Verdict.WRONG_ANSWER] * failed
    usage = Usage(cpu_s=0.1, wall_s=0.1, max_rss_bytes=1)
    return Judgement(
        model=None,
        question_id="own_a",
        sample=0,
        grading="standard",
        verdict=verdict,
        error=error,
        tests_total=total,
        tests=tuple(
            TestVerdict(index=index, verdict=one, outcome=Outcome.EXITED, exit_code=0, signal=None, usage=usage)
            for index, one in enumerate(verdicts)
        ),
    )


RIGHT = judgement(Verdict.ACCEPTED, passed=4)
HALF = judgement(Verdict.WRONG_ANSWER, passed=2, failed=2)


@pytest.mark.parametrize(
    ("kind", "given", "expected"),
    [
        ("passed", RIGHT, 1.0),
        ("passed", HALF, 0.0),
        ("fraction", RIGHT, 1.0),
        ("fraction", HALF, 0.5),
        ("fraction", judgement(Verdict.COMPILE_ERROR), 0.0),
        ("fraction", judgement(Verdict.ACCEPTED, total=0), 1.0),
        ("fraction", judgement(Verdict.NO_CODE, total=0), 0.0),
    ],
)
def test_kinds(kind, given, expected):
    assert reward_of(kind, all_tests=True).of(given, Difficulty.HARD) == expected


def test_weights_multiply_and_one_that_is_not_named_is_1():
    reward = reward_of("fraction", {"hard": 3, "easy": 0.5}, all_tests=True)
    assert [reward.of(HALF, difficulty) for difficulty in Difficulty] == [0.25, 0.5, 1.5]


def test_the_default_is_all_or_nothing():
    assert Reward() == reward_of("passed", None, all_tests=False) == reward_of("passed", {}, all_tests=True)


def test_a_fault_has_no_reward():
    fault = judgement(None, error=JudgementError("SandboxLost", "gone", 3))
    with pytest.raises(ValueError, match="own_a: a judgement without a verdict"):
        Reward().of(fault, Difficulty.EASY)


def test_the_part_counts_tests_that_did_not_run_as_failed():
    assert passed_part(judgement(Verdict.WRONG_ANSWER, passed=1, failed=1)) == 0.25


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ({"kind": "some"}, "reward: .*some.* choose one of passed, fraction"),
        ({"kind": "fraction", "all_tests": False}, "needs all_tests=True"),
        ({"weights": {"harder": 2}}, "difficulty_weights: .*harder.* none of easy, medium, hard"),
        ({"weights": {"hard": 0}}, "hard: must be a number above 0"),
        ({"weights": {"hard": -1}}, "hard: must be a number above 0"),
        ({"weights": {"hard": math.nan}}, "hard: must be a number above 0"),
        ({"weights": {"hard": math.inf}}, "hard: must be a number above 0"),
        ({"weights": {"hard": "2"}}, "hard: must be a number above 0"),
        ({"weights": {"hard": True}}, "hard: must be a number above 0"),
        ({"weights": [("hard", 2)]}, "must be a mapping"),
    ],
)
def test_what_cannot_be_is_refused(arguments, message):
    with pytest.raises(InputError, match=message):
        reward_of(**({"kind": "passed", "all_tests": True} | arguments))
