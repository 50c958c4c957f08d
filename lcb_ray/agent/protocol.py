"""The wire protocol between a client and the agent, and the words both use. Defined here once.

The agent is the poorer side (standard library only, no package of ours beside it), so it owns the protocol
and the client imports this module from it. One connection carries one program and all its inputs:

    agent  -> HELLO    versions, proven properties, window of input bytes
    client -> PROGRAM  how to run it, limits, then the source
    agent  -> COMPILED outcome of compiling
    client -> INPUT*   one per case, in order; at most the window outstanding
    agent  -> RESULT*  one per input, in order; gives the input's bytes back to the window
    client -> END      no more inputs   | CANCEL  stop now
    agent  -> DONE     everything of this program is gone; then the agent closes

Instead of PROGRAM, a client may send RESET: the agent ends the programs of all connections, and then closes these.

A frame is a fixed header and a body of two parts: a small JSON object and raw bytes. Both sides treat the other's
frames as hostile: lengths are bounded before anything is allocated, unknown fields and types are refused, nothing
is ever unpickled, and no exception is built from a name that came over the wire.
"""

from __future__ import annotations

import enum
import json
import struct
from dataclasses import asdict, dataclass
from typing import Any, TypeVar

VERSION = 1

MAX_HEADER_BYTES = 64 * 1024
MAX_SOURCE_BYTES = 4 * 1024 * 1024
MAX_INPUT_BYTES = 256 * 1024 * 1024
MAX_OUTPUT_BYTES = 256 * 1024 * 1024
INPUT_WINDOW_BYTES = 64 * 1024 * 1024  # unanswered input that an agent holds for one program; one input may exceed it
INPUT_WINDOW_CASES = 16  # and how many cases: each pending input is a file descriptor in the agent
STDERR_TAIL_BYTES = 4 * 1024


class Outcome(enum.StrEnum):
    """How one execution ended. Says nothing of right or wrong: that is the judge's word."""

    EXITED = "exited"
    NONZERO_EXIT = "nonzero_exit"
    SIGNAL = "signal"
    CPU_LIMIT = "cpu_limit"
    WALL_LIMIT = "wall_limit"
    MEMORY_LIMIT = "memory_limit"
    OUTPUT_LIMIT = "output_limit"
    COMPILE_ERROR = "compile_error"


class Mode(enum.StrEnum):
    """How a program is run."""

    SCRIPT = "script"  # unwrapped, as __main__, with real standard input and output
    CALL = "call"  # defines `function` (or class Solution with it), called with one JSON value per line of input


@dataclass(frozen=True, slots=True, kw_only=True)
class Limits:
    """What one execution may use.

    Attributes:
        cpu_s: CPU seconds of all threads; with a tenth and 0.2 s on top also the limit on wall time less the time
            spent waiting for a CPU.
        overload_wall_s: Wall seconds after which the sandbox, not the program, is called too slow.
        memory_bytes: Address space beyond what the interpreter has at start.
        output_bytes: Bytes on standard output, and as many on standard error and as a returned value.
        threads: Threads alive at once.
        open_files: File descriptors.
    """

    cpu_s: float = 6.0
    overload_wall_s: float = 75.0
    memory_bytes: int = 2 * 1024**3
    output_bytes: int = 16 * 1024**2
    threads: int = 64
    open_files: int = 64


@dataclass(frozen=True, slots=True, kw_only=True)
class Program:
    """A program as the agent gets it.

    Attributes:
        source: Python source text, UTF-8.
        mode: Run it as a script, or call a function of it.
        function: The function's name; required for CALL, None for SCRIPT.
    """

    source: bytes
    mode: Mode = Mode.SCRIPT
    function: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Usage:
    """What one execution used.

    Attributes:
        cpu_s: User and system seconds of all its threads.
        wall_s: Seconds from its start to its end.
        wait_s: Seconds its threads were ready to run and had no CPU; 0.0 where the kernel does not tell.
        max_rss_bytes: Largest resident set.
    """

    cpu_s: float = 0.0
    wall_s: float = 0.0
    wait_s: float = 0.0
    max_rss_bytes: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class ExecutionResult:
    """One execution of a program on one input, as the agent saw it.

    Attributes:
        index: Which input, from 0. -1 for the compile stage.
        outcome: How it ended.
        exit_code: Its exit status if it exited by itself, else None.
        signal: The signal that ended it, else None.
        uncaught: The type name of the exception that ended it, "" where none did. The program's own word: it can
            only speak against itself here.
        stdout: Standard output, whole, at most Limits.output_bytes.
        value: In CALL mode the returned value, encoded by `encode_value`; empty otherwise.
        stderr: The last STDERR_TAIL_BYTES of standard error.
    """

    index: int
    outcome: Outcome
    exit_code: int | None = None
    signal: int | None = None
    uncaught: str = ""
    usage: Usage = Usage()
    stdout: bytes = b""
    value: bytes = b""
    stderr: bytes = b""


