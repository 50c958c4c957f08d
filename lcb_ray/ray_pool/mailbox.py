"""What the pool actor has to tell a driver, kept until the driver says that it has it. For one event loop."""

from __future__ import annotations

import asyncio
from collections import deque

from lcb_ray.rules.events import Grant, Refuse, Revoke

Letter = Grant | Revoke | Refuse


class Mailbox:
    """Letters with numbers; a driver fetches them in order and confirms the last one it has when it comes again."""

    def __init__(self) -> None:
        self._letters: deque[tuple[int, Letter]] = deque()
        self._last = 0
        self._waiter: asyncio.Future[None] | None = None
        self.confirmed = 0
        self.closed = False

    def put(self, letter: Letter) -> None:
        """Add a letter."""
        self._last += 1
        self._letters.append((self._last, letter))
        self._let_go()

    def close(self) -> None:
        """Let whoever waits here go."""
        self.closed = True
        self._let_go()

    async def take(self, seen: int, within_s: float) -> tuple[int, list[Letter]]:
        """All letters after number `seen`, and the last one's number; waits so long where there are none.

        Whoever waits here already goes with nothing: what comes is for the one who came last.
        """
        while self._letters and self._letters[0][0] <= seen:
            self._letters.popleft()
        self.confirmed = max(self.confirmed, seen)
        self._let_go()
        self._waiter = None
        if not self._letters and not self.closed:
            loop = asyncio.get_running_loop()
            mine = self._waiter = loop.create_future()
            timer = loop.call_later(within_s, _set, mine)
            try:
                await mine
            finally:
                timer.cancel()
            if self._waiter is not mine:
                return seen, []
            self._waiter = None
        return self._last if self._letters else seen, [letter for number, letter in self._letters if number > seen]

    def _let_go(self) -> None:
        if self._waiter is not None:
            _set(self._waiter)


def _set(waiter: asyncio.Future[None]) -> None:
    if not waiter.done():
        waiter.set_result(None)
