"""What happens inside a test process: the program runs, and how it ended is reported. Nothing here is trusted.

The program shares this interpreter, so it may have replaced anything by the time it ends. That gains it nothing: the
expected answer is elsewhere, the exit status is the kernel's word, and the report can only speak against the program.
"""

from __future__ import annotations

import _thread
import atexit
import gc
import io
import json
import os
import random
import re
import sys
import threading
import types
from collections.abc import Callable
from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction
from functools import partial
from typing import Any

from .jail import REPORT_FD

EXCEPTION_MARK, VALUE_MARK = b"E", b"V"
MAIN = "__main__"
SOLUTION = "solution"  # a functional answer is imported, not run: its `if __name__ == "__main__"` stays out of it


# A program with one of these may leave output to be written when its objects are dropped at the end.
_DROPS_MATTER = re.compile(rb"\b(open|fdopen|FileIO|BufferedWriter|BufferedRandom|TextIOWrapper|__del__)\b")
_SEED = 0  # for `random`: the process was forked without Python's hooks, and verdicts should repeat


@dataclass(frozen=True, slots=True)
class Compiled:
    """A program that is ready to run.

    Attributes:
        code: A module's.
        drops_matter: Its objects have to be dropped at its end.
    """

    code: types.CodeType
    drops_matter: bool


def compile_source(source: bytes, name: str = "solution.py") -> Compiled:
    """Compile untrusted source to what `run` takes. Raises what compile() raises."""
    return Compiled(compile(source, name, "exec", dont_inherit=True), _DROPS_MATTER.search(source) is not None)


def describe_compile_error(error: BaseException) -> bytes:
    """One line for the person who reads the report."""
    if isinstance(error, SyntaxError):
        return f"{type(error).__name__}: {error.msg} (line {error.lineno})".encode("utf-8", "replace")
    return f"{type(error).__name__}: {error}".encode("utf-8", "replace")[:1000]


def open_streams(stdin: int = 0, stdout: int = 1, stderr: int = 2) -> None:
    """Make sys.stdin, stdout and stderr anew on these descriptors, as Python makes them when they are files.

    Done once, ahead of the fork, while they are empty files like those that take their place.
    """
    sys.stdin = _text(io.BufferedReader(io.FileIO(stdin, closefd=False)))
    sys.stdout = _text(io.BufferedWriter(io.FileIO(stdout, "w", closefd=False)))
    sys.stderr = _text(io.BufferedWriter(io.FileIO(stderr, "w", closefd=False)), errors="backslashreplace", lines=True)
    sys.__stdin__, sys.__stdout__, sys.__stderr__ = sys.stdin, sys.stdout, sys.stderr  # type: ignore[misc]


def _text(raw: Any, *, errors: str = "strict", lines: bool = False) -> io.TextIOWrapper:  # noqa: ANN401 - any buffer
    return io.TextIOWrapper(raw, encoding="utf-8", errors=errors, line_buffering=lines)


# What programs do most. Looked up once ahead of the forks, a method of a built-in type is found without a page being
# touched for it in each of them.
_REHEARSAL = """
import sys
a, b = map(int, input().split())
print(a + b, *[b, a])
rows = [list(map(int, line.strip().split())) for line in sys.stdin.readlines()]
sys.stdout.write("\\n".join(" ".join(str(value) for value in sorted(row)) for row in rows) + "\\n")
found = {}
for row in rows:
    row.append(row.pop())
    found[row[0]] = found.get(row[0], 0) + 1
print(len(found), sum(found.values()), f"{max(found)}", found.items(), end="\\n")
sys.stdin.read().split("\\n")
"""


def rehearse(module: types.ModuleType) -> None:
    """Run a program of ours in this process as others will be run in forked ones, on streams of its own.

    Args:
        module: To be thrown away.
    """
    files = [os.memfd_create("rehearsal", os.MFD_CLOEXEC) for _ in range(3)]
    compiled = compile_source(_REHEARSAL.encode())
    os.pwrite(files[0], b"1 2\n3 4\n5 6\n", 0)
    for _ in range(2):
        os.lseek(files[0], 0, os.SEEK_SET)
        open_streams(*files)
        body(compiled, None, module)()
    for descriptor in files:
        os.close(descriptor)


def settle_random() -> None:
    """Give every test process the same random numbers. Done once, ahead of the fork."""
    random.seed(_SEED)
    if "numpy" in sys.modules:
        sys.modules["numpy"].random.seed(_SEED)


