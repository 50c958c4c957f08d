"""Standard input and output as objects in memory, which is what a candidate finds there."""

import builtins
import io
import sys
from collections.abc import Callable
from typing import Any

BUFFER, TEXT = "buffer", "text"  # standard input since May 2025, and before


class Capturing(list[str]):
    """Standard output while a test runs; afterwards the list's one item."""

    def __enter__(self) -> "Capturing":
        self._stdout = sys.stdout
        self._stringio = io.StringIO()
        self._stringio.close = lambda x: 1  # type: ignore[assignment, misc]  # close() is a TypeError, as there
        sys.stdout = self._stringio
        return self

    def __exit__(self, *args: object) -> None:
        self.append(self._stringio.getvalue())
        del self._stringio
        sys.stdout = self._stdout


class MockStdinWithBuffer:
    """Standard input since May 2025: reads everything, always from the start; not iterable."""

    def __init__(self, inputs: str) -> None:
        self.inputs = inputs
        self._stringio = io.StringIO(inputs)
        self.buffer = MockBuffer(inputs)

    def read(self, *args: object) -> str:
        """All of it, whatever was read before."""
        return self.inputs

    def readline(self, *args: int) -> str:
        """The next line."""
        return self._stringio.readline(*args)

    def readlines(self, *args: object) -> list[str]:
        """All lines, without their ends."""
        return self.inputs.split("\n")

    def __getattr__(self, name: str) -> object:
        return getattr(self._stringio, name)


class MockBuffer:
    """Its bytes."""

    def __init__(self, inputs: str) -> None:
        self.inputs = inputs.encode("utf-8")

    def read(self, *args: object) -> bytes:
        """All of it."""
        return self.inputs

    def readline(self, *args: object) -> bytes:
        """The first line, at every call."""
        return self.inputs.split(b"\n")[0] + b"\n"


class MockOpen:
    """unittest.mock's open, made when it is first used: importing that takes longer than most tests."""

    def __init__(self, text: str) -> None:
        self._text = text

    def __getattr__(self, name: str) -> object:
        return getattr(self._made(), name)

    def __call__(self, *args: object, **kwargs: object) -> object:
        """What a mocked open gives."""
        return self._made()(*args, **kwargs)

    def _made(self) -> Any:  # noqa: ANN401 - a mock
        if "_mock" not in self.__dict__:
            from unittest.mock import mock_open

            self.__dict__["_mock"] = mock_open(read_data=self._text)
        return self.__dict__["_mock"]


def call_method(method: Callable[[], object], inputs: str, kind: str) -> object:
    """Call the wrapped program on an input. SystemExit ends it well."""
    lines = iter(inputs.split("\n"))
    # `from sys import *` in front of the program has bound the real object to `stdin`: its methods are replaced, too.
    real = sys.stdin
    before = dict(real.__dict__)
    real.__dict__.update(
        read=lambda *args: inputs,
        readlines=lambda *args: inputs.split("\n"),
        readline=lambda *args: next(lines),
    )
    opened = builtins.open
    sys.stdin = MockStdinWithBuffer(inputs) if kind == BUFFER else io.StringIO(inputs)
    builtins.open = MockOpen(inputs)  # type: ignore[assignment]
    try:
        return method()
    except SystemExit:
        return None
    finally:
        sys.stdin, builtins.open = real, opened
        for name in ("read", "readlines", "readline"):
            real.__dict__.pop(name, None)
        real.__dict__.update(before)
