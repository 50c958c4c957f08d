"""One judgement as a person reads it: a line for each test, then what went wrong first."""

from __future__ import annotations

import sys
from collections.abc import Iterator, Mapping
from typing import Any, TextIO

from rich.box import SIMPLE_HEAD
from rich.console import Console
from rich.table import Table
from rich.text import Text

from livecodebench.printable import printable
from livecodebench.problem import Problem
from livecodebench.report.table import console_for
from livecodebench.verdict import Judgement, TestVerdict, Verdict

_REASON = 100  # characters of a reason in the table


def print_judgement(
    judgement: Judgement, problem: Problem, failure: Mapping[str, Any] | None, *, file: TextIO | None = None
) -> None:
    """Print a judgement.

    Args:
        judgement: Of a program.
        problem: That it answers.
        failure: From livecodebench.report.first_failure.
        file: By default standard output.
    """
    console = console_for(file or sys.stdout)
    about = f"{problem.question_id}: {problem.title} ({problem.platform}, {problem.difficulty})"
    console.print(Text(printable(about, limit=200), style="bold"))
    if judgement.tests:
        console.print(_tests(judgement))
    if failure is not None:
        _print_failure(console, failure)
    console.print(_conclusion(judgement))


def _tests(judgement: Judgement) -> Table:
    table = Table(box=SIMPLE_HEAD, pad_edge=False, show_edge=False)
    for name in ("test", "verdict", "CPU", "wall", "memory", "reason"):
        left = name in ("verdict", "reason")
        table.add_column(name, justify="left" if left else "right", no_wrap=name != "reason", overflow="fold")
    for test in judgement.tests:
        table.add_row(*_cells(test))
    return table


def _cells(test: TestVerdict) -> Iterator[Text]:
    yield Text(str(test.index))
    yield Text(words(test.verdict), style="green" if test.passed else "red")
    yield Text(f"{test.usage.cpu_s:.3f} s")
    yield Text(f"{test.usage.wall_s:.3f} s")
    yield Text(f"{test.usage.max_rss_bytes / 2**20:.0f} MiB")
    yield Text(printable(test.reason, limit=_REASON))


def _print_failure(console: Console, failure: Mapping[str, Any]) -> None:
    where = "" if failure["index"] is None else f" at test {failure['index']}"
    console.print(Text(f"First failure{where}: {failure['reason']}", style="bold"))
    for name in ("input", "expected", "output", "stderr"):
        if failure[name]:
            console.print(Text(f"{name}:", style="bold"))
            console.print(Text("".join(f"  {line}\n" for line in failure[name].splitlines())), end="")


def _conclusion(judgement: Judgement) -> Text:
    if judgement.error is not None:
        error = judgement.error
        said = f"No verdict: the infrastructure failed: {error.type}: {error.message}"
        return Text(printable(said, limit=1000), style="bold red")
    passed = sum(test.passed for test in judgement.tests)
    ran = len(judgement.tests)
    rest = f", {judgement.tests_total - ran} not run" if judgement.tests_total > ran else ""
    assert judgement.verdict is not None
    verdict = words(judgement.verdict).capitalize()
    style = "bold green" if judgement.passed else "bold red"
    return Text(f"{verdict}: {passed} of {judgement.tests_total} tests passed{rest}.", style=style)


def words(verdict: Verdict) -> str:
    """A verdict without its underscore."""
    return verdict.replace("_", " ")
