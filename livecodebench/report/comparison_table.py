"""Comparisons as a person reads them on standard output."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from typing import TextIO

from rich.box import SIMPLE_HEAD
from rich.table import Table
from rich.text import Text

from livecodebench.printable import printable
from livecodebench.report.comparison import Comparison, Group
from livecodebench.report.estimate import percent, points
from livecodebench.report.table import console_for

_NAMED = 20  # problems gained or lost


def print_comparisons(comparisons: Sequence[Comparison], *, file: TextIO | None = None) -> None:
    """Print each with its interval, its test, and the problems that changed."""
    console = console_for(file or sys.stdout)
    for one in comparisons:
        title = f"{one.other} against {one.first}, {one.grading}"
        console.print(Text(printable(title, limit=200), style="bold"))
        console.print(_table(one))
        for line in _told(one):
            console.print(Text(printable(line, limit=2000)))
        console.print()


def _table(comparison: Comparison) -> Table:
    table = Table(box=SIMPLE_HEAD, pad_edge=False, show_edge=False)
    for name in ("problems", "number", "first", "other", "difference", "95% interval"):
        table.add_column(name, justify="left" if name == "problems" else "right", no_wrap=True)
    for group in comparison.groups:
        table.add_row(*(Text(cell) for cell in _cells(group)))
    return table


def _cells(group: Group) -> tuple[str, ...]:
    change = group.change
    span = f"{points(change.low)} to {points(change.high)}"
    return (group.name, str(group.problems), percent(group.before), percent(group.after), points(change.value), span)


def _told(one: Comparison) -> list[str]:
    lines = [
        f"Better on {len(one.gained)}, worse on {len(one.lost)} problems; McNemar's exact test: p = {one.p_value:.3g}.",
    ]
    for word, pairs in (("Gained", one.gained), ("Lost", one.lost)):
        if pairs:
            rest = f" and {len(pairs) - _NAMED} more" if len(pairs) > _NAMED else ""
            lines.append(f"{word}: {', '.join(pair.question_id for pair in pairs[:_NAMED])}{rest}.")
    if one.left_out:
        lines.append(f"Not compared: {one.left_out} problems, which one of the two lacks or has not all verdicts of.")
    return lines + list(one.notes)
