"""AtCoder arc185_c: any three places of a sequence whose values have a given sum."""

from __future__ import annotations

from livecodebench.judging.checker import RIGHT, CheckOutcome, wrong
from livecodebench.judging.checkers.reading import expect, input_integers, integers


def check_triple_sum(output: str, expected: str, input: str) -> CheckOutcome:
    """Check the order of the three places, counted from 1, and the sum of the values there."""
    count, target, *values = input_integers(input, at_least=2)
    expect(len(values) == count)
    places = integers(output.split(None, 3))
    if places is None or len(places) != 3:
        return wrong("expected three places, unless there is no solution")
    if not 1 <= places[0] < places[1] < places[2] <= count:
        return wrong(f"the places must ascend from 1 to {count}, printed {places}")
    total = sum(values[place - 1] for place in places)
    return RIGHT if total == target else wrong(f"the sum is {total}, not {target}")
