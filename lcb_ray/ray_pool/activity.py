"""What a sandbox has done of late and does now, for people who look on: bounded, and never needed for the work."""

from __future__ import annotations

import threading
import time
from collections import Counter, deque
from collections.abc import Sequence
from dataclasses import dataclass

from lcb_ray.agent.protocol import ExecutionResult, Outcome
from lcb_ray.batch import Checked
from lcb_ray.pool_view import Finished, Running

_MOST_RECENT = 20
_MINUTE_S = 60.0
_MOST_IN_A_MINUTE = 20_000
_MOST_KEY = 200  # characters of a batch's key, which may hold what others have written
_MOST_VERDICT = 40
ACCEPTED, COMPILE_ERROR, NOT_PASSED = "accepted", "compile_error", "not_passed"


@dataclass(frozen=True, slots=True, kw_only=True)
class Activity:
    """What one sandbox actor has done since it started; see lcb_ray.pool_view.SandboxView."""

    verdicts: dict[str, int]
    errors: int
    last_minute: int
    running: tuple[Running, ...]
    recent: tuple[Finished, ...]
    network: str = ""


class Watcher:
    """Takes down what goes on in a sandbox actor. Safe to use from many threads."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._verdicts = Counter[str]()
        self._errors = 0
        self._running: dict[str, tuple[str, float]] = {}
        self._recent: deque[tuple[float, str, str]] = deque(maxlen=_MOST_RECENT)
        self._times: deque[float] = deque(maxlen=_MOST_IN_A_MINUTE)

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
        now = time.monotonic()
        with self._lock:
            self._verdicts[verdict] += 1
            self._recent.appendleft((now, key[:_MOST_KEY], verdict))
            self._times.append(now)

    def activity(self, *, network: str = "") -> Activity:
        """All of it, as of now, with what is known of the network's policies."""
        now = time.monotonic()
        with self._lock:
            while self._times and self._times[0] < now - _MINUTE_S:
                self._times.popleft()
            return Activity(
                verdicts=dict(self._verdicts),
                errors=self._errors,
                last_minute=len(self._times),
                running=tuple(Running(key=key, for_s=now - since) for key, since in self._running.values()),
                recent=tuple(Finished(key=key, verdict=said, ago_s=now - at) for at, key, said in self._recent),
                network=network,
            )


def verdict_of(compiled: ExecutionResult | None, checked: Sequence[Checked]) -> str:
    """A finished batch in one word: what its first case that is not passed calls itself by `verdict`, if it does."""
    if compiled is not None and compiled.outcome is Outcome.COMPILE_ERROR:
        return COMPILE_ERROR
    for one in checked:
        if not one.passed:
            return str(getattr(one, "verdict", None) or NOT_PASSED)[:_MOST_VERDICT]
    return ACCEPTED
