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

A frame is a fixed header and a body of two parts: a small JSON object and raw bytes. Both sides treat the other's
frames as hostile: lengths are bounded before anything is allocated, unknown fields and types are refused, nothing
is ever unpickled, and no exception is built from a name that came over the wire.
"""

from __future__ import annotations

import enum
import json
import struct
from dataclasses import asdict, dataclass

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
        cpu_s: CPU seconds of all threads; also the limit on wall time less time spent waiting for a CPU.
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
