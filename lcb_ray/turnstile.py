"""Who may run on a sandbox: many at once, or one alone. A program that is to be timed fairly gets its sandbox quiet."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from lcb_ray.agent_client import Cancelled


class Turnstile:
    """A lock that many share or one has alone. Who waits to be alone goes before newcomers that would share."""

    def __init__(self) -> None:
        self._changed = threading.Condition()
        self._sharing = 0
        self._alone = False
        self._waiting_alone = 0

    @contextmanager
    def enter(self, *, alone: bool, cancelled: Callable[[], bool] = lambda: False) -> Iterator[None]:
        """Hold the sandbox, alone or shared, for the time of a with block.

        Args:
            alone: Nobody else may hold it meanwhile.
            cancelled: Whether to give up. Looked at now, and at each `wake`.

        Raises Cancelled.
        """
        with self._changed:
            if alone:
                self._waiting_alone += 1
                try:
                    self._wait(lambda: not self._sharing and not self._alone, cancelled)
                finally:
                    self._waiting_alone -= 1
                    self._changed.notify_all()  # where it gave up, those who stood back for it may go on
                self._alone = True
            else:
                self._wait(lambda: not self._alone and not self._waiting_alone, cancelled)
                self._sharing += 1
        try:
            yield
        finally:
            with self._changed:
                if alone:
                    self._alone = False
                else:
                    self._sharing -= 1
                self._changed.notify_all()

    def wake(self) -> None:
        """Let all who wait look whether they are cancelled."""
        with self._changed:
            self._changed.notify_all()

    def _wait(self, free: Callable[[], bool], cancelled: Callable[[], bool]) -> None:
        self._changed.wait_for(lambda: cancelled() or free())
        if cancelled():
            raise Cancelled
