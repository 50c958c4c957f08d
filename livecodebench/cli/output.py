"""Where --output points: a folder, or a URL whose folder is kept here while the command runs."""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from livecodebench.cli.exits import Ended, Status, tell
from livecodebench.errors import InputError, OutputError

_URL = re.compile(r"[A-Za-z][A-Za-z0-9+.-]+(::|://)")


def is_url(output: str) -> bool:
    """Whether it names a place of fsspec's, and no folder of this machine."""
    return _URL.match(output) is not None


@contextmanager
def kept_in(output: str | None) -> Iterator[Path | None]:
    """The folder to write to; None where none was asked for.

    Raises InputError; Ended where what is at a URL cannot be read or, at the end, written.
    """
    if output is None or not is_url(output):
        yield None if output is None else Path(output)
        return
    from livecodebench.files.mirrored import mirrored
    from livecodebench.results.run_file import NAME

    folder = Path()
    try:
        with mirrored(output, marker=NAME, tell=tell) as folder:
            yield folder
    except OutputError as error:
        raise Ended(Status.NO_OUTPUT, f"livecodebench: {error}") from error
    except InputError as error:
        raise InputError(str(error).replace(str(folder), output) if folder.parts else str(error)) from error
