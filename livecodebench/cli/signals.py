"""Ctrl-C and SIGTERM: the first asks for a clean end, the second does not wait for it."""

from __future__ import annotations

import signal
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from types import FrameType
from typing import Any, Self

SIGNALS = (signal.SIGINT, signal.SIGTERM)


class Interrupted(BaseException):
    """A signal asked this process to end.

    Attributes:
        signal: Which one.
    """

    def __init__(self, number: int) -> None:
        super().__init__(number)
        self.signal = signal.Signals(number)


class StopSignals:
    """Turns the signals into `Interrupted`, raised where the main thread is; or, while `asking`, into one call.

    Use as a context manager, in the main thread; leaving it puts the earlier handlers back.
    """

    def __init__(self) -> None:
        self._ask: Callable[[], None] | None = None
        self._asked: int | None = None
        self._earlier: dict[signal.Signals, Any] = {}

    @contextmanager
    def asking(self, stop: Callable[[], None]) -> Iterator[None]:
        """Call `stop`, which must be safe in a signal handler, instead of raising; raise when the block has ended.

        A second signal raises at once.
        """
        self._ask = stop
        try:
            yield
        finally:
            self._ask = None
        if self._asked is not None:
            raise Interrupted(self._asked)

    def _receive(self, number: int, frame: FrameType | None) -> None:
        if self._ask is None or self._asked is not None:
            raise Interrupted(number)
        self._asked = number
        self._ask()

    def __enter__(self) -> Self:
        self._earlier = {number: signal.signal(number, self._receive) for number in SIGNALS}
        return self

    def __exit__(self, *_: object) -> None:
        for number, handler in self._earlier.items():
            signal.signal(number, handler)