# Why a sandbox, not a program, failed: a closed set, mapped to exceptions by the client.
FAULTS = ("jail", "overloaded", "memory", "protocol", "internal")


class Frame(enum.IntEnum):
    """Types of frames."""

    HELLO = 1
    PROGRAM = 2
    COMPILED = 3
    INPUT = 4
    RESULT = 5
    END = 6
    CANCEL = 7
    DONE = 8
    FAULT = 9
    RESET = 10


_encode = json.JSONEncoder(separators=(",", ":")).encode
HEAD = struct.Struct(">BII")  # type, bytes of JSON, bytes of body

_LONGEST_BODY = {
    Frame.PROGRAM: MAX_SOURCE_BYTES,
    Frame.INPUT: MAX_INPUT_BYTES,
    Frame.RESULT: 2 * MAX_OUTPUT_BYTES + STDERR_TAIL_BYTES,
    Frame.COMPILED: STDERR_TAIL_BYTES,
}


class WireError(Exception):
    """The other side sent what the protocol does not allow."""


def pack_head(kind: Frame, fields: dict[str, object], body_bytes: int = 0) -> bytes:
    """A frame without its body: head and JSON."""
    text = pack_fields(fields)
    return HEAD.pack(kind, len(text), body_bytes) + text


def pack_fields(fields: dict[str, object]) -> bytes:
    """The JSON of a frame."""
    return _encode(fields).encode()


def unpack_head(data: bytes) -> tuple[Frame, int, int]:
    """Type, bytes of JSON, bytes of body, from the first HEAD.size bytes. Raises WireError for what is not allowed."""
    number, text_bytes, body_bytes = HEAD.unpack(data)
    try:
        kind = Frame(number)
    except ValueError:
        raise WireError(f"unknown frame type {number}") from None
    if text_bytes > MAX_HEADER_BYTES:
        raise WireError(f"{kind.name} frame announces {text_bytes} bytes of JSON, more than {MAX_HEADER_BYTES}")
    longest = _LONGEST_BODY.get(kind, 0)
    if body_bytes > longest:
        raise WireError(f"{kind.name} frame announces {body_bytes} bytes, more than {longest}")
    return kind, text_bytes, body_bytes


def unpack_fields(text: bytes) -> dict[str, object]:
    """The JSON object of a frame. Raises WireError."""
    try:
        fields = json.loads(text)
    except (ValueError, RecursionError):
        raise WireError("a frame's JSON cannot be read") from None
    if not isinstance(fields, dict):
        raise WireError("a frame's JSON is not an object")
    return fields


def _field(fields: dict[str, object], name: str, kind: type | tuple[type, ...]) -> Any:  # noqa: ANN401 - of `kind`
    value = fields.pop(name, _ABSENT)
    # bool is an int to Python, and no field here is one.
    if not isinstance(value, kind) or isinstance(value, bool):
        raise WireError(f"field {name!r} is missing or of the wrong type")
    return value


def _number(fields: dict[str, object], name: str) -> float:
    try:
        return float(_field(fields, name, (int, float)))
    except OverflowError:
        raise WireError(f"field {name!r} is out of range") from None


_ABSENT = object()
_NONE = type(None)


def _nothing_left(fields: dict[str, object]) -> None:
    if fields:
        raise WireError(f"unknown fields: {', '.join(sorted(fields)[:5])[:100]}")


