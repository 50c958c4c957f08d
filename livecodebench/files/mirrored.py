"""A folder of this machine that is written to a URL while it grows, so that a lost machine loses seconds of it."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory

from livecodebench.errors import OutputError
from livecodebench.files.remote_folder import RemoteFolder

EVERY_S = 5.0  # between two times of writing there
_SHARE = 10  # of the time at most a tenth is spent writing: files are written whole


@contextmanager
def mirrored(url: str, *, marker: str, tell: Callable[[str], None], every_s: float = EVERY_S) -> Iterator[Path]:
    """A folder with what is at the URL, which is kept up to date, and complete when the block has ended.

    Args:
        url: See RemoteFolder.
        marker: See RemoteFolder.pull.
        tell: Hears of what went wrong meanwhile; it is tried again.
        every_s: How often to write there.

    Raises:
        InputError: Somebody else writes there, or what is there is not ours.
        OutputError: It cannot be read; or, at the end, written.
    """
    remote = RemoteFolder(url)
    with TemporaryDirectory(prefix="livecodebench-") as scratch:
        folder = Path(scratch)
        remote.take()
        try:
            remote.pull(folder, marker=marker)
            try:
                with _kept_up_to_date(remote, folder, tell, every_s):
                    yield folder
            finally:
                remote.push(folder)
        finally:
            remote.release()


@contextmanager
def _kept_up_to_date(remote: RemoteFolder, folder: Path, tell: Callable[[str], None], every_s: float) -> Iterator[None]:
    ended = threading.Event()

    def keep() -> None:
        pause_s = every_s
        while not ended.wait(pause_s):
            began = time.monotonic()
            try:
                remote.keep()
                remote.push(folder)
            except OutputError as error:
                tell(f"{error}; trying again")
            pause_s = max(every_s, _SHARE * (time.monotonic() - began))

    thread = threading.Thread(target=keep, name="results-to-url", daemon=True)
    thread.start()
    try:
        yield
    finally:
        ended.set()
        thread.join()
