"""AtCoder abc343_a: any digit that is not the sum of two numbers."""

from __future__ import annotations

from livecodebench.judging.checker import RIGHT, CheckOutcome, wrong
from livecodebench.judging.checkers.reading import expect, input_integers, integers


def check_not_the_sum(output: str, expected: str, input: str) -> CheckOutcome:
    """Check that one integer from 0 to 9 is printed, unequal to the sum."""
    terms = input_integers(input)
    expect(len(terms) == 2)
    printed = integers(output.split(None, 1))
    if printed is None or len(printed) != 1 or not 0 <= printed[0] <= 9:
        return wrong("expected one integer from 0 to 9")
    return wrong(f"{printed[0]} is the sum") if printed[0] == sum(terms) else RIGHT
