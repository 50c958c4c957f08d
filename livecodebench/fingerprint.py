"""What decides the verdicts of a run, so that a resumed run cannot mix two kinds of them.

Left out on purpose: where the programs run (backend, number of slots) and with which Python. A run may be finished
on another machine; what its sandboxes were is recorded beside the verdicts, session by session.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator, Mapping
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import Any

DISTRIBUTION = "lcb-ray"


def our_version() -> str:
    """The version of this software, as installed; "unknown" where it runs without being installed."""
    try:
        return version(DISTRIBUTION)
    except PackageNotFoundError:
        return "unknown"


def file_sha256(path: Path) -> str:
    """The SHA-256 of a file's bytes, in hexadecimal. Raises OSError."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def normalised(fingerprint: Mapping[str, Any]) -> dict[str, Any]:
    """A fingerprint as it will be read back from run.json: JSON's types only, keys sorted."""
    value: dict[str, Any] = json.loads(json.dumps(fingerprint, sort_keys=True))
    return value


def differences(stored: Mapping[str, Any], asked: Mapping[str, Any]) -> list[str]:
    """What two fingerprints do not agree on, a line per field; empty where they are the same."""
    before, now = dict(_fields(normalised(stored))), dict(_fields(normalised(asked)))
    lines = []
    for name in sorted(before.keys() | now.keys()):
        was, wants = before.get(name, "(not set)"), now.get(name, "(not set)")
        if was != wants:
            lines.append(f"{name}: {was} there, {wants} now")
    return lines


def _fields(value: Mapping[str, Any], prefix: str = "") -> Iterator[tuple[str, str]]:
    for name, entry in value.items():
        if isinstance(entry, dict):
            yield from _fields(entry, f"{prefix}{name}.")
        else:
            yield f"{prefix}{name}", json.dumps(entry)
