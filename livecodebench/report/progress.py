"""How far a run is, on standard error: a live line on a terminal, hardly a word elsewhere."""

from __future__ import annotations

import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Protocol, TextIO

QUIET_S = 30.0  # off a terminal, at most one line in so many seconds


class Progress(Protocol):
    """Learns what was done."""

    def advance(self, *, error: bool = False) -> None:
        """One more is done; `error` where the infrastructure failed."""
        ...


@contextmanager
def show_progress(*, total: int, done: int = 0, file: TextIO | None = None) -> Iterator[Progress]:
    """Show how many of `total` submissions are judged, of which `done` were before."""
    file = file or sys.stderr
    if file.isatty():
        with _live(file, total=total, done=done) as progress:
            yield progress
        return
    plain = PlainProgress(total=total, done=done, write=lambda line: _write_line(file, line))
    yield plain
    plain.end()


class PlainProgress:
    """A line at the start, one at the end, and in between one in QUIET_S at most."""

    def __init__(
        self, *, total: int, done: int, write: Callable[[str], None], clock: Callable[[], float] = time.monotonic
    ) -> None:
        self._total = total
        self._before = self._done = done
        self._errors = 0
        self._write = write
        self._clock = clock
        self._start = self._spoke = clock()
        earlier = f", {done} of {total} were before" if done else ""
        write(f"judging {total - done} submissions{earlier}")

    def advance(self, *, error: bool = False) -> None:
        """Count one; speak where it is time to."""
        self._done += 1
        self._errors += error
        now = self._clock()
        if now - self._spoke >= QUIET_S:
            self._spoke = now
            rate = (self._done - self._before) / (now - self._start)
            left = duration((self._total - self._done) / rate)
            self._write(f"judged {self._done} of {self._total}, {rate:.1f}/s, {self._told_errors()}, {left} left")

    def end(self) -> None:
        """Say what it came to."""
        took = duration(self._clock() - self._start)
        self._write(f"judged {self._done - self._before} submissions in {took}, {self._told_errors()}")

    def _told_errors(self) -> str:
        return f"{self._errors} error{'' if self._errors == 1 else 's'}"


def duration(seconds: float) -> str:
    """Seconds for a person: "7 s", "3 min 20 s", "2 h 5 min"."""
    whole = round(seconds)
    if whole < 60:
        return f"{whole} s"
    if whole < 3600:
        return f"{whole // 60} min {whole % 60} s"
    return f"{whole // 3600} h {whole % 3600 // 60} min"


def _write_line(file: TextIO, line: str) -> None:
    file.write(line + "\n")
    file.flush()


@contextmanager
def _live(file: TextIO, *, total: int, done: int) -> Iterator[Progress]:
    # Imported where a person watches: it takes longer than a small run.
    from rich.console import Console
    from rich.progress import BarColumn, MofNCompleteColumn, TextColumn, TimeElapsedColumn, TimeRemainingColumn
    from rich.progress import Progress as Bars

    columns = (
        TextColumn("judging"),
        BarColumn(),
        MofNCompleteColumn(),
        TextColumn("{task.fields[rate]}"),
        TextColumn("{task.fields[errors]} errors"),
        TimeElapsedColumn(),
        TextColumn("left"),
        TimeRemainingColumn(),
    )
    with Bars(*columns, console=Console(file=file), refresh_per_second=4) as bars:
        task = bars.add_task("judging", total=total, completed=done, rate="", errors=0)

        class Live:
            errors = 0

            def advance(self, *, error: bool = False) -> None:
                self.errors += error
                bars.advance(task)
                speed = bars.tasks[0].speed
                bars.update(task, rate=f"{speed:.1f}/s" if speed else "", errors=self.errors)

        yield Live()
