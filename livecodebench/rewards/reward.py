"""From a judgement to a number: all or nothing, or a part; the same for every difficulty, or not."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass

from livecodebench.errors import InputError, quoted
from livecodebench.problem import Difficulty
from livecodebench.verdict import Judgement, TestVerdict, Verdict

PASSED = "passed"
FRACTION = "fraction"
KINDS = (PASSED, FRACTION)

Weights = Mapping[str, float]
"""By difficulty; one that is not named weighs 1."""


@dataclass(frozen=True, slots=True)
class Reward:
    """How a judgement is rewarded.

    Attributes:
        kind: "passed": 1 where every test passed, else 0. "fraction": the part of the tests that passed.
        weights: Pairs of a difficulty and what its rewards are multiplied by, sorted; 1 for those not named.
    """

    kind: str = PASSED
    weights: tuple[tuple[str, float], ...] = ()

    def of(self, judgement: Judgement, difficulty: Difficulty) -> float:
        """The reward, 0 to the weight of the difficulty.

        Raises ValueError where there is no verdict: a failure of the infrastructure has no reward.
        """
        if judgement.verdict is None:
            raise ValueError(f"{judgement.question_id}: a judgement without a verdict has no reward")
        earned = float(judgement.verdict is Verdict.ACCEPTED) if self.kind == PASSED else passed_part(judgement)
        return earned * dict(self.weights).get(difficulty, 1.0)


def passed_part(judgement: Judgement) -> float:
    """The passed part of all tests, 0 to 1. Where testing stopped at the first failure: how far the program came."""
    return part_of(sum(map(_accepted, judgement.tests)), judgement.tests_total, whole=judgement.passed)


def part_of(passed: int, total: int, *, whole: bool | None) -> float:
    """A part of tests; where a problem has none, all or nothing."""
    return passed / total if total else float(bool(whole))


def reward_of(kind: str, weights: Weights | None = None, *, all_tests: bool) -> Reward:
    """Check what a user asks for.

    Args:
        kind: One of KINDS.
        weights: By difficulty, more than 0.
        all_tests: Whether a wrong program's remaining tests run too.

    Raises:
        InputError: There is no such reward, a weight is none, or "fraction" is asked for without all tests.
    """
    if kind not in KINDS:
        raise InputError(f"reward: {quoted(str(kind))} is unknown: choose one of {', '.join(KINDS)}")
    if kind == FRACTION and not all_tests:
        raise InputError(
            'reward="fraction" needs all_tests=True: testing stops at the first failure otherwise, and what comes after'
            " it would count as failed"
        )
    if weights is not None and not isinstance(weights, Mapping):
        raise InputError(
            f"difficulty_weights: must be a mapping like {{'hard': 2.0}}, is of type {type(weights).__name__}"
        )
    return Reward(kind, tuple(sorted((str(name), _weight(name, value)) for name, value in (weights or {}).items())))


def _weight(name: object, value: object) -> float:
    if name not in tuple(Difficulty):
        raise InputError(f"difficulty_weights: {quoted(str(name))} is none of {', '.join(Difficulty)}")
    number = value if isinstance(value, (int, float)) and not isinstance(value, bool) else math.nan
    if not (math.isfinite(number) and number > 0):
        raise InputError(
            f"difficulty_weights: {name}: must be a number above 0, is {quoted(str(value))}: to leave problems out,"
            " name the others in `difficulty`"
        )
    return float(number)


def _accepted(test: TestVerdict) -> bool:
    return test.verdict is Verdict.ACCEPTED
