"""AtCoder abc362_c: any integers within given ranges whose sum is zero."""

from __future__ import annotations

from livecodebench.judging.checker import RIGHT, CheckOutcome, wrong
from livecodebench.judging.checkers.reading import expect, input_integers, integers


def check_zero_sum(output: str, expected: str, input: str) -> CheckOutcome:
    """Check the range of each printed integer, and the sum."""
    count, *bounds = input_integers(input, at_least=1)
    expect(len(bounds) == 2 * count)
    head, *words = output.split(None, count + 1) or [""]
    chosen = integers(words)
    if head != "Yes" or chosen is None or len(chosen) != count:
        return wrong(f"expected Yes and {count} integers, unless there is no solution")
    for place, (value, low, high) in enumerate(zip(chosen, bounds[::2], bounds[1::2], strict=True), start=1):
        if not low <= value <= high:
            return wrong(f"number {place} is {value}, not from {low} to {high}")
    return RIGHT if sum(chosen) == 0 else wrong(f"the sum is {sum(chosen)}, not 0")
