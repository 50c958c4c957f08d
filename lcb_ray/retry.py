"""What every backend does when a sandbox fails: try again, a bounded number of times, then raise. Never a verdict."""

from __future__ import annotations

from collections.abc import Callable
from typing import TypeVar

from lcb_ray.errors import SandboxError, SandboxLost, SandboxOverloaded

MAX_ATTEMPTS = 3  # sandboxes tried for one batch before its failure is raised

T = TypeVar("T")


def retried(attempt: Callable[[int], T]) -> T:
    """What `attempt` returns.

    Args:
        attempt: Called with 1, and with the next number after each SandboxLost or SandboxOverloaded; whoever fails a
            second time was to run alone, so that what takes its sandbox down is found out by itself.

    Raises the last failure, with the number of attempts in it; anything else at once.
    """
    number = 1
    while True:
        try:
            return attempt(number)
        except (SandboxLost, SandboxOverloaded) as error:
            if number == MAX_ATTEMPTS:
                raise _numbered(error, number) from error
            number += 1


def _numbered(error: SandboxError, attempts: int) -> SandboxError:
    numbered = type(error)(f"{error} (tried {attempts} times)")
    numbered.attempts = attempts
    return numbered
