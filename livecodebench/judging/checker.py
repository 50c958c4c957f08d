"""The standard comparison of printed output, as LiveCodeBench does it, and what any check says. Pure functions.

Output and reference are stripped and split into lines, each line is stripped, and every pair of lines must be the same
text, or be numbers only and equal as exact decimals: 1.0 is 1, and there is no tolerance. Problems that admit several
answers or a tolerance are the business of `checkers`, returned values that of `call_value`, both beside this module.

The output is hostile. Work and memory are linear in its size, and no content of it raises: what the official grader
dies of (a signalling NaN) is a wrong answer here. An exception from a check is a bug of ours and is left to propagate.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from decimal import Decimal, InvalidOperation
from itertools import zip_longest
from operator import eq

from livecodebench.printable import printable

_SHOWN = 60  # characters of each side in a reason


@dataclass(frozen=True, slots=True)
class CheckOutcome:
    """What a check says of one answer.

    Attributes:
        right: Whether the answer is right.
        reason: One short line for a person: what differs, and where. Empty where right.
    """

    right: bool
    reason: str = ""


CheckFunction = Callable[[str | bytes, str, str], CheckOutcome]
"""Judges an answer: (produced, expected, input). Raises for bugs of ours and bad datasets, never for an answer."""

RIGHT = CheckOutcome(right=True)


def wrong(reason: str) -> CheckOutcome:
    """Make the outcome of a wrong answer; the reason is shortened to a line."""
    return CheckOutcome(right=False, reason=printable(reason, limit=200))


def decode_output(produced: str | bytes) -> str:
    """Read a program's output as text; bytes that are not UTF-8 become replacement characters."""
    return produced if isinstance(produced, str) else produced.decode("utf-8", errors="replace")


def check_output(produced: str | bytes, expected: str, input: str = "") -> CheckOutcome:
    """Compare printed output with the reference by LiveCodeBench's rule.

    Args:
        produced: What the program printed.
        expected: The reference output.
        input: Not looked at.
    """
    printed, wanted = decode_output(produced).strip(), expected.strip()
    if printed == wanted:
        return RIGHT
    if (found := printed.count("\n")) != (due := wanted.count("\n")):
        return _line_count(printed, found + 1, wanted, due + 1)
    for number, (line, reference) in enumerate(zip(printed.split("\n"), wanted.split("\n"), strict=True), start=1):
        if not lines_equal(line := line.strip(), reference := reference.strip()):
            return wrong(f"line {number}{difference(line, reference)}")
    return RIGHT


def lines_equal(line: str, reference: str) -> bool:
    """Tell whether two stripped lines are the same text, or numbers only and equal one by one."""
    if line == reference:
        return True
    words, due = _words(line, reference)
    return len(words) == len(due) and numbers_equal(words, due)


def numbers_equal(words: list[str], reference: list[str]) -> bool:
    """Tell whether all words of two equally long lists are numbers to Python's Decimal, and equal pair by pair."""
    try:
        return all(map(eq, map(Decimal, words), map(Decimal, reference)))
    except InvalidOperation:  # not a number, or a signalling NaN, which raises when compared
        return False


def difference(line: str, reference: str) -> str:
    """Say where two unequal lines differ: `: expected '1', printed '2'`, with the place in front if they are long."""
    if max(len(line), len(reference)) <= _SHOWN:
        return f": expected {reference!r}, printed {line!r}"
    for number, (word, due) in enumerate(zip_longest(*_words(line, reference), fillvalue=""), start=1):
        if word != due and not numbers_equal([word], [due]):
            return f", word {number}{_parting(word, due)}"
    return ": equal but for the spacing or the form of numbers, which count in a line that has other words"


def _words(line: str, reference: str) -> tuple[list[str], list[str]]:
    """Split both; of the hostile line no more than the reference's words, and the rest as one."""
    due = reference.split()
    return line.split(None, len(due)), due


def _parting(word: str, reference: str) -> str:
    if max(len(word), len(reference)) <= _SHOWN:
        return f": expected {reference!r}, printed {word!r}"
    same, differ = 0, min(len(word), len(reference))
    while same < differ:
        middle = (same + differ + 1) // 2
        same, differ = (middle, differ) if word[same:middle] == reference[same:middle] else (same, middle - 1)
    return f", from character {same + 1}: expected {_shown(reference[same:])}, printed {_shown(word[same:])}"


def _line_count(printed: str, found: int, wanted: str, due: int) -> CheckOutcome:
    if not printed:
        return wrong(f"expected {_lines(due)}, printed nothing")
    return wrong(
        f"expected {_lines(due)} (last: {_shown(_last_line(wanted))}), "
        f"printed {found} (last: {_shown(_last_line(printed))})"
    )


def _lines(count: int) -> str:
    return "1 line" if count == 1 else f"{count} lines"


def _last_line(text: str) -> str:
    return text[text.rfind("\n") + 1 :].strip()


def _shown(text: str) -> str:
    return repr(text) if len(text) <= _SHOWN else f"{text[:_SHOWN]!r}…"
