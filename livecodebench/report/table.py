"""A summary as a person reads it: tables on standard output, plain text where that is not a terminal.

Names come from files that others wrote. They are escaped, and never read as markup.
"""

from __future__ import annotations

import json
import sys
from collections.abc import Iterable, Mapping
from typing import Any, TextIO

from rich.box import SIMPLE_HEAD
from rich.cells import cell_len
from rich.console import Console
from rich.table import Table
from rich.text import Text

from livecodebench.printable import printable
from livecodebench.results.summary import STANDARD_K
from livecodebench.verdict import Verdict

_NAME_LIMIT = 80  # characters of a model's or dataset's name
_GAP = 3  # between columns
_PLAIN_WIDTH = 1000  # columns; a file or a pipe has no edge to wrap at


class _Console(Console):
    def on_broken_pipe(self) -> None:
        """Leave it to the command how it ends where nobody reads on: rich would end it with status 1."""
        raise BrokenPipeError


def console_for(file: TextIO) -> Console:
    """A console that treats what it prints as text: no markup, no emoji names, no guessing at colours."""
    width = None if file.isatty() else _PLAIN_WIDTH
    return _Console(file=file, width=width, markup=False, highlight=False, emoji=False, soft_wrap=not file.isatty())


def print_summary(summary: Mapping[str, Any], *, file: TextIO | None = None) -> None:
    """Print the document of summary.json as tables."""
    console = console_for(file or sys.stdout)
    gradings: Mapping[str, Any] = summary.get("gradings", {})
    for name, block in (gradings or {"": summary}).items():
        models = [Text(printable(model, limit=_NAME_LIMIT)) for model in block["models"]]
        for title, columns in (("Score", _scores(block)), ("Verdicts", _verdicts(block))):
            _print_table(console, f"{title}, {name}" if name else title, ("model", models), columns)
    if gradings:
        _print_disagreements(console, summary["disagreements"], list(gradings))
    for line in _notes(summary):
        console.print(line)


Column = tuple[str, list[Text]]
"""A heading, and a cell for each row."""


