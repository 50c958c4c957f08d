"""AtCoder abc311_c: any cycle of a graph in which each vertex has one outgoing edge."""

from __future__ import annotations

from itertools import pairwise

from livecodebench.judging.checker import RIGHT, CheckOutcome, wrong
from livecodebench.judging.checkers.reading import expect, input_integers, integers


def check_directed_cycle(output: str, expected: str, input: str) -> CheckOutcome:
    """Follow the printed vertices along the edges: count first, no vertex twice, back to the start."""
    count, *successors = input_integers(input, at_least=1)
    expect(len(successors) == count and all(1 <= vertex <= count for vertex in successors))
    printed = integers(output.split(None, count + 1))
    if not printed:
        return wrong("expected a count and the vertices of a cycle, as integers")
    length, *cycle = printed
    if length != len(cycle) or length < 2:
        return wrong(f"the first line says {length} vertices, {len(cycle)} follow; a cycle has at least 2")
    if not all(1 <= vertex <= count for vertex in cycle) or len(set(cycle)) != length:
        return wrong("a vertex is printed twice or does not exist")
    for one, other in pairwise([*cycle, cycle[0]]):
        if successors[one - 1] != other:
            return wrong(f"there is no edge from {one} to {other}")
    return RIGHT
