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
        self._changed = asyncio.Event()
        self.confirmed = 0
        self.closed = False

    def put(self, letter: Letter) -> None:
        """Add a letter."""
        self._last += 1
        self._letters.append((self._last, letter))
        self._changed.set()

    def close(self) -> None:
        """Let whoever waits here go."""
        self.closed = True
        self._changed.set()

    async def take(self, seen: int, within_s: float) -> tuple[int, list[Letter]]:
        """All letters after number `seen`, and the last one's number; waits so long where there are none."""
        while self._letters and self._letters[0][0] <= seen:
            self._letters.popleft()
        self.confirmed = max(self.confirmed, seen)
        if not self._letters and not self.closed:
            self._changed.clear()
            try:
                await asyncio.wait_for(self._changed.wait(), within_s)
            except TimeoutError:
                return seen, []
        return self._last, [letter for number, letter in self._letters if number > seen]
