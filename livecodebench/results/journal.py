"""judgements.jsonl: a line per judgement, appended; what a killed or failed writer left behind is mended.

Each line is one write to a file opened for appending, so a line is there or it is not; only the last one can be torn.
Two writers at once are the caller's to prevent.
"""

from __future__ import annotations

import errno
import json
import os
from collections.abc import Callable, Iterator
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, NamedTuple, Self

from livecodebench.errors import OutputError
from livecodebench.files.durable import replacing, writing
from livecodebench.results.record import Record, parse_line


class Line(NamedTuple):
    """A line as it was found.

    Attributes:
        number: From 1.
        end: The offset in the file just behind it.
        content: The bytes, line end included.
        record: None where the line cannot be used.
        value: All of its JSON; empty where it cannot be used.
        damage: Why it cannot be used; empty where it can.
        torn: True for a last line without its end.
    """

    number: int
    end: int
    content: bytes
    record: Record | None
    value: dict[str, Any]
    damage: str
    torn: bool


def read_lines(path: Path) -> Iterator[Line]:
    """Read the lines of a judgements.jsonl one by one; none where the file does not exist. Raises OSError."""
    if not path.is_file():  # a device could be read for ever
        return
    end = 0
    with path.open("rb") as file:
        for number, content in enumerate(file, start=1):
            end += len(content)
            if not content.endswith(b"\n"):
                yield Line(number, end, content, None, {}, "it has no end", True)
                return
            try:
                record, value = parse_line(content)
            except ValueError as error:
                yield Line(number, end, content, None, {}, str(error), False)
            else:
                yield Line(number, end, content, record, value, "", False)


@dataclass(slots=True)
class Recovery:
    """What `recover` found.

    Attributes:
        kept: Verdicts that stay.
        errors: Lines of infrastructure errors, dropped: those submissions are judged again.
        torn: Whether the last line had no end, and was dropped.
        damaged: What is wrong with other lines that cannot be used; they are dropped too.
    """

    kept: int = 0
    errors: int = 0
    torn: bool = False
    damaged: list[str] = field(default_factory=list)


def recover(path: Path, *, keep: Callable[[Record], None]) -> Recovery:
    """Leave only verdicts in the file, one per submission and grading, and hand each to `keep`.

    Lines that stay are not changed. `keep` may raise to refuse the file, which is then as it was.

    Raises:
        OutputError: The file cannot be read or mended.
    """
    found = Recovery()
    seen: set[tuple[str | None, str, int, str]] = set()
    stays: list[list[int]] = []  # ranges of bytes, joined where they touch
    start = 0
    with writing(path):
        for line in read_lines(path):
            record = line.record
            if line.torn:
                found.torn = True
            elif record is None:
                found.damaged.append(f"{path}:{line.number}: {line.damage}")
            elif record.verdict is None:
                found.errors += 1
            elif (*record.key, record.grading) in seen:
                found.damaged.append(f"{path}:{line.number}: a second judgement of {record.question_id}")
            else:
                keep(record)
                seen.add((*record.key, record.grading))
                found.kept += 1
                if stays and stays[-1][1] == start:
                    stays[-1][1] = line.end
                else:
                    stays.append([start, line.end])
            start = line.end
        _keep_only(path, stays, size=start)
    return found


def _keep_only(path: Path, ranges: list[list[int]], *, size: int) -> None:
    if not size or ranges == [[0, size]]:
        return
    if not ranges or (len(ranges) == 1 and ranges[0][0] == 0):
        os.truncate(path, ranges[0][1] if ranges else 0)
        return
    with path.open("rb") as old, replacing(path) as new:
        for start, end in ranges:
            old.seek(start)
            while (left := end - old.tell()) > 0:
                new.write(old.read(min(left, 1 << 20)))


class Journal:
    """The writer. Not safe for threads or several processes."""

    def __init__(self, path: Path) -> None:
        self._path = path
        with writing(path):
            self._file = os.open(path, os.O_WRONLY | os.O_APPEND | os.O_CREAT | os.O_CLOEXEC, 0o666)
            self._end = os.fstat(self._file).st_size

    def append(self, value: dict[str, Any]) -> None:
        """Add a line. Raises OutputError, and then the file is as it was before."""
        line = json.dumps(value, separators=(",", ":")).encode("ascii") + b"\n"
        left = memoryview(line)
        try:
            with writing(self._path):
                while left:  # a second turn only where the disk filled up within the line: it raises the reason
                    left = left[os.write(self._file, left) :]
        except OutputError:
            with suppress(OSError):
                os.ftruncate(self._file, self._end)
            raise
        self._end += len(line)

    def close(self) -> None:
        """Put everything on the disk. May be called twice."""
        if self._file < 0:
            return
        descriptor, self._file = self._file, -1
        with writing(self._path):
            try:
                os.fsync(descriptor)
            except OSError as error:
                if error.errno != errno.EINVAL:  # a device: there is nothing to put anywhere
                    raise
            finally:
                os.close(descriptor)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()
