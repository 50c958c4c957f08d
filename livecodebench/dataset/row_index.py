"""What a large dataset file holds, remembered in the user's cache: it is read and checked once, not at each opening.

A release is several GB, nearly all of it hidden tests. Its index has the other columns and where each row lies: a later
opening reads a few MB, filters on them, and touches the file only for the tests of problems that are judged. An index
saves time and nothing else: one that is missing, old or damaged is made anew, and where none can be kept, all works.
"""

from __future__ import annotations

import hashlib
import json
import logging
import os
import tempfile
import time
import zlib
from collections.abc import Mapping
from dataclasses import astuple, dataclass
from pathlib import Path
from typing import Any

from livecodebench.dataset.row import COLUMNS

INDEXED_FROM = 32 << 20  # bytes; a smaller file is read within a fraction of a second, and gets no index
MAX_INDEX = 64 << 20  # characters; a whole release's have a few million

COLUMNS_KEPT = tuple(column for column in COLUMNS if column != "private_test_cases")

_log = logging.getLogger(__name__)
_FORMAT = 1
# Two changes within a tick of the file system's clock look like one: of a file that young nothing is remembered.
_SETTLED_NS = 2_000_000_000


@dataclass(frozen=True, slots=True)
class FileIdentity:
    """By what a file is taken for the one that was indexed; the last also changes when the others are set back."""

    size: int
    mtime_ns: int
    ctime_ns: int

    @classmethod
    def of(cls, descriptor: int) -> FileIdentity:
        """Of an open file."""
        status = os.fstat(descriptor)
        return cls(status.st_size, status.st_mtime_ns, status.st_ctime_ns)

    @property
    def settled(self) -> bool:
        """Whether a later change would show."""
        return time.time_ns() - max(self.mtime_ns, self.ctime_ns) >= _SETTLED_NS


@dataclass(frozen=True, slots=True)
class IndexedRow:
    """One row of the file.

    Attributes:
        number: Of its line, from 1.
        offset: Of its first byte.
        length: Of its line in bytes, line end included.
        checksum: CRC-32 of its line.
        columns: The official columns but private_test_cases.
    """

    number: int
    offset: int
    length: int
    checksum: int
    columns: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class RowIndex:
    """What a file holds.

    Attributes:
        sha256: Of the file, in hex.
        rows: All of them, in the order of the file.
    """

    sha256: str
    rows: tuple[IndexedRow, ...]


class IndexSidecar:
    """The index of one open file: loaded where it was kept, else gathered while the file is read, and kept."""

    def __init__(self, path: Path, descriptor: int) -> None:
        """Args: path: of the file; descriptor: of the same, open, and not read yet."""
        self._path = path
        self._descriptor = descriptor
        self._identity = FileIdentity.of(descriptor)
        self._sidecar = _sidecar(path) if self._identity.size >= INDEXED_FROM else None
        self._rows: list[IndexedRow] = []
        self._room = MAX_INDEX

    def load(self) -> RowIndex | None:
        """The index; None where there is none that fits the file and is whole."""
        if self._sidecar is None:
            return None
        try:
            head, _, body = self._sidecar.read_bytes().partition(b"\n")
            index = _parsed(json.loads(head), body, self._identity)
        except (OSError, ValueError, TypeError, KeyError, AttributeError, RecursionError):
            index = None
        if index is None:
            _log.info("%s: reading all of it once (%d MB)", self._path, self._identity.size >> 20)
        return index

    def add(self, row: IndexedRow) -> None:
        """Gather a row. Of a file that is not mostly hidden tests nothing is kept, so that memory stays bounded."""
        if self._sidecar is None:
            return
        self._room -= sum(map(len, row.columns.values()))
        if self._room >= 0:
            self._rows.append(row)
        else:
            self._rows.clear()

    def keep(self, sha256: str) -> None:
        """Keep what was gathered for later openings, if that is possible, and the file is still what it was.

        Args:
            sha256: Of the file, in hex.
        """
        fits = self._room >= 0 and self._identity.settled and FileIdentity.of(self._descriptor) == self._identity
        if self._sidecar is None or not fits:
            return
        body = "".join(json.dumps(_packed(row)) + "\n" for row in self._rows).encode()
        head = {
            "format": _FORMAT,
            "file": str(self._path),
            "identity": astuple(self._identity),
            "sha256": sha256,
            "crc32": _checksum(sha256, body),
        }
        try:
            _write(self._sidecar, json.dumps(head).encode() + b"\n" + body)
        except OSError as error:
            _log.info("%s: no index kept, so the next opening reads all of it again: %s", self._path, error)


def _sidecar(path: Path) -> Path | None:
    """Where the index of a file is kept: by its real path, so that one that has changed replaces its old index."""
    try:
        folder = os.environ.get("XDG_CACHE_HOME", "")
        cache = Path(folder) if Path(folder).is_absolute() else Path.home() / ".cache"
        name = hashlib.sha256(os.fsencode(path.resolve())).hexdigest()
    except (OSError, RuntimeError):  # RuntimeError: nobody's home
        return None
    return cache / "livecodebench" / "index" / f"{name[:32]}.jsonl"


def _write(sidecar: Path, data: bytes) -> None:
    """Put it there whole or not at all, whoever else does the same."""
    sidecar.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    descriptor, name = tempfile.mkstemp(dir=sidecar.parent, prefix=".", suffix=".tmp")
    try:
        with os.fdopen(descriptor, "wb") as file:
            file.write(data)
        Path(name).replace(sidecar)
    except BaseException:
        Path(name).unlink(missing_ok=True)
        raise


def _packed(row: IndexedRow) -> list[object]:
    columns = [row.columns[column] for column in COLUMNS_KEPT]
    return [row.number, row.offset, row.length, row.checksum, columns]


def _parsed(head: Mapping[str, Any], body: bytes, identity: FileIdentity) -> RowIndex | None:
    """The index; None where it is of another file, or damaged. Raises what damage to the head makes its parts raise."""
    if head["format"] != _FORMAT or head["identity"] != list(astuple(identity)):
        return None
    if head["crc32"] != _checksum(head["sha256"], body):
        return None
    return RowIndex(head["sha256"], tuple(_unpacked(json.loads(line)) for line in body.splitlines()))


def _checksum(sha256: str, body: bytes) -> int:
    return zlib.crc32(body, zlib.crc32(sha256.encode()))


def _unpacked(row: list[Any]) -> IndexedRow:
    number, offset, length, checksum, columns = row
    return IndexedRow(number, offset, length, checksum, dict(zip(COLUMNS_KEPT, columns, strict=True)))
