"""AtCoder abc315_e: the books that must be read before book 1, in any order that respects what each one needs."""

from __future__ import annotations

from livecodebench.judging.checker import RIGHT, CheckOutcome, wrong
from livecodebench.judging.checkers.reading import expect, input_integers, integers


def check_reading_order(output: str, expected: str, input: str) -> CheckOutcome:
    """The books are the reference's; only their order is checked: each comes after all that it needs."""
    needs = _needs(input)
    due = set(input_integers(expected))
    printed = integers(output.split(None, len(due)))
    if printed is None or len(printed) != len(due) or set(printed) != due:
        return wrong(f"expected {len(due)} books, the same as in the reference and each once")
    read: set[int] = set()
    for book in printed:
        if missing := needs[book - 1] - read:
            return wrong(f"book {book} is read before book {min(missing)}, which it needs")
        read.add(book)
    return RIGHT


def _needs(input: str) -> list[set[int]]:
    count, *numbers = input_integers(input, at_least=2)
    found, start = [], 0
    for _ in range(count):
        expect(start < len(numbers))
        end = start + 1 + numbers[start]
        expect(start < end <= len(numbers))
        found.append(set(numbers[start + 1 : end]))
        start = end
    expect(start == len(numbers) and all(1 <= book <= count for books in found for book in books))
    return found
