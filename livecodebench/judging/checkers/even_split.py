"""The mini dataset's mini_even_split: any division of weights into two halves of equal sum."""

from __future__ import annotations

from livecodebench.judging.checker import RIGHT, CheckOutcome, wrong
from livecodebench.judging.checkers.reading import expect, input_integers


def check_even_split(output: str, expected: str, input: str) -> CheckOutcome:
    """Check that each weight has a letter A or B, and the sums."""
    count, *weights = input_integers(input, at_least=1)
    expect(len(weights) == count)
    letters = output.strip()
    if len(letters) != count or set(letters) - set("AB"):
        return wrong(f"expected {count} letters A and B, unless there is no solution")
    loads = {name: sum(w for w, letter in zip(weights, letters, strict=True) if letter == name) for name in "AB"}
    return RIGHT if loads["A"] == loads["B"] else wrong(f"boat A carries {loads['A']}, boat B {loads['B']}")
