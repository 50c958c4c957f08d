"""Reading numbers and words for checkers: strictly from a hostile answer, with an exception from an input.

An input that is not as the statement says (LiveCodeBench has some) cannot be checked against: the checker gives up
with UnexpectedInputError, and the standard comparison decides.
"""

from __future__ import annotations

import re

_INTEGER = re.compile(r"[+-]?[0-9]{1,24}", re.ASCII)  # longer than any answer; keeps conversion cheap
_NUMBER = re.compile(r"[+-]?(?:[0-9]+(?:\.[0-9]*)?|\.[0-9]+)(?:[eE][+-]?[0-9]+)?", re.ASCII)


class UnexpectedInputError(Exception):
    """The test's input (or reference) is not as the statement says, so nothing can be checked against it."""


def integers(words: list[str]) -> list[int] | None:
    """Read each word of an answer as an integer; None if one is not."""
    return [int(word) for word in words] if all(map(_INTEGER.fullmatch, words)) else None


def number(word: str) -> float | None:
    """Read a finite decimal number of an answer; None for anything else, such as `nan`, `1_0` or `0x1`."""
    return float(word) if _NUMBER.fullmatch(word) else None


def input_integers(text: str, at_least: int = 0) -> list[int]:
    """Read an input (or reference) of nothing but integers.

    Raises:
        UnexpectedInputError: Another word is in it, or there are fewer than `at_least`.
    """
    found = integers(text.split())
    if found is None or len(found) < at_least:
        raise UnexpectedInputError
    return found


def expect(condition: bool) -> None:
    """Raise UnexpectedInputError unless the input is as the statement says."""
    if not condition:
        raise UnexpectedInputError
