"""A results folder kept at a URL: brought here, written back, and held by one writer. fsspec's one door.

Object stores cannot append, so files are written whole: each is there in its old or its new state, never torn, where
the store replaces objects in one step, as S3, GCS and Azure do.
"""

from __future__ import annotations

import json
import threading
import uuid
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import fsspec

from livecodebench.errors import InputError, OutputError

HOLDER = ".writer.json"
UNCHANGED_S = 30.0  # after which whoever wrote HOLDER last is taken for dead


class RemoteFolder:
    """One folder at a URL, "s3://bucket/run".

    Args:
        url: As fsspec has it; credentials come from where its implementation looks for them.

    Raises InputError where nothing here can reach such a place.
    """

    def __init__(self, url: str) -> None:
        self.url = url
        self._me = uuid.uuid4().hex
        self._written: dict[str, tuple[int, int]] = {}  # name -> size and time of change, as they are there
        self._beats = 0
        try:
            found: tuple[Any, str] = fsspec.core.url_to_fs(url, use_listings_cache=False, skip_instance_cache=True)
        except (ImportError, ValueError) as error:
            raise InputError(
                f"--output {url}: {error}: install what fsspec needs for it where the command runs"
            ) from None
        self._fs, path = found
        self._root = path.rstrip("/")

    def pull(self, folder: Path, *, marker: str) -> None:
        """Bring what is there into an empty folder.

        Args:
            folder: Where to.
            marker: A file that a folder of ours has.

        Raises InputError where it holds something else, OutputError where it cannot be read.
        """
        with self._reaching("read"):
            names = [name for name in self._names() if name != HOLDER]
        if names and marker not in names:
            raise InputError(
                f"{self.url}: is not empty and holds no {marker}, so these are not results of ours: "
                "choose a new or empty place with --output"
            )
        with self._reaching("read"):
            for name in names:
                path = folder / name
                if not path.resolve().is_relative_to(folder.resolve()):
                    raise InputError(f"{self.url}: holds a file that would lie outside of it: {name!r}")
                path.parent.mkdir(parents=True, exist_ok=True)
                self._fs.get_file(f"{self._root}/{name}", str(path))
                self._written[name] = _state(path)

    def push(self, folder: Path) -> None:
        """Write there what has changed in a folder, and remove there what was removed. Raises OutputError."""
        present = {path.relative_to(folder).as_posix(): path for path in _files(folder)}
        with self._reaching("write"):
            for name, path in sorted(present.items()):
                state = _state(path)
                if self._written.get(name) != state:
                    target = f"{self._root}/{name}"
                    self._fs.makedirs(target.rpartition("/")[0], exist_ok=True)
                    self._fs.put_file(str(path), target)
                    self._written[name] = state
            for name in self._written.keys() - present.keys():
                self._fs.rm_file(f"{self._root}/{name}")
                del self._written[name]

    def take(self, wait: Callable[[float], object] | None = None) -> None:
        """Become the one who writes there; waits for one who may be dead. Raises InputError, OutputError.

        Args:
            wait: Waits so many seconds.
        """
        wait = wait or threading.Event().wait
        before = self._holder()
        if before is not None:
            wait(UNCHANGED_S)
            if self._holder() not in (before, None):
                raise InputError(
                    f"{self.url}: another livecodebench process is writing there: wait for it to end, or choose "
                    "another place with --output"
                )
        self.keep()

    def keep(self) -> None:
        """Show that whoever writes there is alive. Raises OutputError."""
        self._beats += 1
        with self._reaching("write"):
            self._fs.makedirs(self._root, exist_ok=True)
            self._fs.pipe_file(f"{self._root}/{HOLDER}", json.dumps({"id": self._me, "beats": self._beats}).encode())

    def release(self) -> None:
        """Let others write there. Raises OutputError."""
        with self._reaching("write"):
            self._fs.rm_file(f"{self._root}/{HOLDER}")

    def _holder(self) -> bytes | None:
        with self._reaching("read"):
            try:
                found: bytes = self._fs.cat_file(f"{self._root}/{HOLDER}")
            except FileNotFoundError:
                return None
        return found

    def _names(self) -> list[str]:
        try:
            found = self._fs.find(self._root)
        except FileNotFoundError:
            return []
        prefix = f"{self._root}/"
        return [name.removeprefix(prefix) for name in found if name.startswith(prefix)]

    @contextmanager
    def _reaching(self, verb: str) -> Iterator[None]:
        """Turn whatever the implementation raises into an OutputError."""
        try:
            yield
        except (InputError, OutputError):
            raise
        except Exception as error:
            why = str(error) or type(error).__name__
            raise OutputError(
                f"{self.url}: cannot {verb}: {why[:500]}; mend this, or choose another place with --output"
            ) from error


def _files(folder: Path) -> Iterator[Path]:
    """What is worth keeping: no lock, and no file that is just being made."""
    for path in folder.rglob("*"):
        if not path.name.startswith(".") and path.is_file():
            yield path


def _state(path: Path) -> tuple[int, int]:
    found = path.stat()
    return found.st_size, found.st_mtime_ns
