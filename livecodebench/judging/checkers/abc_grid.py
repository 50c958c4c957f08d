"""AtCoder abc326_d: any grid with one A, B and C in each row and column, and given first letters."""

from __future__ import annotations

from livecodebench.judging.checker import RIGHT, CheckOutcome, wrong
from livecodebench.judging.checkers.reading import UnexpectedInputError


def check_abc_grid(output: str, expected: str, input: str) -> CheckOutcome:
    """Check the letters of each row and column, and the leftmost and topmost ones."""
    match input.split():
        case [size, left, top] if size == str(len(left)) and len(left) == len(top):
            count = len(left)
        case _:
            raise UnexpectedInputError
    head, *rows = output.split(None, count + 1) or [""]
    if head != "Yes" or len(rows) != count or any(len(row) != count or set(row) - set(".ABC") for row in rows):
        return wrong(f"expected Yes and {count} rows of {count} letters, unless there is no solution")
    columns = ["".join(column) for column in zip(*rows, strict=True)]
    for name, lines, firsts in (("row", rows, left), ("column", columns, top)):
        for place, (line, first) in enumerate(zip(lines, firsts, strict=True), start=1):
            letters = line.replace(".", "")
            if sorted(letters) != ["A", "B", "C"] or letters[0] != first:
                return wrong(f"{name} {place} is {line}: expected one A, B and C each, {first} first")
    return RIGHT
