"""AtCoder abc363_f: any palindrome of digits 1 to 9 and * that evaluates to a given number."""

from __future__ import annotations

import re
from math import prod

from livecodebench.judging.checker import RIGHT, CheckOutcome, wrong
from livecodebench.judging.checkers.reading import expect, input_integers

_MOST = 1000
_FORMULA = re.compile(r"[1-9]+(?:\*[1-9]+)*", re.ASCII)


def check_palindrome_product(output: str, expected: str, input: str) -> CheckOutcome:
    """Check the letters, the symmetry and the value of the printed formula."""
    target = input_integers(input)
    expect(len(target) == 1)
    formula = output.strip()
    if len(formula) > _MOST or not _FORMULA.fullmatch(formula):
        return wrong(f"expected numbers without 0 joined by *, at most {_MOST} characters, unless there is no solution")
    if formula != formula[::-1]:
        return wrong("the formula is not a palindrome")
    return RIGHT if prod(map(int, formula.split("*"))) == target[0] else wrong(f"the value is not {target[0]}")
