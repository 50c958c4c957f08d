"""A driver's words to the pool actor and the mail that comes back, in as few calls as can be.

A call takes along all that has been said since the last one, and brings back what there is to know; where that is
nothing, it waits at the pool actor for something, until the next call of the same driver takes its place there. So a
driver with short programs makes one call for each lease: the end of the last one with the request for the next, and the
grant. The more there is to say, the more goes with each call.
"""

from __future__ import annotations

import threading
import time
from collections import deque
from collections.abc import Callable
from concurrent.futures import Future
from typing import Any

from ray.exceptions import GetTimeoutError

from lcb_ray.ray_pool.messages import Ask, Mail, Release

POLL_S = 10.0  # how long a call waits for letters at the pool actor
_CALL_S = 60.0  # for the pool actor to answer; after a restart it asks its sandboxes first
_HELD_S = POLL_S / 2  # how often the leases that are held are told, and so prolonged
_QUIET_S = 1.0  # nothing to say and nothing expected: so long after the last call the next one goes out to wait
_MOST_CALLS = 2  # under way: one that waits, and one that takes its place


class NotKnown(Exception):
    """The pool actor does not know this driver, or is about to end: join again."""


class Exchange:
    """What is between a driver and a pool actor. `say` may be called from any thread, the rest by one.

    Args:
        call: Calls the pool actor with words; says what is held, too, where told so. Returns a reference to its Mail.
    """

    def __init__(self, call: Callable[[tuple[Ask | Release, ...], bool], Any]) -> None:
        self._call = call
        self._changed = threading.Condition()
        self._words: list[Ask | Release] = []
        self._calls: deque[tuple[Future[Mail | None], float]] = deque()  # under way, with the time of each
        self._called = self._told_held = 0.0

    def say(self, *words: Ask | Release) -> None:
        """Have something told; of what goes with one call, the pool actor hears requests first."""
        with self._changed:
            self._words.extend(words)
            self._changed.notify_all()

    def begin(self) -> None:
        """Forget what was under way to a pool actor that is lost, and what was to be said to it."""
        with self._changed:
            self._words.clear()
            self._calls.clear()
            self._told_held = 0.0

    def mail(self, *, expecting: bool, within_s: float) -> Mail | None:
        """The next mail, in order; sends meanwhile what is said. None where none has come.

        Args:
            expecting: Whether an answer is wanted, and not only what the pool actor may have to say unasked.
            within_s: The most to wait.

        Raises RayError where the pool actor is lost, NotKnown.
        """
        until = time.monotonic() + within_s
        while True:
            self._send(expecting=expecting)
            with self._changed:
                self._changed.wait_for(lambda: self._answered() or self._may_say(), until - time.monotonic())
                if self._answered():
                    answer, _ = self._calls.popleft()
                    break
                if not self._may_say() and time.monotonic() >= until:
                    self._see_patience()
                    return None
        mail = answer.result()
        if mail is None:
            raise NotKnown("the pool actor does not know this driver")
        return mail

    def _answered(self) -> bool:
        return bool(self._calls) and self._calls[0][0].done()

    def _may_say(self) -> bool:
        return bool(self._words) and len(self._calls) < _MOST_CALLS

    def _see_patience(self) -> None:
        if self._calls and self._calls[0][1] + POLL_S + _CALL_S < time.monotonic():
            raise GetTimeoutError(f"the pool actor did not answer within {POLL_S + _CALL_S:.0f} s")

    def _send(self, *, expecting: bool) -> None:
        now = time.monotonic()
        with self._changed:
            wait_there = not self._calls and (expecting or now - self._called >= _QUIET_S)
            if not (self._may_say() or wait_there):
                return
            words, self._words = tuple(self._words), []
        tells_held = now - self._told_held >= _HELD_S
        answer: Future[Mail | None] = self._call(words, tells_held).future()
        self._called = now
        if tells_held:
            self._told_held = now
        with self._changed:
            self._calls.append((answer, now))
        answer.add_done_callback(lambda _: self._wake())

    def _wake(self) -> None:
        with self._changed:
            self._changed.notify_all()
