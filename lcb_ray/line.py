"""What waits to be done, first come first served, by workers some of whom must start something before they can begin.

Work goes to those that are ready as long as there is one for each piece; only what exceeds them wakes another.
"""

from __future__ import annotations

import threading
from collections import deque
from typing import Generic, TypeVar

T = TypeVar("T")


class Line(Generic[T]):
    """A queue between those who bring work and the workers. Safe to use from many threads."""

    def __init__(self) -> None:
        lock = threading.Lock()
        self._ready = threading.Condition(lock)
        self._cold = threading.Condition(lock)
        self._ready_waiting = 0
        self._items: deque[T] = deque()
        self._closed = False

    def put(self, item: T) -> None:
        """Bring a piece of work."""
        with self._ready:
            self._items.append(item)
            # Those who were told before and have not come yet are among the waiting, as their pieces are in the line.
            (self._ready if len(self._items) <= self._ready_waiting else self._cold).notify()

    def take(self, *, ready: bool) -> T | None:
        """Wait for the next piece of work; None once the line is closed and empty.

        Args:
            ready: Whether this worker can begin at once.
        """
        if not ready:
            with self._cold:
                self._cold.wait_for(lambda: self._closed or len(self._items) > self._ready_waiting)
                return self._next()
        with self._ready:
            self._ready_waiting += 1
            try:
                self._ready.wait_for(lambda: self._closed or self._items)
            finally:
                self._ready_waiting -= 1
            return self._next()

    def close(self) -> None:
        """Send the workers home when they have taken what is left in the line."""
        with self._ready:
            self._closed = True
            self._ready.notify_all()
            self._cold.notify_all()

    def _next(self) -> T | None:
        return self._items.popleft() if self._items else None
