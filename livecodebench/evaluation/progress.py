"""How far both halves of an evaluation are, on standard error: live on a terminal, hardly a word elsewhere."""

from __future__ import annotations

import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import TextIO

from livecodebench.evaluation.engine import Standing
from livecodebench.report.progress import QUIET_S, duration

Show = Callable[[Standing], None]


@contextmanager
def show_standing(*, file: TextIO | None = None) -> Iterator[Show]:
    """Yield a function that shows how far an evaluation is; it is called after every event."""
    file = file or sys.stderr
    if file.isatty():
        with _live(file) as show:
            yield show
        return
    plain = PlainStanding(write=lambda line: _write_line(file, line))
    yield plain.show
    plain.end()


def _write_line(file: TextIO, line: str) -> None:
    file.write(line + "\n")
    file.flush()


class PlainStanding:
    """A line in QUIET_S at most, and one at the end."""

    def __init__(self, *, write: Callable[[str], None], clock: Callable[[], float] = time.monotonic) -> None:
        self._write = write
        self._clock = clock
        self._start = self._spoke = clock()
        self._last: Standing | None = None

    def show(self, standing: Standing) -> None:
        """Speak where it is time to."""
        self._last = standing
        if self._clock() - self._spoke >= QUIET_S:
            self._spoke = self._clock()
            self._write(f"{_told(standing)}, {standing.asking} requests under way")

    def end(self) -> None:
        """Say what it came to."""
        if self._last is not None:
            self._write(f"{_told(self._last)} in {duration(self._clock() - self._start)}")


def _told(standing: Standing) -> str:
    answered = f"answered {standing.stored + standing.answered} of {standing.samples}"
    return f"{answered}, judged {standing.judged}, {errors_told(standing)}"


def errors_told(standing: Standing) -> str:
    """The errors of this session, both kinds."""
    count = standing.failed + standing.errors
    kind = f" ({standing.failed} of the API)" if standing.failed else ""
    return f"{count} error{'' if count == 1 else 's'}{kind}"


@contextmanager
def _live(file: TextIO) -> Iterator[Show]:
    # Imported where a person watches: it takes longer than a small run.
    from rich.console import Console
    from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn

    columns = (
        TextColumn("{task.description}"),
        BarColumn(),
        MofNCompleteColumn(),
        TextColumn("{task.fields[told]}"),
        TimeElapsedColumn(),
    )
    with Progress(*columns, console=Console(file=file), refresh_per_second=4) as bars:
        asking = bars.add_task("asking", total=None, told="")
        judging = bars.add_task("judging", total=None, told="")

        def show(standing: Standing) -> None:
            answered = standing.stored + standing.answered
            under_way = f"{standing.asking} under way"
            bars.update(asking, total=standing.samples, completed=answered, told=under_way)
            bars.update(judging, total=standing.samples, completed=standing.judged, told=errors_told(standing))

        yield show