def _print_table(console: Console, title: str, first: Column, columns: list[Column]) -> None:
    """Print a row per name in the first column; what does not fit beside these goes on in a further table below."""
    heading, rows = first
    names = min(max(cell_len(text.plain) for text in [Text(heading), *rows]), console.width // 2)
    while columns:
        table = Table(title=title, title_justify="left", title_style="bold", box=SIMPLE_HEAD, show_edge=False)
        table.pad_edge = False
        table.add_column(heading, width=names, overflow="fold")
        left = console.width - names
        cells = [rows]
        while columns and ((width := _width(columns[0])) + _GAP <= left or len(cells) == 1):
            name, column = columns.pop(0)
            table.add_column(name, justify="right", no_wrap=True, width=min(width, left))
            cells.append(column)
            left -= width + _GAP
        for row in zip(*cells, strict=True):
            table.add_row(*row)
        console.print(table)
        console.print()


def _width(column: Column) -> int:
    return max(len(column[0]), *(len(cell) for cell in column[1]))


def _scores(summary: Mapping[str, Any]) -> list[Column]:
    blocks: list[Mapping[str, Any]] = list(summary["models"].values())
    rates = [name for name in (f"pass@{k}" for k in STANDARD_K) if any(name in block for block in blocks)]
    columns: list[Column] = [(name, [Text(_rate(block, name)) for block in blocks]) for name in rates]
    if any("pass@1_ci95" in block for block in blocks):
        columns.insert(1, ("95% interval", [Text(_interval(block)) for block in blocks]))
    for split in ("difficulty", "platform"):
        for value in summary["by"][split]:
            columns.append((value, [Text(_rate(block["by"][split].get(value), "pass@1")) for block in blocks]))
    columns += [(name, [Text(str(block[name])) for block in blocks]) for name in ("problems", "submissions")]
    return columns


def _verdicts(summary: Mapping[str, Any]) -> list[Column]:
    blocks: list[Mapping[str, Any]] = list(summary["models"].values())
    columns: list[Column] = [
        (verdict.replace("_", " "), [Text(str(block["verdicts"][verdict])) for block in blocks])
        for verdict in Verdict
        if summary["verdicts"][verdict]
    ]
    errors = [Text(str(block["errors"]), style="bold red" if block["errors"] else "") for block in blocks]
    waiting = [Text(str(block["submissions"] - block["judged"] - block["errors"])) for block in blocks]
    return [*columns, ("error", errors), ("not judged", waiting)]


def _print_disagreements(console: Console, found: Mapping[str, Any], gradings: list[str]) -> None:
    """Where two gradings differ, by reason."""
    by_reason: Mapping[str, Any] = found["by_reason"]
    if by_reason:
        columns: list[Column] = [
            (f"accepted by {name}", [Text(str(counts[f"accepted_by_{name}"])) for counts in by_reason.values()])
            for name in gradings
        ]
        columns.append(("for example", [Text(_examples(found, reason)) for reason in by_reason]))
        reasons = [Text(printable(reason, limit=_NAME_LIMIT)) for reason in by_reason]
        _print_table(console, "Where they differ", ("reason", reasons), columns)
    console.print(Text(f"The gradings differ on {found['differing']} of {found['compared']} submissions."))


def _examples(found: Mapping[str, Any], reason: str) -> str:
    names = sorted({one["question_id"] for one in found["submissions"] if one["reason"] == reason})
    return printable(", ".join(names[:2]) + (", ..." if len(names) > 2 else ""), limit=_NAME_LIMIT)


def _rate(block: Mapping[str, Any] | None, name: str) -> str:
    """A rate in percent; its range where errors leave it open; "-" where there is none."""
    if block is None or name not in block:
        return "-"
    if block[name] is not None:
        return f"{100 * block[name]:.1f}%"
    if name == "pass@1" and "pass@1_range" in block:
        worst, best = block["pass@1_range"]
        return f"{100 * worst:.1f}-{100 * best:.1f}%"
    return "-"


def _interval(block: Mapping[str, Any]) -> str:
    if "pass@1_ci95" not in block:
        return "-"
    low, high = block["pass@1_ci95"]
    return f"{100 * low:.1f}-{100 * high:.1f}%"


def _notes(summary: Mapping[str, Any]) -> Iterable[Text]:
    dataset, sandbox = summary["dataset"], summary["sandbox"]
    blocks: Mapping[str, Any] = summary.get("gradings", {summary["grading"]: summary})
    filters = f", filters {json.dumps(dataset['filters'])}" if dataset["filters"] else ""
    missing = f", {summary['problems_missing']} without a submission" if summary["problems_missing"] else ""
    problems = f"{dataset['problems']} problem{'' if dataset['problems'] == 1 else 's'}"
    yield Text(
        printable(f"Dataset {dataset['name']}: {problems}{missing}{filters}", limit=1000)
        + f". Grading {printable(', '.join(blocks))}."
    )
    if sandbox is not None:
        yield from _sandbox_notes(sandbox)
    if calibration := summary.get("calibration"):
        factor = calibration["factor"]
        yield Text(
            f"Calibrated: a program takes {factor:.2f} times the reference machine's time, and has as much more."
        )
    for name, block in blocks.items():
        yield from _marks(name, block)
    if waiting := max(block["submissions"] - block["judged"] - block["errors"] for block in blocks.values()):
        subject = "submission is" if waiting == 1 else "submissions are"
        yield Text(f"Score incomplete: {waiting} {subject} not judged yet.", style="bold yellow")
    if errors := max(block["errors"] for block in blocks.values()):
        plural = "error" if errors == 1 else "errors"
        yield Text(
            f"Score incomplete: {errors} infrastructure {plural}, counted as neither right nor wrong.",
            style="bold red",
        )


def _marks(grading: str, block: Mapping[str, Any]) -> Iterable[Text]:
    if near := block.get("near_limit"):
        verdicts = "verdict comes" if near == 1 else "verdicts come"
        yield Text(f"{near} {verdicts} of tests within 20% of a limit ({grading}): another machine may differ.")
    if cheats := block.get("cheats"):
        programs = "program" if cheats == 1 else "programs"
        yield Text(f"{cheats} {programs} would have deceived the official grader.", style="bold yellow")


def _sandbox_notes(sandbox: Mapping[str, Any]) -> Iterable[Text]:
    yield Text(f"Sandbox {_sandbox(sandbox)}.")
    if others := sandbox.get("mixed"):
        said = "; ".join(_sandbox(one) for one in others)
        yield Text(f"Sessions had different sandboxes: {said}.", style="bold yellow")


def _sandbox(sandbox: Mapping[str, Any]) -> str:
    numpy = f"numpy {sandbox['numpy']}" if sandbox["numpy"] else "no numpy"
    return printable(f"{sandbox['backend']}: Python {sandbox['python']}, {numpy}", limit=200)
