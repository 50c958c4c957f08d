"""What a sandbox has done of late and does now, for people who look on: bounded, and never needed for the work."""

from __future__ import annotations

import threading
import time
from collections import Counter, deque
from collections.abc import Sequence
from dataclasses import dataclass

from lcb_ray.agent.protocol import ExecutionResult, Outcome
from lcb_ray.batch import Checked

_MOST_RECENT = 20
_MOST_KEY = 200  # characters of a batch's key, which holds a model's name
_MOST_VERDICT = 40
ACCEPTED, COMPILE_ERROR, NOT_PASSED = "accepted", "compile_error", "not_passed"


@dataclass(frozen=True, slots=True, kw_only=True)
class Finished:
    """A batch that came to its end.

    Attributes:
        key: Of the batch.
        verdict: In one word; see `verdict_of`.
        ago_s: Since then.
    """

    key: str
    verdict: str
    ago_s: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Activity:
    """What one sandbox actor has done since it started.

    Attributes:
        verdicts: Finished batches, by verdict.
        errors: Batches that ended in a failure of the infrastructure.
        running: Key of each batch under way, and for how many seconds it has been.
        recent: The last ones finished, newest first.
    """

    verdicts: dict[str, int]
    errors: int
    running: tuple[tuple[str, float], ...]
    recent: tuple[Finished, ...]


class Watcher:
    """Takes down what goes on in a sandbox actor. Safe to use from many threads."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._verdicts = Counter[str]()
        self._errors = 0
        self._running: dict[str, tuple[str, float]] = {}
        self._recent: deque[tuple[float, str, str]] = deque(maxlen=_MOST_RECENT)

    def began(self, lease: str, key: str) -> None:
        """A batch is under way."""
        with self._lock:
            self._running[lease] = (key[:_MOST_KEY], time.monotonic())

    def ended(self, lease: str, *, error: bool) -> None:
        """It no longer is, finished or not."""
        with self._lock:
            self._running.pop(lease, None)
            self._errors += error

    def finished(self, key: str, verdict: str) -> None:
        """It has come to its end."""
        with self._lock:
            self._verdicts[verdict] += 1
            self._recent.appendleft((time.monotonic(), key[:_MOST_KEY], verdict))

    def activity(self) -> Activity:
        """All of it, as of now."""
        now = time.monotonic()
        with self._lock:
            return Activity(
                verdicts=dict(self._verdicts),
                errors=self._errors,
                running=tuple((key, now - since) for key, since in self._running.values()),
                recent=tuple(Finished(key=key, verdict=said, ago_s=now - at) for at, key, said in self._recent),
            )


def verdict_of(compiled: ExecutionResult | None, checked: Sequence[Checked]) -> str:
    """A finished batch in one word: what the first case that is not passed calls itself by its `verdict`, if it does."""
    if compiled is not None and compiled.outcome is Outcome.COMPILE_ERROR:
        return COMPILE_ERROR
    for one in checked:
        if not one.passed:
            return str(getattr(one, "verdict", None) or NOT_PASSED)[:_MOST_VERDICT]
    return ACCEPTED
