"""AtCoder abc335_d: any way to lay a dragon of N*N - 1 parts around the centre of a grid."""

from __future__ import annotations

from livecodebench.judging.checker import RIGHT, CheckOutcome, wrong
from livecodebench.judging.checkers.reading import expect, input_integers, integers

_LARGEST = 99  # the statement says 45


def check_dragon(output: str, expected: str, input: str) -> CheckOutcome:
    """T in the centre, every part once, and each part beside the one before it."""
    (size,) = input_integers(input, at_least=1)[:1]
    expect(size % 2 == 1 and 3 <= size <= _LARGEST)
    words = output.split(None, size * size)
    centre = size * size // 2
    if len(words) != size * size or words[centre] != "T":
        return wrong(f"expected {size} rows of {size}, with T in the centre")
    parts = integers(words[:centre] + words[centre + 1 :])
    if parts is None or sorted(parts) != list(range(1, size * size)):
        return wrong(f"expected every part from 1 to {size * size - 1} once")
    where = {part: divmod(place + (place >= centre), size) for place, part in enumerate(parts)}
    for part in range(2, size * size):
        (row, column), (row_before, column_before) = where[part], where[part - 1]
        if abs(row - row_before) + abs(column - column_before) != 1:
            return wrong(f"part {part} is not beside part {part - 1}")
    return RIGHT
