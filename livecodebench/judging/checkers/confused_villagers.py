"""AtCoder arc188_c: any set of confused villagers that leaves no contradiction among what the villagers say."""

from __future__ import annotations

from livecodebench.judging.checker import RIGHT, CheckOutcome, wrong
from livecodebench.judging.checkers.reading import expect, input_integers


def check_confused_villagers(output: str, expected: str, input: str) -> CheckOutcome:
    """Whether there is an answer is the reference's word.

    "B is a liar", said by A, means that one of the two is honest and the other is not, and "B is honest" that both are
    the same; said by somebody confused, each means the other. So every statement ties two villagers, equal or unequal.
    """
    villagers, statements, *numbers = input_integers(input, at_least=2)
    said = list(zip(numbers[::3], numbers[1::3], numbers[2::3], strict=False))
    expect(len(numbers) == 3 * statements)
    expect(all(1 <= one <= villagers and 1 <= other <= villagers and liar in (0, 1) for one, other, liar in said))
    printed = output.split(None, 1)
    if expected.split() == ["-1"] or len(printed) != 1:
        return wrong(f"expected {expected.strip()[:60]!r}")
    confused = printed[0]
    if len(confused) != villagers or set(confused) - {"0", "1"}:
        return wrong(f"expected {villagers} characters, each 0 or 1")
    ties = _Ties(villagers)
    for one, other, liar in said:
        if not ties.add(one - 1, other - 1, unequal=bool(liar) != (confused[one - 1] == "1")):
            return wrong(f"what villager {one} says of villager {other} contradicts the others")
    return RIGHT


class _Ties:
    """Groups of villagers that are known to be equal or unequal to each other."""

    def __init__(self, count: int) -> None:
        self._parent = list(range(count))
        self._differs = [False] * count  # from the parent

    def add(self, one: int, other: int, *, unequal: bool) -> bool:
        """Tie two; False where that contradicts what is known."""
        (root, differs), (other_root, other_differs) = self._root(one), self._root(other)
        if root == other_root:
            return (differs != other_differs) == unequal
        self._parent[root] = other_root
        self._differs[root] = (differs != other_differs) != unequal
        return True

    def _root(self, one: int) -> tuple[int, bool]:
        path = []
        while self._parent[one] != one:
            path.append(one)
            one = self._parent[one]
        differs = False
        for step in reversed(path):
            differs = self._differs[step] = self._differs[step] != differs
            self._parent[step] = one
        return one, differs
