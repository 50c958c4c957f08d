"""AtCoder arc195_c: any closed tour of red pieces (one step straight) and blue ones (one step diagonal)."""

from __future__ import annotations

from itertools import pairwise

from livecodebench.judging.checker import RIGHT, CheckOutcome, wrong
from livecodebench.judging.checkers.reading import UnexpectedInputError, expect, input_integers, integers

_BOARD = 10**9
_STEPS = {"R": [0, 1], "B": [1, 1]}  # sizes of a step down and across, ascending


def check_piece_loops(output: str, expected: str, input: str) -> CheckOutcome:
    """Check each case: No exactly where the reference has it, else a tour of the right pieces."""
    cases, *numbers = input_integers(input, at_least=1)
    expect(len(numbers) == 2 * cases and min(numbers, default=0) >= 0)
    expect(all(red + blue >= 2 for red, blue in zip(numbers[::2], numbers[1::2], strict=True)))
    due = expected.split()
    words = output.split(None, cases + 3 * sum(numbers))
    at = reference_at = 0
    for case, (red, blue) in enumerate(zip(numbers[::2], numbers[1::2], strict=True), start=1):
        size = 3 * (red + blue)
        reference, answer = _word(due, reference_at), _word(words, at)
        if reference not in ("Yes", "No"):
            raise UnexpectedInputError
        if answer != reference:
            return wrong(f"case {case}: expected {reference}, printed {answer[:20]!r}")
        if answer == "Yes" and (fault := _fault(words[at + 1 : at + 1 + size], red, blue)):
            return wrong(f"case {case}: {fault}")
        at += 1 + size * (answer == "Yes")
        reference_at += 1 + size * (reference == "Yes")
    return RIGHT if at == len(words) else wrong(f"more is printed than {cases} cases")


def _word(words: list[str], at: int) -> str:
    return words[at] if at < len(words) else ""


def _fault(words: list[str], red: int, blue: int) -> str:
    """What is wrong with a tour; empty where nothing."""
    pieces, rows, columns = words[::3], integers(words[1::3]), integers(words[2::3])
    if rows is None or columns is None or len(words) != 3 * (red + blue):
        return f"expected {red + blue} pieces, each a letter and two integers"
    if pieces.count("R") != red or pieces.count("B") != blue:
        return f"expected {red} pieces R and {blue} pieces B"
    squares = list(zip(rows, columns, strict=True))
    if len(set(squares)) != len(squares) or not all(1 <= place <= _BOARD for place in rows + columns):
        return "two pieces share a square, or one is off the board"
    for piece, (here, there) in zip(pieces, pairwise([*squares, squares[0]]), strict=True):
        if sorted((abs(here[0] - there[0]), abs(here[1] - there[1]))) != _STEPS[piece]:
            return f"{piece} cannot move from {here} to {there}"
    return ""
