"""The rows of a file that is either JSONL or one JSON list, told by its first character, one object at a time."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from livecodebench.errors import InputError
from livecodebench.files.jsonl import InputFile, json_type, parse_object

MAX_LIST = 1 << 30  # bytes; a JSON list has to be in memory as a whole
_SPACE = re.compile(r"[ \t\r\n]*")


def json_rows(file: InputFile, path: Path) -> Iterator[tuple[str, dict[str, Any]]]:
    """Yield each row and its place, "file:line"; for a list, the line where the row begins.

    Raises:
        InputError: Naming the place of what is not JSON or not an object.
    """
    return _listed_objects(file, path) if file.starts_with(b"[") else _line_objects(file, path)


def _line_objects(file: InputFile, path: Path) -> Iterator[tuple[str, dict[str, Any]]]:
    for line in file.lines():
        place = f"{path}:{line.number}"
        yield place, parse_object(line.data, place)


def _listed_objects(file: InputFile, path: Path) -> Iterator[tuple[str, dict[str, Any]]]:
    """One object of a JSON list at a time: the text is in memory, its rows need not be."""
    text = _decoded(file.read(MAX_LIST), path)
    position = text.index("[") + 1
    line = 1 + text.count("\n", 0, position)
    separator = "["
    while separator != "]":
        start = _skip_space(text, position)
        line += text.count("\n", position, start)
        place = f"{path}:{line}"
        if separator == "[" and text.startswith("]", start):
            position = start + 1
            break
        row, end = _parsed(text, start, place)
        yield place, row
        position = _skip_space(text, end)
        line += text.count("\n", start, position)
        separator = text[position : position + 1]
        if separator not in (",", "]"):
            raise InputError(
                f"{path}:{line}: not JSON: a comma or the end of the list is expected; is the file cut off?"
            )
        position += 1
    if _skip_space(text, position) != len(text):
        raise InputError(f"{path}:{line}: not JSON: more text after the end of the list: one list or JSONL is expected")


def _decoded(data: bytes, path: Path) -> str:
    try:
        return data.decode()
    except UnicodeDecodeError as exc:
        line = 1 + data.count(b"\n", 0, exc.start)
        raise InputError(f"{path}:{line}: not UTF-8 (byte {exc.start} of the file): save the file as UTF-8") from None


def _parsed(text: str, start: int, place: str) -> tuple[dict[str, Any], int]:
    try:
        row, end = json.JSONDecoder().raw_decode(text, start)
    except (ValueError, RecursionError) as exc:
        reason = exc.msg if isinstance(exc, json.JSONDecodeError) else str(exc)
        raise InputError(
            f"{place}: not usable JSON in the row that begins here: {reason}; is the file cut off?"
        ) from None
    if not isinstance(row, dict):
        raise InputError(f"{place}: each row of the list must be an object, not {json_type(row)}")
    return row, end


def _skip_space(text: str, position: int) -> int:
    found = _SPACE.match(text, position)
    return found.end() if found else position
