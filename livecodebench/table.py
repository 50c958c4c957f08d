"""A summary as a person reads it: tables on standard output, plain text where that is not a terminal.

Names come from files that others wrote. They are escaped, and never read as markup.
"""

from __future__ import annotations

import json
import sys
from collections.abc import Iterable, Mapping
from typing import Any, TextIO

from rich.box import SIMPLE_HEAD
from rich.console import Console
from rich.table import Table
from rich.text import Text

from livecodebench.printable import printable
from livecodebench.verdict import Verdict

_NAME_LIMIT = 80  # characters of a model's or dataset's name
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
    for table in (_scores(summary), _verdicts(summary)):
        console.print(table)
        console.print()
    for line in _notes(summary):
        console.print(line)


def _name(text: str) -> Text:
    return Text(printable(text, limit=_NAME_LIMIT))


def _table(title: str, columns: Iterable[str]) -> Table:
    table = Table(
        title=title, title_justify="left", title_style="bold", box=SIMPLE_HEAD, pad_edge=False, show_edge=False
    )
    for number, column in enumerate(columns):
        table.add_column(column, justify="left" if number == 0 else "right", no_wrap=number > 0, overflow="fold")
    return table


def _scores(summary: Mapping[str, Any]) -> Table:
    models: Mapping[str, Any] = summary["models"]
    ks = [name for name in summary if name.startswith("pass@") and name.removeprefix("pass@").isdigit()]
    splits = [(split, value) for split in ("difficulty", "platform") for value in summary["by"][split]]
    table = _table("Score", ["model", *ks, *(value for _, value in splits), "problems", "submissions"])
    for model, block in models.items():
        table.add_row(
            _name(model),
            *(_rate(block, k) for k in ks),
            *(_rate(block["by"][split].get(value), "pass@1") for split, value in splits),
            str(block["problems"]),
            str(block["submissions"]),
        )
    return table


def _verdicts(summary: Mapping[str, Any]) -> Table:
    shown = [str(verdict) for verdict in Verdict if summary["verdicts"][verdict]]
    columns = [*(verdict.replace("_", " ") for verdict in shown), "error", "not judged"]
    table = _table("Verdicts", ["model", *columns])
    for model, block in summary["models"].items():
        waiting = block["submissions"] - block["judged"] - block["errors"]
        errors = Text(str(block["errors"]), style="bold red" if block["errors"] else "")
        table.add_row(_name(model), *(str(block["verdicts"][verdict]) for verdict in shown), errors, Text(str(waiting)))
    return table


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


def _notes(summary: Mapping[str, Any]) -> Iterable[Text]:
    dataset, sandbox = summary["dataset"], summary["sandbox"]
    filters = f", filters {json.dumps(dataset['filters'])}" if dataset["filters"] else ""
    missing = f", {summary['problems_missing']} without a submission" if summary["problems_missing"] else ""
    yield Text(
        printable(f"Dataset {dataset['name']}: {dataset['problems']} problems{missing}{filters}", limit=1000)
        + f". Grading {printable(summary['grading'])}."
    )
    if sandbox is not None:
        yield from _sandbox_notes(sandbox)
    if waiting := summary["submissions"] - summary["judged"] - summary["errors"]:
        subject = "submission is" if waiting == 1 else "submissions are"
        yield Text(f"Score incomplete: {waiting} {subject} not judged yet.", style="bold yellow")
    if errors := summary["errors"]:
        plural = "error" if errors == 1 else "errors"
        yield Text(
            f"Score incomplete: {errors} infrastructure {plural}, counted as neither right nor wrong.",
            style="bold red",
        )


def _sandbox_notes(sandbox: Mapping[str, Any]) -> Iterable[Text]:
    yield Text(f"Sandbox {_sandbox(sandbox)}.")
    if others := sandbox.get("mixed"):
        said = "; ".join(_sandbox(one) for one in others)
        yield Text(f"Sessions had different sandboxes: {said}.", style="bold yellow")


def _sandbox(sandbox: Mapping[str, Any]) -> str:
    numpy = f"numpy {sandbox['numpy']}" if sandbox["numpy"] else "no numpy"
    return printable(f"{sandbox['backend']}: Python {sandbox['python']}, {numpy}", limit=200)
