"""A returned number within a tolerance: where the contest site grants one, or the reference is rounded."""

from __future__ import annotations

from livecodebench.judging.checker import RIGHT, CheckOutcome, wrong
from livecodebench.judging.checkers.reading import UnexpectedInputError


def check_value_tolerance(value: object, expected: object, input: str, *, error: float) -> CheckOutcome:
    """Compare with an absolute or relative error of at most `error` from the reference."""
    if not _is_number(expected):
        raise UnexpectedInputError
    if not _is_number(value):
        return wrong(f"expected a number, returned a {type(value).__name__}")
    assert isinstance(value, int | float)
    assert isinstance(expected, int | float)
    if not abs(value - expected) <= error * max(1.0, abs(expected)):  # NaN is close to nothing
        return wrong(f"expected {expected!r} within {error:g}, returned {value!r}")
    return RIGHT


def _is_number(value: object) -> bool:
    return isinstance(value, float) or (type(value) is int and abs(value) < 1 << 1000)
