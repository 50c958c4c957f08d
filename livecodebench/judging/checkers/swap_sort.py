"""AtCoder abc350_c: any swaps, fewer than there are elements, that sort a permutation."""

from __future__ import annotations

from livecodebench.judging.checker import RIGHT, CheckOutcome, wrong
from livecodebench.judging.checkers.reading import expect, input_integers, integers


def check_swap_sort(output: str, expected: str, input: str) -> CheckOutcome:
    """Carry out the printed swaps."""
    count, *values = input_integers(input, at_least=1)
    expect(sorted(values) == list(range(1, count + 1)))
    printed = integers(output.split(None, 2 * count))
    if not printed or not 0 <= printed[0] < count or len(printed) != 1 + 2 * printed[0]:
        return wrong(f"expected a number of swaps below {count}, and as many pairs of places")
    for one, other in zip(printed[1::2], printed[2::2], strict=True):
        if not 1 <= one < other <= count:
            return wrong(f"{one} {other} are not two ascending places from 1 to {count}")
        values[one - 1], values[other - 1] = values[other - 1], values[one - 1]
    return RIGHT if values == list(range(1, count + 1)) else wrong("the swaps do not sort the sequence")
