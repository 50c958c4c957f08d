"""A report into a file: whole or not at all, and never over something that is not a report of ours."""

from __future__ import annotations

import os
from pathlib import Path

from livecodebench.errors import InputError, OutputError
from livecodebench.report.html.page import GENERATOR

_LOOK = 4096  # bytes of a file in which its generator is named


def check_target(path: Path) -> bool:
    """Find out whether a report can be put there; True where it replaces an earlier one.

    Raises:
        InputError: Something else is there, or the folder is missing.
    """
    if not path.parent.is_dir():
        raise InputError(f"--html: there is no folder {path.parent}: make it first, or choose another file")
    if not path.exists() and not path.is_symlink():
        return False
    if not path.is_file():
        raise InputError(f"--html: {path} is no file: choose another name")
    try:
        with path.open("rb") as file:
            head = file.read(_LOOK)
    except OSError as error:
        raise InputError(f"--html: {path}: cannot be read: {error.strerror or error}: choose another name") from error
    if f'<meta name="generator" content="{GENERATOR}">'.encode() not in head:
        raise InputError(f"--html: {path} is there already and is no report of ours: choose another name, or remove it")
    return True


def write_page(path: Path, document: str) -> None:
    """Put a document in a file in one step. Raises OutputError."""
    temporary = path.with_name(f".{path.name}.{os.getpid()}.tmp")
    try:
        try:
            temporary.write_text(document, encoding="utf-8")
            temporary.replace(path)
        finally:
            temporary.unlink(missing_ok=True)
    except OSError as error:
        raise OutputError(f"--html: {path}: cannot write: {error.strerror or error}; choose another file") from error
