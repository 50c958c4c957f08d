"""Bounded reading of the files users give us: plain or gzip by content, line by line, hashed on the way.

Datasets and generations share it. It knows lines and JSON objects, not what they mean. Pipes are refused: both kinds of
file are read more than once.
"""

from __future__ import annotations

import gzip
import hashlib
import io
import json
import os
import stat
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, BinaryIO, cast

from livecodebench.errors import InputError

if TYPE_CHECKING:
    from typing_extensions import Buffer  # in collections.abc from 3.12 on

MAX_LINE = 1 << 30  # bytes; the largest official row is far below, and a line is held in memory as a whole
_BUFFER = 1 << 20
_GZIP_MAGIC = b"\x1f\x8b"


@dataclass(frozen=True, slots=True)
class Line:
    """A line that is not blank.

    Attributes:
        number: From 1, blank lines counted.
        offset: Of its first byte, in the unpacked file.
        data: Its bytes, line end included.
    """

    number: int
    offset: int
    data: bytes


class _HashingReader(io.RawIOBase):
    """Passes a file through and hashes what was read."""

    def __init__(self, raw: io.RawIOBase) -> None:
        self._raw = raw
        self.hash = hashlib.sha256()

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: Buffer) -> int:
        view = memoryview(buffer)
        count = cast("int", self._raw.readinto(view))
        self.hash.update(view[:count])
        return count


class InputFile:
    """One pass over a file.

    Attributes:
        packed: True where the content is gzip, whatever the name says.
    """

    def __init__(self, path: Path, raw: io.FileIO, error: type[InputError]) -> None:
        self._path = path
        self._raw = raw
        self._error = error
        self._hashing = _HashingReader(raw)
        stream = io.BufferedReader(self._hashing, _BUFFER)
        self.packed = stream.peek(2)[:2] == _GZIP_MAGIC
        self._stream = cast("BinaryIO", gzip.GzipFile(fileobj=stream) if self.packed else stream)

    def fileno(self) -> int:
        """The descriptor of the file as it lies on the disk."""
        return self._raw.fileno()

    def lines(self) -> Iterator[Line]:
        """Yield each line that is not blank. Raises the file's kind of InputError, naming file and line."""
        number, offset = 0, 0
        while True:
            number += 1
            with self._named(number):
                data = self._stream.readline(MAX_LINE + 1)
            if not data:
                return
            if len(data) > MAX_LINE:
                raise self._error(
                    f"{self._path}:{number}: longer than {MAX_LINE} bytes: a row must be one line: is this JSONL?"
                )
            if not data.isspace():
                yield Line(number, offset, data)
            offset += len(data)

    def starts_with(self, wanted: bytes) -> bool:
        """Tell whether `wanted` is the first thing in the file but for white space; looks at its first bytes only."""
        with self._named(1):
            head = cast("io.BufferedReader", self._stream).peek(_BUFFER)
        return head.lstrip().startswith(wanted)

    def read(self, limit: int) -> bytes:
        """Read all that is left. Raises the file's kind of InputError where that is more than `limit` bytes."""
        with self._named(1):
            data = self._stream.read(limit + 1)
        if len(data) > limit:
            raise self._error(f"{self._path}: larger than {limit} bytes: write it as JSONL, one row per line")
        return data

    def sha256(self) -> str:
        """Hash of the whole file as it lies on the disk, in hex; reads what is left of it."""
        with self._named(1):
            while self._hashing.read(_BUFFER):
                pass
        return self._hashing.hash.hexdigest()

    @contextmanager
    def _named(self, number: int) -> Iterator[None]:
        try:
            yield
        except EOFError:
            raise self._error(
                f"{self._path}:{number}: the gzip data end too early (an interrupted download?): get the file again"
            ) from None
        except (gzip.BadGzipFile, zlib.error) as exc:
            raise self._error(f"{self._path}:{number}: the gzip data are damaged ({exc}): get the file again") from None
        except OSError as exc:
            raise self._error(f"{self._path}:{number}: cannot be read: {exc.strerror or exc}") from exc


@contextmanager
def open_input(path: Path, *, error: type[InputError] = InputError) -> Iterator[InputFile]:
    """Open a regular file for one pass.

    Args:
        path: Plain or gzip; told apart by content.
        error: What to raise for everything that is wrong with the file: InputError or a kind of it.
    """
    try:
        if not stat.S_ISREG(path.stat().st_mode):
            kind = "a folder" if path.is_dir() else "a pipe or a device"
            raise error(f"{path}: is {kind}: give a .jsonl or .jsonl.gz file on a disk")
        raw = io.FileIO(path)
    except FileNotFoundError:
        raise error(f"{path}: no such file: check the path (the current folder is {Path.cwd()})") from None
    except (OSError, ValueError) as exc:  # ValueError: a NUL in the path
        raise error(f"{path}: cannot be opened: {getattr(exc, 'strerror', None) or exc}") from exc
    with raw:
        if os.fstat(raw.fileno()).st_size == 0:
            raise error(f"{path}: the file is empty: one JSON object per line is expected")
        try:
            opened = InputFile(path, raw, error)
        except OSError as exc:
            raise error(f"{path}: cannot be read: {exc.strerror or exc}") from exc
        yield opened


def parse_object(data: bytes | str, place: str, *, error: type[InputError] = InputError) -> dict[str, Any]:
    """Parse one JSON object. Raises `error`, naming `place`, for anything else."""
    try:
        value = json.loads(data if isinstance(data, str) else data.decode())
    except UnicodeDecodeError as exc:
        raise error(f"{place}: not UTF-8 (byte {exc.start} of the line): save the file as UTF-8") from None
    except json.JSONDecodeError as exc:
        raise error(
            f"{place}: not JSON: {exc.msg} (column {exc.colno}): one JSON object per line is expected"
        ) from None
    except (ValueError, RecursionError) as exc:  # a number of thousands of digits; brackets thousands deep
        raise error(f"{place}: not usable JSON: {exc}") from None
    if not isinstance(value, dict):
        raise error(f"{place}: a JSON object is expected, not {json_type(value)}")
    return value


def json_type(value: object) -> str:
    """JSON's word for the type of a parsed value, with its article."""
    names: dict[type, str] = {
        dict: "an object",
        list: "a list",
        str: "a string",
        bool: "a boolean",
        int: "a number",
        float: "a number",
    }
    return names.get(type(value), "null")
