"""AtCoder abc373_g: any pairing of two sets of points whose connecting segments do not meet."""

from __future__ import annotations

from itertools import combinations

from livecodebench.judging.checker import RIGHT, CheckOutcome, wrong
from livecodebench.judging.checkers.reading import expect, input_integers, integers

_MOST = 300  # the statement's; every two segments are compared
_Point = tuple[int, int]
_Segment = tuple[_Point, _Point]


def check_segments_apart(output: str, expected: str, input: str) -> CheckOutcome:
    """Check that a permutation is printed, and every two of its segments. No three points are on a line."""
    count, *numbers = input_integers(input, at_least=1)
    expect(count <= _MOST and len(numbers) == 4 * count)
    points = list(zip(numbers[::2], numbers[1::2], strict=True))
    partners = integers(output.split(None, count))
    if partners is None or sorted(partners) != list(range(1, count + 1)):
        return wrong(f"expected a permutation of 1 to {count}")
    segments = [(points[at], points[count + partner - 1]) for at, partner in enumerate(partners)]
    for (one, first), (other, second) in combinations(enumerate(segments, start=1), 2):
        if _cross(first, second):
            return wrong(f"segments {one} and {other} meet")
    return RIGHT


def _cross(one: _Segment, other: _Segment) -> bool:
    return _apart(one, other) and _apart(other, one)


def _apart(line: _Segment, points: _Segment) -> bool:
    """Whether two points lie on different sides of a line."""
    return (_side(line, points[0]) > 0) is not (_side(line, points[1]) > 0)


def _side(line: _Segment, point: _Point) -> int:
    (ax, ay), (bx, by) = line
    return (bx - ax) * (point[1] - ay) - (by - ay) * (point[0] - ax)
