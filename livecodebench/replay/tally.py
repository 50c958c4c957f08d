"""What the server was asked and what it answered: counts for tests, and for anyone who wants to see retries."""

from __future__ import annotations

import threading
from collections import Counter, defaultdict
from collections.abc import Sequence
from typing import Any


class Tally:
    """Counts since the start. Safe for threads: the server's thread counts, others read."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._requests = 0
        self._with_key = 0
        self._running = 0
        self._most_running = 0
        self._outcomes: Counter[str] = Counter()
        self._served: defaultdict[tuple[str, str], Counter[int]] = defaultdict(Counter)

    def begin(self, *, with_key: bool) -> None:
        """A request for a completion has come."""
        with self._lock:
            self._requests += 1
            self._with_key += with_key
            self._running += 1
            self._most_running = max(self._most_running, self._running)

    def settle(self, outcome: str) -> None:
        """How it ends, told before it is sent: "served", a fault's name, or the reason for which it is refused."""
        with self._lock:
            self._outcomes[outcome] += 1

    def end(self) -> None:
        """It has ended."""
        with self._lock:
            self._running -= 1

    def serve(self, model: str, question_id: str, samples: Sequence[int]) -> None:
        """These samples are sent."""
        with self._lock:
            self._served[(model, question_id)].update(samples)

    def as_json(self) -> dict[str, Any]:
        """The body of GET /stats: requests, how each ended, and how often each sample of each problem was sent."""
        with self._lock:
            return self._as_json()

    def _as_json(self) -> dict[str, Any]:
        served: defaultdict[str, dict[str, dict[str, int]]] = defaultdict(dict)
        for (model, question_id), samples in sorted(self._served.items()):
            served[model][question_id] = {str(sample): count for sample, count in sorted(samples.items())}
        return {
            "requests": self._requests,
            "with_key": self._with_key,
            "most_running": self._most_running,
            "outcomes": dict(sorted(self._outcomes.items())),
            "served": dict(served),
        }
