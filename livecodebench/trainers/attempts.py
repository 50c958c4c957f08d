"""What a trainer gets where the infrastructure fails: another attempt, then a documented number.

The trainers here call a reward function in the middle of a training step, and have no word for "no reward": an
exception ends the step, and mostly the run with it. So faults become a number here, and nowhere else, with a flag
beside it. A mistake of the user's (an unknown problem, a wrong option) is raised.
"""

from __future__ import annotations

import asyncio
import logging
import math
from dataclasses import dataclass

from livecodebench.errors import InputError
from livecodebench.rewards.reward import passed_part
from livecodebench.rewards.scorer import Score, Scorer
from livecodebench.verdict import Judgement

_log = logging.getLogger("livecodebench.trainers")


@dataclass(frozen=True, slots=True, kw_only=True)
class FaultPolicy:
    """What is done about a failure of the infrastructure.

    Attributes:
        retries: How often an answer is judged again. (Each time the pool itself tries three sandboxes.)
        mask_value: The reward in the end, beside infra_error = 1.

    Raises InputError where one of them cannot be.
    """

    retries: int = 1
    mask_value: float = 0.0

    def __post_init__(self) -> None:
        if isinstance(self.retries, bool) or not isinstance(self.retries, int) or self.retries < 0:
            raise InputError(f"retries: must be a whole number, 0 or more, is {self.retries!r}")
        if isinstance(self.mask_value, bool) or not isinstance(self.mask_value, (int, float)):
            raise InputError(f"mask_value: must be a number, is {self.mask_value!r}")
        if not math.isfinite(self.mask_value):
            raise InputError(f"mask_value: must be finite, is {self.mask_value}: it would spoil its batch")


async def attempted(scorer: Scorer, question_id: str, completion: str, policy: FaultPolicy) -> Score:
    """Score an answer, again where the infrastructure fails. The last score may have no reward.

    Raises InputError where there is no such problem, or no such dataset.
    """
    score = await scorer.score(question_id, completion)
    for _ in range(policy.retries):
        if score.reward is not None:
            break
        score = await scorer.score(question_id, completion)
    return _told(score)


def attempted_now(scorer: Scorer, question_id: str, completion: str, policy: FaultPolicy) -> Score:
    """The same for callers without an event loop."""
    score = scorer.score_now(question_id, completion)
    for _ in range(policy.retries):
        if score.reward is not None:
            break
        score = scorer.score_now(question_id, completion)
    return _told(score)


async def attempted_all(scorer: Scorer, answers: list[tuple[str, str]], policy: FaultPolicy) -> list[Score]:
    """Score many (question_id, completion) at once, in their order."""
    return await asyncio.gather(*(attempted(scorer, name, text, policy) for name, text in answers))


def metrics_of(judgement: Judgement) -> dict[str, float]:
    """Numbers to log: always the same keys, as trainers stack them."""
    failed = judgement.verdict is None
    return {
        "acc": float(bool(judgement.passed)),
        "tests_passed": 0.0 if failed else passed_part(judgement),
        "cpu_seconds": float(sum(test.usage.cpu_s for test in judgement.tests)),
        "infra_error": float(failed),
    }


def _told(score: Score) -> Score:
    error = score.judgement.error
    if error is not None:
        _log.error("%s: no reward: %s: %s", score.judgement.question_id, error.type, error.message)
    return score
