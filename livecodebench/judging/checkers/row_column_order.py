"""AtCoder arc181_c: any grid of 0 and 1 whose rows and columns are, as texts, in given orders."""

from __future__ import annotations

from itertools import pairwise

from livecodebench.judging.checker import RIGHT, CheckOutcome, wrong
from livecodebench.judging.checkers.reading import expect, input_integers


def check_row_column_order(output: str, expected: str, input: str) -> CheckOutcome:
    """Compare each row with the next one in the order, then each column."""
    size, *order = input_integers(input, at_least=1)
    rows_order, columns_order = order[:size], order[size:]
    expect(sorted(rows_order) == sorted(columns_order) == list(range(1, size + 1)))
    rows = output.split(None, size)
    if len(rows) != size or any(len(row) != size or set(row) - {"0", "1"} for row in rows):
        return wrong(f"expected {size} rows of {size} characters, each 0 or 1")
    columns = ["".join(column) for column in zip(*rows, strict=True)]
    for name, texts, wanted in (("row", rows, rows_order), ("column", columns, columns_order)):
        for one, other in pairwise(wanted):
            if texts[one - 1] >= texts[other - 1]:
                return wrong(f"{name} {one} is not before {name} {other}")
    return RIGHT
