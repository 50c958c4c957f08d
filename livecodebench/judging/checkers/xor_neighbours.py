"""AtCoder abc366_g: any numbers on the vertices of a graph such that those around each vertex cancel out."""

from __future__ import annotations

from livecodebench.judging.checker import RIGHT, CheckOutcome, wrong
from livecodebench.judging.checkers.reading import expect, input_integers, integers


def check_xor_neighbours(output: str, expected: str, input: str) -> CheckOutcome:
    """Whether there are such numbers is the reference's word; the numbers are verified."""
    vertices, edges, *ends = input_integers(input, at_least=2)
    expect(len(ends) == 2 * edges and all(1 <= end <= vertices for end in ends))
    words = output.split(None, vertices + 1)
    if expected.split()[:1] != ["Yes"] or words[:1] != ["Yes"]:
        return wrong(f"expected {expected.split()[:1]}, printed {words[:1]}")
    numbers = integers(words[1:])
    if numbers is None or len(numbers) != vertices or not all(1 <= number < 1 << 60 for number in numbers):
        return wrong(f"expected {vertices} integers from 1 to 2^60 - 1")
    around = [0] * vertices
    for one, other in zip(ends[::2], ends[1::2], strict=True):
        around[one - 1] ^= numbers[other - 1]
        around[other - 1] ^= numbers[one - 1]
    for vertex, left in enumerate(around, start=1):
        if left:
            return wrong(f"the numbers around vertex {vertex} do not cancel out")
    return RIGHT
