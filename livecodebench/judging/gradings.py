"""The gradings by name, and the rules each stands for."""

from __future__ import annotations

from lcb_ray.agent.protocol import Limits
from livecodebench.errors import InputError
from livecodebench.judging.official.rules import OfficialRules
from livecodebench.judging.official.task import Stdin
from livecodebench.judging.rules import Rules
from livecodebench.judging.standard import StandardRules

STANDARD = "standard"
OFFICIAL = "official"
OFFICIAL_2025_01 = "official-2025-01"
BOTH = "both"

_STDIN = {OFFICIAL: Stdin.BUFFER, OFFICIAL_2025_01: Stdin.TEXT}
GRADINGS = (STANDARD, *_STDIN, BOTH)


def gradings_of(name: str) -> tuple[str, ...]:
    """The gradings that a name asks for: itself, or of "both" the standard and the official one. Raises InputError."""
    if name == BOTH:
        return (STANDARD, OFFICIAL)
    if name not in GRADINGS:
        raise InputError(f"--grading: {name!r} is unknown: choose one of {', '.join(GRADINGS)}")
    return (name,)


def rules_of(name: str, *, limits: Limits, all_tests: bool = False, slowness: float = 1.0) -> Rules:
    """The rules of one grading. Raises InputError.

    Args:
        name: Any but "both".
        limits: For each test.
        all_tests: Run every test; an official grading stops at the first failure all the same.
        slowness: How many times as long a program takes here as on the reference machine.
    """
    if name == STANDARD:
        return StandardRules(limits, all_tests)
    if name in _STDIN:
        return OfficialRules(limits, _STDIN[name], slowness)
    raise InputError(f"grading {name!r} is unknown: choose one of {', '.join((STANDARD, *_STDIN))}")
