"""What every backend does when a sandbox fails: try again, a bounded number of times, then raise. Never a verdict."""

from __future__ import annotations

import logging
from collections.abc import Callable
from typing import TypeVar

from lcb_ray.errors import SandboxError, SandboxLost, SandboxOverloaded

MAX_ATTEMPTS = 3  # sandboxes tried for one batch before its failure is raised

T = TypeVar("T")

log = logging.getLogger(__name__)


def retried(attempt: Callable[[int], T], *, key: str = "") -> T:
    """What `attempt` returns.

    Args:
        attempt: Called with 1, and with the next number after each SandboxLost or SandboxOverloaded; whoever fails a
            second time was to run alone, so that what takes its sandbox down is found out by itself.
        key: Names the batch in the log, which has why each attempt failed.

    Raises the last failure, with the number of attempts in it; anything else at once.
    """
    number = 1
    while True:
        try:
            return attempt(number)
        except (SandboxLost, SandboxOverloaded) as error:
            told = "given up" if number == MAX_ATTEMPTS else "trying again, alone on a sandbox"
            kind = type(error).__name__
            log.debug("%s: attempt %d of %d failed, %s: %s; %s", key, number, MAX_ATTEMPTS, kind, error, told)
            if number == MAX_ATTEMPTS:
                raise _numbered(error, number) from error
            number += 1


def tell_second_run(key: str, case: int) -> None:
    """Log that a case runs once more, alone: no failure, but its time would not be its own."""
    log.debug("%s: test %d went over the limit on wall time, not on CPU time; running it once more, alone", key, case)


def _numbered(error: SandboxError, attempts: int) -> SandboxError:
    numbered = type(error)(f"{error} (tried {attempts} times)")
    numbered.attempts = attempts
    return numbered
