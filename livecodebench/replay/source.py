"""Which file is replayed: one of the user's, or the bundled answers to the bundled problems."""

from __future__ import annotations

from importlib.resources import as_file, files
from pathlib import Path

from livecodebench.replay.stored import StoredCompletions
from livecodebench.replay.stored_file import read_stored

BUNDLED = "mini"


def open_stored(name: str) -> StoredCompletions:
    """Read the file of that name; "mini" is the bundled one. Raises InputError."""
    if name != BUNDLED:
        return read_stored(Path(name))
    with as_file(files("livecodebench") / "data" / "mini" / "generations.jsonl") as path:
        return read_stored(path)
