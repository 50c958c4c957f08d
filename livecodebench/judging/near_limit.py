"""Which verdicts another machine might not repeat: those of tests that came near a limit."""

from __future__ import annotations

from collections.abc import Iterable

from lcb_ray.agent.protocol import Limits
from livecodebench.verdict import TestVerdict, Verdict

NEAR = 0.2  # of the limit, on either side


def near_limit(tests: Iterable[TestVerdict], limits: Limits) -> bool:
    """Whether a test used 80 to 120 % of the time or the memory that it may.

    One that was ended at a limit has used all of it, whatever it would have used: it counts as near.
    """
    return any(_near(test, limits) for test in tests)


def _near(test: TestVerdict, limits: Limits) -> bool:
    if test.verdict in (Verdict.TIME_LIMIT, Verdict.MEMORY_LIMIT):
        return True
    return any(
        (1 - NEAR) * limit <= used <= (1 + NEAR) * limit
        for used, limit in (
            (test.usage.cpu_s, limits.cpu_s),
            (test.usage.max_rss_bytes, limits.memory_bytes),
        )
    )
