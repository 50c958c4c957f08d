"""What the harness told, read back. It comes from the process that ran the candidate, so it is hostile.

Whatever is not as the harness writes it ends the reading there, as if the process had died at that point: the official
grader would have found no result either.
"""

from __future__ import annotations

import json
import math
from dataclasses import dataclass, field
from typing import Any

_CHEATS = ("results", "grader", "equality", "output")


@dataclass(frozen=True, slots=True, kw_only=True)
class Tested:
    """A test that the candidate came through.

    Attributes:
        wall_s, cpu_s: What the harness measured.
        extended: How often the time limit was put off because the machine was busy.
        raised: How often the alarm raised its exception.
        output: What it printed, or the value it returned, encoded; None where it was too long to keep.
        ends: Then, how it began and ended.
        shown: A returned value's str(), shortened.
        inputs: Likewise the arguments, as they were after the call.
        shown_error: The exception that came of str(), instead of both.
        shape: Of a numpy array, whose items are the value.
    """

    wall_s: float
    cpu_s: float
    extended: int
    raised: int
    output: str | None
    ends: tuple[str, str] = ("", "")
    shown: str = ""
    inputs: str = ""
    shown_error: str | None = None
    shape: tuple[int, ...] | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Raised:
    """The test that ended with an exception.

    Attributes:
        wall_s, cpu_s: What the harness measured.
        error: The exception's repr.
        inputs: The arguments of a function as they were then, shortened.
    """

    wall_s: float
    cpu_s: float
    error: str
    inputs: str


@dataclass(frozen=True, slots=True)
class Failed:
    """An exception outside of any test.

    Attributes:
        message: The official message.
        error: The exception's type.
    """

    message: str
    error: str


@dataclass(slots=True)
class Records:
    """All that a process told.

    Attributes:
        started: Whether it came as far as to run the candidate.
        parsed: Whether the candidate was compiled, its function found, and the inputs parsed.
        tests: Those that it came through, in order.
        end: How it ended: an exception, or True after all tests. None where it ended without a word.
        cheats: What the harness saw of attempts to deceive the grader.
    """

    started: bool = False
    parsed: bool = False
    tests: list[Tested] = field(default_factory=list)
    end: Raised | Failed | bool | None = None
    cheats: set[str] = field(default_factory=set)


class _Malformed(ValueError):
    pass


def read_records(data: bytes) -> Records:
    """Read all records, up to the first that the harness cannot have written."""
    records = Records()
    for line in data.split(b"\n")[:-1]:
        try:
            _take(records, json.loads(line))
        except (ValueError, RecursionError):
            break
    return records


def _take(records: Records, fields: Any) -> None:  # noqa: ANN401 - JSON
    if not isinstance(fields, dict):
        raise _Malformed
    kind = fields.get("kind")
    if kind == "cheat":
        records.cheats.add(_one_of(fields, "what", _CHEATS))
    elif records.end is not None:
        raise _Malformed
    elif kind == "started":
        records.started = True
    elif kind == "parsed":
        records.parsed = True
    elif kind == "done":
        records.end = True
    elif kind == "failed":
        records.end = Failed(_text(fields, "message"), _text(fields, "error"))
    elif kind in ("test", "raised"):
        if fields.get("index") != len(records.tests):
            raise _Malformed
        if kind == "test":
            records.tests.append(_tested(fields))
        else:
            records.end = Raised(**_times(fields), error=_text(fields, "error"), inputs=_text(fields, "inputs", ""))
    else:
        raise _Malformed


def _tested(fields: dict[str, Any]) -> Tested:
    cut, shape = fields.get("cut"), fields.get("shape")
    if cut is not None and not (isinstance(cut, list) and len(cut) == 2 and all(isinstance(end, str) for end in cut)):
        raise _Malformed
    if shape is not None and not (isinstance(shape, list) and len(shape) <= 64 and all(map(_is_count, shape))):
        raise _Malformed
    return Tested(
        **_times(fields),
        extended=_count(fields, "extended"),
        raised=_count(fields, "raised"),
        output=None if cut is not None else _text(fields, "output"),
        ends=("", "") if cut is None else (cut[0], cut[1]),
        shown=_text(fields, "shown", ""),
        inputs=_text(fields, "inputs", ""),
        shown_error=_text(fields, "shown_error") if "shown_error" in fields else None,
        shape=None if shape is None else tuple(shape),
    )


def _times(fields: dict[str, Any]) -> dict[str, float]:
    times = {f"{name}_s": fields.get(name) for name in ("wall", "cpu")}
    if not all(isinstance(value, float) and math.isfinite(value) and value >= 0 for value in times.values()):
        raise _Malformed
    return {name: float(str(value)) for name, value in times.items()}


def _is_count(value: object) -> bool:
    return type(value) is int and 0 <= value < 1 << 40


def _count(fields: dict[str, Any], name: str) -> int:
    value = fields.get(name)
    if type(value) is not int or not _is_count(value):
        raise _Malformed
    return value


def _text(fields: dict[str, Any], name: str, default: str | None = None) -> str:
    value = fields.get(name, default)
    if not isinstance(value, str):
        raise _Malformed
    return value


def _one_of(fields: dict[str, Any], name: str, values: tuple[str, ...]) -> str:
    value = _text(fields, name)
    if value not in values:
        raise _Malformed
    return value
