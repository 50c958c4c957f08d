"""AtCoder abc343_e: any three cubes of side 7 with given volumes in exactly one, two and three of them."""

from __future__ import annotations

from itertools import combinations

from livecodebench.judging.checker import RIGHT, CheckOutcome, wrong
from livecodebench.judging.checkers.reading import expect, input_integers, integers

_SIDE, _FARTHEST = 7, 100
_Corner = tuple[int, ...]


def check_three_cubes(output: str, expected: str, input: str) -> CheckOutcome:
    """Compute the volumes of the printed cubes, which lie within 100 of the origin."""
    volumes = input_integers(input)
    expect(len(volumes) == 3)
    head, *words = output.split(None, 10) or [""]
    corners = integers(words)
    if head != "Yes" or corners is None or len(corners) != 9 or any(abs(place) > _FARTHEST for place in corners):
        return wrong("expected Yes and 9 integers from -100 to 100, unless there is no solution")
    cubes = [tuple(corners[at : at + 3]) for at in (0, 3, 6)]
    three = _common(cubes)
    two = sum(_common(list(pair)) for pair in combinations(cubes, 2)) - 3 * three
    one = 3 * _SIDE**3 - 2 * two - 3 * three
    if [one, two, three] != volumes:
        return wrong(f"the volumes in one, two and three cubes are {one}, {two} and {three}, not {volumes}")
    return RIGHT


def _common(cubes: list[_Corner]) -> int:
    """Volume of the space that all the cubes share."""
    volume = 1
    for places in zip(*cubes, strict=True):
        volume *= max(0, min(places) + _SIDE - max(places))
    return volume
