"""Where the rows of an opened dataset stay: on the disk, to be read again by offset when their tests are needed.

A plain file is read in place. A gzip file cannot be read from the middle, so its rows go into a Spool: memory while
they are few, then a temporary file without a name, which the kernel drops when the last process that has it open ends,
killed or not.
Reads are by pread: safe from many threads and after a fork, without a lock.
"""

from __future__ import annotations

import os
import tempfile
import weakref
from typing import Protocol

SPOOL_MEMORY = 32 << 20  # bytes; a bundled or small dataset then needs no writable folder at all


class RowStore(Protocol):
    """Rows by offset."""

    def read(self, offset: int, length: int) -> bytes:
        """Return up to `length` bytes from `offset`: fewer only where the file has become shorter. Raises OSError."""
        ...


class FileRows:
    """The rows of a plain file, in place. Holds the file open: renaming or deleting it does no harm."""

    def __init__(self, descriptor: int) -> None:
        """Args: descriptor: of the file; duplicated, so the caller may close its own."""
        self._descriptor = os.dup(descriptor)
        weakref.finalize(self, os.close, self._descriptor)

    def read(self, offset: int, length: int) -> bytes:
        """Return up to `length` bytes from `offset`. Raises OSError."""
        return _read(self._descriptor, offset, length)


class Spool:
    """Rows copied out of a stream. One thread appends; then any may read."""

    def __init__(self, memory: int | None = None) -> None:
        self._limit = SPOOL_MEMORY if memory is None else memory
        self._memory = bytearray()
        self._size = 0
        self._descriptor: int | None = None

    def append(self, row: bytes) -> int:
        """Store a row; return its offset. Raises OSError where the temporary folder is full or not writable."""
        offset = self._size
        if self._descriptor is None and offset + len(row) > self._limit:
            self._descriptor = self._unnamed_file()
            _write(self._descriptor, self._memory)
            self._memory = bytearray()
        if self._descriptor is None:
            self._memory += row
        else:
            _write(self._descriptor, row)
        self._size += len(row)
        return offset

    def read(self, offset: int, length: int) -> bytes:
        """Return the bytes stored there. Raises OSError."""
        if self._descriptor is None:
            return bytes(memoryview(self._memory)[offset : offset + length])
        return _read(self._descriptor, offset, length)

    def _unnamed_file(self) -> int:
        with tempfile.TemporaryFile(buffering=0) as file:
            descriptor = os.dup(file.fileno())
        weakref.finalize(self, os.close, descriptor)
        return descriptor


def _read(descriptor: int, offset: int, length: int) -> bytes:
    data = os.pread(descriptor, length, offset)
    while 0 < len(data) < length:
        more = os.pread(descriptor, length - len(data), offset + len(data))
        if not more:
            break
        data += more
    return data


def _write(descriptor: int, data: bytes | bytearray) -> None:
    view = memoryview(data)
    while view:
        view = view[os.write(descriptor, view) :]
