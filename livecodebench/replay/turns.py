"""Which stored sample comes next: each once, in turn, and one that did not arrive is given back."""

from __future__ import annotations

import heapq
from collections import defaultdict


class Turns:
    """Hands out sample numbers per (model, question_id). Not thread-safe: one event loop owns it."""

    def __init__(self, *, cycle: bool) -> None:
        self._cycle = cycle
        self._next: defaultdict[tuple[str, str], int] = defaultdict(int)
        self._returned: defaultdict[tuple[str, str], list[int]] = defaultdict(list)

    def take(self, model: str, question_id: str, *, count: int, stored: int) -> list[int]:
        """The next `count` sample numbers; fewer, or none, where the stored ones are used up (never with cycle)."""
        key = (model, question_id)
        taken: list[int] = []
        while len(taken) < count and stored > 0:
            if self._returned[key]:
                taken.append(heapq.heappop(self._returned[key]))
            elif self._next[key] < stored or self._cycle:
                taken.append(self._next[key] % stored)
                self._next[key] += 1
            else:
                break
        return taken

    def give_back(self, model: str, question_id: str, samples: list[int]) -> None:
        """Samples that did not reach the client; they are the next to go."""
        for sample in samples:
            heapq.heappush(self._returned[(model, question_id)], sample)
