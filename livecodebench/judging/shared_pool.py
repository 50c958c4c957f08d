"""One pool per process for all who ask for the same one: opened at the first use, closed with its last user.

Environments are made freely, several at a time, in every worker of a trainer; sandboxes are not. Nothing here is bound
to an event loop or a thread. What is still open when the process exits is closed then; a forked child starts anew.
"""

from __future__ import annotations

import atexit
import os
import threading
from collections.abc import Callable
from dataclasses import dataclass
from typing import TypeVar

from lcb_ray.errors import SandboxUnusable
from lcb_ray.pool import Pool, SandboxInfo
from lcb_ray.rules.events import Priority
from livecodebench.judging.backend import check_pool_options, open_pool

T = TypeVar("T")


@dataclass(frozen=True, slots=True, kw_only=True)
class PoolOptions:
    """Which pool is meant; those with equal options are the same pool.

    Attributes:
        backend: One of livecodebench.judging.backend.BACKENDS.
        slots: Concurrent executions per sandbox; for "local", in all. None: the backend's default.
        pool_size: Sandboxes. None: the backend's default.
        priority: "evaluation" or "training": what it is used for.

    Raises InputError where there is no such backend or priority, or a size is below 1.
    """

    backend: str = "local"
    slots: int | None = None
    pool_size: int | None = None
    priority: str = Priority.EVALUATION

    def __post_init__(self) -> None:
        check_pool_options(self.backend, slots=self.slots, pool_size=self.pool_size, priority=self.priority)

    def open(self) -> Pool:
        """A pool of one's own. Raises SandboxUnusable."""
        return open_pool(self.backend, slots=self.slots, pool_size=self.pool_size, priority=self.priority)


class PoolUser:
    """A share in the process' pool of one kind. Making one opens nothing. Safe to use from many threads.

    Args:
        options: Which pool.
        open: Opens it; those who give another function share another pool.
    """

    def __init__(self, options: PoolOptions, *, open: Callable[[PoolOptions], Pool] = PoolOptions.open) -> None:
        self._options = options
        self._open = open

    def pool(self) -> Pool:
        """The pool; opened by its first user. Raises SandboxError where it cannot be had."""
        return self._place().enter(self)

    def info(self) -> SandboxInfo:
        """What its sandboxes are; asked once. Raises SandboxError where none can be had."""
        return self._place().describe(self)

    def release(self) -> None:
        """Give up the share: the last user closes the pool. May be called twice; a later use takes a new share."""
        self._place().leave(self)

    def _place(self) -> _Place:
        with _lock:
            return _places.setdefault((self._options, self._open), _Place(self._options, self._open))


class _Place:
    """Where a pool is, or will be."""

    def __init__(self, options: PoolOptions, open: Callable[[PoolOptions], Pool]) -> None:
        self._options = options
        self._open = open
        self._lock = threading.Lock()  # held while the pool opens, so that it opens once
        self._users: set[PoolUser] = set()
        self._pool: Pool | None = None
        self._info: SandboxInfo | None = None
        self._unusable: str | None = None

    def enter(self, user: PoolUser) -> Pool:
        with self._lock:
            return self._opened(user)

    def describe(self, user: PoolUser) -> SandboxInfo:
        with self._lock:
            pool = self._opened(user)
            if self._info is None:
                self._info = self._tried(pool.info)
            return self._info

    def leave(self, user: PoolUser) -> None:
        with self._lock:
            self._users.discard(user)
            if not self._users:
                self._close()

    def close(self) -> None:
        with self._lock:
            self._users.clear()
            self._close()

    def _opened(self, user: PoolUser) -> Pool:
        self._users.add(user)
        if self._pool is None:
            self._pool = self._tried(lambda: self._open(self._options))
        return self._pool

    def _tried(self, attempt: Callable[[], T]) -> T:
        """What cannot work here is tried once: otherwise every rollout would wait for the same refusal."""
        if self._unusable is not None:
            raise SandboxUnusable(self._unusable)
        try:
            return attempt()
        except SandboxUnusable as error:
            self._unusable = str(error)
            raise

    def _close(self) -> None:
        pool, self._pool, self._info, self._unusable = self._pool, None, None, None
        if pool is not None:
            pool.close()


_lock = threading.Lock()
_places: dict[tuple[PoolOptions, Callable[[PoolOptions], Pool]], _Place] = {}


def _close_all() -> None:
    with _lock:
        places = list(_places.values())
    for place in places:
        place.close()


def _start_anew() -> None:
    """In a forked child: the pools are the parent's, and a lock may have been held by a thread that is not here."""
    global _lock
    _lock = threading.Lock()
    _places.clear()


atexit.register(_close_all)
os.register_at_fork(after_in_child=_start_anew)
