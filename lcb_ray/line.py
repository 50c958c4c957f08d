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
        self._announced = 0
        self._items: deque[T] = deque()
        self._closed = False

    def put(self, item: T) -> None:
        """Bring a piece of work."""
        with self._ready:
            self._items.append(item)
            # Those who were told before and have not come yet are still among the announced, as their pieces are here.
            (self._ready if len(self._items) <= self._announced else self._cold).notify()

    def announce(self) -> None:
        """Say that a worker who can begin at once will come and take; before it tells anybody that it has finished."""
        with self._ready:
            self._announced += 1

    def take(self, *, announced: bool) -> T | None:
        """Wait for the next piece of work; None once the line is closed.

        Args:
            announced: Whether this worker has announced itself; each time anew.
        """
        if not announced:
            with self._cold:
                self._cold.wait_for(lambda: self._closed or len(self._items) > self._announced)
                return self._next()
        with self._ready:
            try:
                self._ready.wait_for(lambda: self._closed or self._items)
            finally:
                self._announced -= 1
            return self._next()

    def close(self) -> list[T]:
        """Send the workers home. Returns what nobody has taken."""
        with self._ready:
            self._closed = True
            left = list(self._items)
            self._items.clear()
            self._ready.notify_all()
            self._cold.notify_all()
        return left

    def _next(self) -> T | None:
        return self._items.popleft() if self._items else None
