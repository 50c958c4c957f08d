"""AtCoder abc396_e: any sequence of least sum in which given pairs have given exclusive ors."""

from __future__ import annotations

from livecodebench.judging.checker import RIGHT, CheckOutcome, wrong
from livecodebench.judging.checkers.reading import expect, input_integers, integers


def check_restricted_sum(output: str, expected: str, input: str) -> CheckOutcome:
    """The least sum, and whether there is a sequence, are the reference's."""
    length, pairs, *numbers = input_integers(input, at_least=2)
    given = list(zip(numbers[::3], numbers[1::3], numbers[2::3], strict=False))
    expect(len(numbers) == 3 * pairs and all(1 <= one <= length and 1 <= other <= length for one, other, _ in given))
    reference = input_integers(expected)
    printed = integers(output.split(None, length))
    if reference == [-1] or printed is None or len(printed) != length or any(number < 0 for number in printed):
        return wrong(f"expected {'-1' if reference == [-1] else f'{length} integers of at least 0'}")
    for one, other, value in given:
        if printed[one - 1] ^ printed[other - 1] != value:
            return wrong(f"numbers {one} and {other} do not have the exclusive or {value}")
    if sum(printed) != sum(reference):
        return wrong(f"expected a sum of {sum(reference)}, printed one of {sum(printed)}")
    return RIGHT
