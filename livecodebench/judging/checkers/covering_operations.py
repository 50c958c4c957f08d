"""AtCoder arc190_a: any cheapest choice of intervals and complements that covers a sequence."""

from __future__ import annotations

from livecodebench.judging.checker import RIGHT, CheckOutcome, wrong
from livecodebench.judging.checkers.reading import expect, input_integers, integers

_NOTHING, _INSIDE, _OUTSIDE = 0, 1, 2


def check_covering_operations(output: str, expected: str, input: str) -> CheckOutcome:
    """Check that everything is covered, at no higher cost than the reference's."""
    length, count, *bounds = input_integers(input, at_least=2)
    expect(len(bounds) == 2 * count)
    least = input_integers(expected, at_least=1)[0]
    printed = integers(output.split(None, count + 1))
    if least < 0 or not printed or len(printed) != count + 1 or set(printed[1:]) - {_NOTHING, _INSIDE, _OUTSIDE}:
        return wrong(f"expected a cost and {count} operations, or -1 if there is no solution")
    cost = count - printed[1:].count(_NOTHING)
    if printed[0] != cost or cost > least:
        return wrong(f"expected cost {least}, printed {printed[0]} with {cost} operations")
    return RIGHT if _covered(length, bounds, printed[1:]) else wrong("the operations do not cover everything")


def _covered(length: int, bounds: list[int], operations: list[int]) -> bool:
    intervals = []
    for low, high, operation in zip(bounds[::2], bounds[1::2], operations, strict=True):
        if operation == _INSIDE:
            intervals.append((low, high))
        elif operation == _OUTSIDE:
            intervals += [(1, low - 1), (high + 1, length)]
    reached = 0
    for low, high in sorted(intervals):
        if low > reached + 1:
            return False
        reached = max(reached, high)
    return reached >= length
