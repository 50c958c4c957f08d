"""Numbers within a tolerance that the statement grants. Only where the reference is a decimal fraction.

A word of the reference with a point or an exponent admits a number within the error; every other word must be equal by
the standard rule, so that counts, words and the -1 of "impossible" stay exact.
"""

from __future__ import annotations

from itertools import zip_longest

from livecodebench.judging.checker import RIGHT, CheckOutcome, numbers_equal, wrong
from livecodebench.judging.checkers.reading import number


def check_tolerance(output: str, expected: str, input: str, *, error: float) -> CheckOutcome:
    """Compare word by word, with an absolute or relative error of at most `error` from the reference."""
    due_words = expected.split()
    words = output.split(None, len(due_words))
    for place, (word, due) in enumerate(zip_longest(words, due_words, fillvalue=""), start=1):
        if word != due and not numbers_equal([word], [due]) and not _close(word, due, error):
            return wrong(f"number {place}: expected {due[:60]!r} within {error:g}, printed {word[:60]!r}")
    return RIGHT


def _close(word: str, reference: str, error: float) -> bool:
    due, found = number(reference), number(word)
    if due is None or found is None or reference.lstrip("+-").isdigit():
        return False
    return abs(found - due) <= error * max(1.0, abs(due))
