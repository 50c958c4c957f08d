"""A results folder through a job's printed output: the one way out of a cluster that every Ray has.

`python -m livecodebench.results.sending PLACE` prints it; `received` reads it from the job's log, which may have other
lines around it. What is sent is an archive of plain files, checked on arrival.
"""

from __future__ import annotations

import base64
import hashlib
import io
import sys
import tarfile
from pathlib import Path
from tempfile import TemporaryDirectory

from livecodebench.errors import OutputError

MOST_BYTES = 512 * 1024**2  # of the archive: a log is held in memory on its way, here and there

_BEGIN, _END = "livecodebench-results:", "livecodebench-results-end"
_LINE = 1_000


class NotSent(Exception):
    """The log holds no whole results folder; the message says why."""


def sent(folder: Path) -> str:
    """A folder as text. Raises NotSent where it is too large."""
    buffer = io.BytesIO()
    with tarfile.open(fileobj=buffer, mode="w:xz", preset=1) as archive:
        for path in sorted(folder.rglob("*")):
            if path.is_file() and not path.name.startswith("."):
                archive.add(path, path.relative_to(folder).as_posix(), recursive=False)
    data = buffer.getvalue()
    if len(data) > MOST_BYTES:
        raise NotSent(f"{len(data)} bytes, compressed, are too many to be sent: copy the folder by other means")
    text = base64.b64encode(data).decode()
    lines = (text[place : place + _LINE] for place in range(0, len(text), _LINE))
    return "\n".join([f"{_BEGIN} {hashlib.sha256(data).hexdigest()}", *lines, _END, ""])


def received(log: str, folder: Path) -> None:
    """Unpack what `sent` has made of a folder into one of this machine, which is made where it does not exist.

    Raises:
        NotSent: It is not there, or not whole.
        OutputError: The folder cannot be written.
    """
    before, begin, rest = log.partition(_BEGIN)
    text, end, _ = rest.partition(_END)
    if not begin or not end:
        raise NotSent(before[-2000:].strip() or "nothing was printed")
    digest, *lines = text.split()
    data = base64.b64decode("".join(lines), validate=True)
    if hashlib.sha256(data).hexdigest() != digest:
        raise NotSent("what arrived is not what was sent: try again")
    try:
        folder.mkdir(parents=True, exist_ok=True)
        with tarfile.open(fileobj=io.BytesIO(data), mode="r:xz") as archive:
            archive.extractall(folder, filter="data")
    except (OSError, tarfile.TarError) as error:
        raise OutputError(f"{folder}: cannot write: {error}; choose another folder with --fetch") from error


def main(place: str) -> int:
    """Print a results folder, of this machine or at a URL. Returns the exit status."""
    try:
        if "://" not in place and "::" not in place:
            text = sent(Path(place)) if Path(place).is_dir() else ""
        else:
            text = _from_url(place)
    except (NotSent, OutputError) as error:
        print(f"error: {error}", file=sys.stderr)  # noqa: T201 - a command of its own
        return 1
    if not text:
        print(f"error: there is no folder {place} on this node", file=sys.stderr)  # noqa: T201
        return 1
    print(text, end="")  # noqa: T201
    return 0


def _from_url(url: str) -> str:
    from livecodebench.files.remote_folder import RemoteFolder
    from livecodebench.results.run_file import NAME

    with TemporaryDirectory() as folder:
        RemoteFolder(url).pull(Path(folder), marker=NAME)
        return sent(Path(folder))


if __name__ == "__main__":
    sys.exit(main(sys.argv[1]))