def body(compiled: Compiled, function: str | None, module: types.ModuleType) -> Callable[[], int]:
    """What runs a compiled program to its end, and gives the status to exit with. Prepared ahead of the fork.

    Args:
        compiled: From compile_source.
        function: The function to call; None to run it as a script.
        module: Runs in this module's namespace.
    """
    code = compiled.code
    own = frozenset(module.__dict__) if compiled.drops_matter else None
    sys.modules[module.__name__] = module
    read, loads, encode = sys.stdin.read, json.loads, json.JSONEncoder().encode

    def run() -> int:
        status = 0
        try:
            if function is None:
                exec(code, module.__dict__)
            else:
                # Read and parse before the program can touch json or stdin.
                arguments = [loads(line) for line in read().split("\n")]
                exec(code, module.__dict__)
                answer = _find(module, function)(*arguments)
                write_report(VALUE_MARK + encode(encode_value(answer)).encode("utf-8", "surrogatepass"))
        except SystemExit as end:
            status = _exit_status(end)
        except BaseException as error:
            status = 1
            write_report(EXCEPTION_MARK + type(error).__name__.encode("utf-8", "replace")[:100], fresh=True)
            _try(partial(_print_exception, error))
        return _finish(module, own, status)

    return run


def _print_exception(error: BaseException) -> None:
    """As the interpreter does, without our own frame."""
    trace = error.__traceback__ and error.__traceback__.tb_next
    sys.excepthook(type(error), error.with_traceback(trace), trace)


def _find(module: types.ModuleType, function: str) -> Callable[..., object]:
    """The method of class Solution, or the bare function."""
    solution = module.__dict__.get("Solution")
    if isinstance(solution, type) and hasattr(solution, function):
        return getattr(solution(), function)  # type: ignore[no-any-return]
    return getattr(module, function)  # type: ignore[no-any-return]


def _exit_status(end: SystemExit) -> int:
    if end.code is None:
        return 0
    if isinstance(end.code, int):
        return end.code & 0xFF
    _try(lambda: print(end.code, file=sys.stderr))  # noqa: T201 - as the interpreter does
    return 1


def _finish(module: types.ModuleType, own: frozenset[str] | None, status: int) -> int:
    """What the interpreter does at its end, in its order, without taking itself apart. Gives the status to exit with.

    Args:
        module: The program's.
        own: Names that were in it before the program ran; None where the program's objects need not be dropped, which
            would touch (so copy) many pages.
        status: To exit with, if the output can be written.
    """
    if _thread._count():
        _try(threading._shutdown)  # type: ignore[attr-defined]
    if atexit._ncallbacks():
        _try(atexit._run_exitfuncs)
    if own is not None:
        _try(lambda: [module.__dict__.pop(name) for name in set(module.__dict__) - own])
        _try(gc.collect)
    for stream in (sys.stdout, sys.__stdout__, sys.stderr):
        try:
            if stream is not None and not getattr(stream, "closed", False):
                stream.flush()
        except BaseException:  # whatever an untrusted program has put there
            status = status or 120
    return status


def _try(action: Callable[[], object]) -> bool:
    try:
        action()
    except BaseException:  # whatever an untrusted program arranged for here
        return False
    return True


def write_report(data: bytes, *, fresh: bool = False) -> None:
    """Write to the report file, from its start if fresh."""
    try:
        if fresh:
            os.ftruncate(REPORT_FD, 0)
            os.lseek(REPORT_FD, 0, os.SEEK_SET)
        while data:
            data = data[os.write(REPORT_FD, data) :]
    except OSError:  # past the output limit, or closed by the program: the warden sees the size
        return


def encode_value(value: object) -> object:
    """A returned value as plain JSON data; the counterpart is on the trusted side.

    None, bool, int, float and str as they are; a list, and any tuple at the top, as an array; a tuple below as
    {"$t": [...]}; a dict as {"$d": [[key, value], ...]}; a Fraction or finite Decimal as {"$q": ["numerator",
    "denominator"]}; a numpy scalar as its item; anything else as {"$r": "type name"}, which equals nothing.
    """
    return _encode(list(tuple.__iter__(value)) if isinstance(value, tuple) else value)


def _encode(value: object) -> object:
    kind = type(value)
    if value is None or kind in (bool, int, float, str):
        return value
    if kind is tuple:
        return {"$t": [_encode(item) for item in value]}  # type: ignore[attr-defined]
    if isinstance(value, list):
        return [_encode(item) for item in list.__iter__(value)]
    if isinstance(value, dict):
        return {"$d": [[_encode(key), _encode(item)] for key, item in dict.items(value)]}
    if isinstance(value, tuple):
        return {"$t": [_encode(item) for item in tuple.__iter__(value)]}
    return _encode_scalar(value)


def _encode_scalar(value: object) -> object:
    if isinstance(value, int):
        return int.__add__(value, 0)
    if isinstance(value, float):
        return float.__pos__(value)
    if isinstance(value, str):
        return str.__str__(value)
    if isinstance(value, Fraction) or (isinstance(value, Decimal) and value.is_finite()):
        numerator, denominator = value.as_integer_ratio()
        return {"$q": [str(numerator), str(denominator)]}
    if type(value).__module__ == "numpy" and hasattr(value, "item") and not hasattr(value, "__len__"):
        return _encode(value.item())
    return {"$r": type(value).__name__}
