"""The gradings by name, and the rules each stands for."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from lcb_ray.agent.protocol import Limits
from livecodebench.errors import InputError
from livecodebench.official.rules import OfficialRules
from livecodebench.official.task import Stdin
from livecodebench.rules import Rules
from livecodebench.standard import StandardRules

STANDARD = "standard"
OFFICIAL = "official"
OFFICIAL_2025_01 = "official-2025-01"
BOTH = "both"

_RULES: Mapping[str, Callable[..., Rules]] = {
    STANDARD: StandardRules,
    # An official grading stops at the first failure, whatever is asked.
    OFFICIAL: lambda limits, all_tests: OfficialRules(limits, Stdin.BUFFER),
    OFFICIAL_2025_01: lambda limits, all_tests: OfficialRules(limits, Stdin.TEXT),
}
GRADINGS = (*_RULES, BOTH)


def gradings_of(name: str) -> tuple[str, ...]:
    """The gradings that a name asks for: itself, or of "both" the standard and the official one. Raises InputError."""
    if name == BOTH:
        return (STANDARD, OFFICIAL)
    if name not in _RULES:
        raise InputError(f"--grading: {name!r} is unknown: choose one of {', '.join(GRADINGS)}")
    return (name,)


def rules_of(name: str, *, limits: Limits, all_tests: bool) -> Rules:
    """The rules of one grading. Raises InputError."""
    if name not in _RULES:
        raise InputError(f"grading {name!r} is unknown: choose one of {', '.join(_RULES)}")
    return _RULES[name](limits, all_tests)
