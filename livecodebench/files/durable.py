"""Files that are whole or not there, whenever the process stops; and what to say where the disk says no."""

from __future__ import annotations

import errno
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import BinaryIO

from livecodebench.errors import OutputError

_FIXES = {
    errno.ENOSPC: "free some space there, then start the same command again: it resumes",
    errno.EDQUOT: "your quota is used up: free some space, then start the same command again: it resumes",
    errno.EFBIG: "the file would exceed the size limit of this shell (ulimit -f): raise it and start again: it resumes",
    errno.EACCES: "choose a folder that you may write to with --output",
    errno.EPERM: "choose a folder that you may write to with --output",
    errno.EROFS: "the file system is read-only: choose another folder with --output",
    errno.ENOTDIR: "a part of this path is a file: choose another folder with --output",
    errno.EEXIST: "this is a file, not a folder: choose another one with --output",
    errno.EISDIR: "this is a folder where a file is to be written: move it away, or choose another --output",
    errno.ENAMETOOLONG: "choose a shorter path with --output",
}


@contextmanager
def writing(path: Path) -> Iterator[None]:
    """Turn what the operating system refuses into an OutputError that names the path and the fix."""
    try:
        yield
    except OSError as error:
        fix = _FIXES.get(error.errno or 0, "mend this, or choose another folder with --output")
        raise OutputError(f"{path}: cannot write: {error.strerror or error}; {fix}") from error


@contextmanager
def replacing(path: Path) -> Iterator[BinaryIO]:
    """Write a file that takes the place of `path` in one step, when all of it is on the disk.

    The temporary name is fixed, so that what a killed process left is overwritten by the next: the caller has to see
    to it that only one process writes (livecodebench.results.results holds a lock). Raises OutputError.
    """
    temporary = path.with_name(f".{path.name}.tmp")
    with writing(path):
        try:
            with temporary.open("wb") as file:
                yield file
                file.flush()
                os.fsync(file.fileno())
            temporary.replace(path)
            sync_folder(path.parent)
        except BaseException:
            temporary.unlink(missing_ok=True)
            raise


def sync_folder(folder: Path) -> None:
    """Make the names in a folder as durable as the files they name."""
    descriptor = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
