"""A returned list whose order does not matter: every element of the reference, as often as there."""

from __future__ import annotations

from typing import cast

from livecodebench.judging.checker import RIGHT, CheckOutcome, wrong
from livecodebench.judging.checkers.reading import UnexpectedInputError


def check_any_order(value: object, expected: object, input: str) -> CheckOutcome:
    """Compare two lists of strings, or of numbers, as multisets."""
    if not isinstance(expected, list):
        raise UnexpectedInputError
    if not isinstance(value, list) or len(value) != len(expected):
        found = f"{len(value)} items" if isinstance(value, list) else f"a {type(value).__name__}"
        return wrong(f"expected {len(expected)} items in any order, returned {found}")
    kind = str if all(isinstance(item, str) for item in expected) else (int, float)
    if not all(isinstance(item, kind) for item in expected):
        raise UnexpectedInputError  # lists of lists: not needed by any problem so far
    if not all(isinstance(item, kind) for item in value):
        return wrong("expected the same items in any order, returned one of another type")
    given, due = sorted(cast("list[float]", value)), sorted(cast("list[float]", expected))
    for one, other in zip(given, due, strict=True):
        if one != other:
            return wrong(f"expected the same items in any order, {min(one, other)!r} is not in both as often")
    return RIGHT