def program_fields(program: Program, limits: Limits) -> dict[str, object]:
    """PROGRAM's JSON; the source is its body."""
    return {"mode": program.mode, "function": program.function, "limits": asdict(limits)}


def read_program(fields: dict[str, object], source: bytes) -> tuple[Program, Limits]:
    """The counterpart of program_fields. Raises WireError."""
    mode = _member(Mode, _field(fields, "mode", str))
    function = _field(fields, "function", (str, _NONE))
    limits = _field(fields, "limits", dict)
    _nothing_left(fields)
    if (mode is Mode.CALL) is (function is None):
        raise WireError("a function is to be named for mode call, and only there")
    return Program(source=source, mode=mode, function=function), read_limits(limits)


def read_limits(fields: dict[str, object]) -> Limits:
    """Limits from JSON; each must be positive, and output within what a frame can carry. Raises WireError."""
    limits = Limits(
        cpu_s=_number(fields, "cpu_s"),
        overload_wall_s=_number(fields, "overload_wall_s"),
        memory_bytes=_field(fields, "memory_bytes", int),
        output_bytes=_field(fields, "output_bytes", int),
        threads=_field(fields, "threads", int),
        open_files=_field(fields, "open_files", int),
    )
    _nothing_left(fields)
    if not all(0 < value < 2**63 for value in asdict(limits).values()):
        raise WireError("a limit is not a positive number")
    if limits.output_bytes > MAX_OUTPUT_BYTES:
        raise WireError(f"the output limit is above {MAX_OUTPUT_BYTES} bytes")
    return limits


def result_fields(result: ExecutionResult, stdout: int, value: int, stderr: int) -> dict[str, object]:
    """RESULT's and COMPILED's JSON; the body is stdout, value and stderr, of these lengths, in this order."""
    used = result.usage
    return {
        "index": result.index,
        "outcome": result.outcome,
        "exit_code": result.exit_code,
        "signal": result.signal,
        "uncaught": result.uncaught,
        "usage": {
            "cpu_s": used.cpu_s,
            "wall_s": used.wall_s,
            "wait_s": used.wait_s,
            "max_rss_bytes": used.max_rss_bytes,
        },
        "lengths": [stdout, value, stderr],
    }


def read_result(fields: dict[str, object], body: bytes) -> ExecutionResult:
    """The counterpart of result_fields. Raises WireError."""
    index = _field(fields, "index", int)
    outcome = _member(Outcome, _field(fields, "outcome", str))
    exit_code = _field(fields, "exit_code", (int, _NONE))
    signal = _field(fields, "signal", (int, _NONE))
    uncaught = _field(fields, "uncaught", str)
    usage = _read_usage(_field(fields, "usage", dict))
    lengths = _field(fields, "lengths", list)
    _nothing_left(fields)
    if len(lengths) != 3 or not all(type(length) is int and length >= 0 for length in lengths):
        raise WireError("lengths are not three numbers")
    if sum(lengths) != len(body):
        raise WireError("lengths do not add up to the body")
    stdout, value, _ = lengths
    return ExecutionResult(
        index=index,
        outcome=outcome,
        exit_code=exit_code,
        signal=signal,
        uncaught=uncaught,
        usage=usage,
        stdout=body[:stdout],
        value=body[stdout : stdout + value],
        stderr=body[stdout + value :],
    )


def _read_usage(fields: dict[str, object]) -> Usage:
    usage = Usage(
        cpu_s=_number(fields, "cpu_s"),
        wall_s=_number(fields, "wall_s"),
        wait_s=_number(fields, "wait_s"),
        max_rss_bytes=_field(fields, "max_rss_bytes", int),
    )
    _nothing_left(fields)
    if not all(0 <= value < 2**63 for value in (usage.cpu_s, usage.wall_s, usage.wait_s, usage.max_rss_bytes)):
        raise WireError("a usage is not a number, or is negative")
    return usage


_M = TypeVar("_M", bound=enum.StrEnum)


def _member(kind: type[_M], value: str) -> _M:
    try:
        return kind(value)
    except ValueError:
        raise WireError(f"{value[:50]!r} is no {kind.__name__}") from None
