"""AtCoder abc397_d: any two positive integers whose cubes differ by a given number."""

from __future__ import annotations

from livecodebench.judging.checker import RIGHT, CheckOutcome, wrong
from livecodebench.judging.checkers.reading import expect, input_integers, integers


def check_cube_difference(output: str, expected: str, input: str) -> CheckOutcome:
    """Check that both are positive, and the difference of the cubes."""
    target = input_integers(input)
    expect(len(target) == 1)
    printed = integers(output.split(None, 2))
    if printed is None or len(printed) != 2 or min(printed) < 1:
        return wrong("expected two positive integers, unless there is no solution")
    difference = printed[0] ** 3 - printed[1] ** 3
    return RIGHT if difference == target[0] else wrong(f"the difference of the cubes is {difference}, not {target[0]}")
