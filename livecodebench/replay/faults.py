"""What goes wrong on purpose, and how slowly: a plan for each request, the same for the same seed.

A plan depends on the seed, the completion asked for and how often it was asked for, never on the order in which
concurrent requests arrive. The rate limit is the exception: it is about time.
"""

from __future__ import annotations

import random
import time
from collections.abc import Callable
from dataclasses import dataclass
from enum import StrEnum

from livecodebench.errors import InputError


class Fault(StrEnum):
    """What can go wrong with a request, or with an answer."""

    SERVER_ERROR = "server_error"  # status 500, no answer
    DROP = "drop"  # the connection is closed in the middle of the answer
    TRUNCATE = "truncate"  # the answer ends early, finish_reason "length"
    EMPTY = "empty"  # the answer is empty, finish_reason "stop"


@dataclass(frozen=True, slots=True)
class Plan:
    """What becomes of one request.

    Attributes:
        latency_s: Seconds to wait before anything is sent.
        fault: What goes wrong; None where the stored completion is served as it is.
        keep: Where the answer is cut: the part of it that is kept, 0 to 1.
    """

    latency_s: float
    fault: Fault | None
    keep: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Faults:
    """How slow, limited and faulty the server is. The default is: not at all.

    Attributes:
        latency_s: Shortest and longest time to an answer, in seconds; drawn evenly.
        error_rate: Share of requests that get status 500, 0 to 1.
        drop_rate: Share of requests whose connection is closed in the middle of the answer.
        truncate_rate: Share of completions that are cut short; always the same ones.
        empty_rate: Share of completions that come empty; always the same ones.
        rate_limit: Requests per second beyond which status 429 is given; None for no limit.
        seed: Another seed, other victims.
    """

    latency_s: tuple[float, float] = (0.0, 0.0)
    error_rate: float = 0.0
    drop_rate: float = 0.0
    truncate_rate: float = 0.0
    empty_rate: float = 0.0
    rate_limit: float | None = None
    seed: int = 0

    def __post_init__(self) -> None:
        for name in ("error_rate", "drop_rate", "truncate_rate", "empty_rate"):
            if not 0.0 <= getattr(self, name) <= 1.0:
                raise InputError(f"{name.replace('_', '-')} is {getattr(self, name)}; give a share from 0 to 1")
        for one, other in (("error_rate", "drop_rate"), ("truncate_rate", "empty_rate")):
            if getattr(self, one) + getattr(self, other) > 1.0:
                raise InputError(f"{one} and {other} add up to more than 1; lower one of them")
        low, high = self.latency_s
        if not 0.0 <= low <= high:
            raise InputError(f"latency is {low}:{high}; give seconds, or SHORTEST:LONGEST")
        if self.rate_limit is not None and self.rate_limit <= 0:
            raise InputError(f"rate-limit is {self.rate_limit}; give requests per second, more than 0")

    def plan(self, completion: str, attempt: int) -> Plan:
        """What becomes of the request for this completion, the attempt-th since the server started (from 0)."""
        request = random.Random(f"{self.seed}/{completion}/{attempt}")
        answer = random.Random(f"{self.seed}/{completion}")
        latency_s = request.uniform(*self.latency_s)
        fault = _pick(request.random(), (Fault.SERVER_ERROR, self.error_rate), (Fault.DROP, self.drop_rate))
        if fault is None:
            fault = _pick(answer.random(), (Fault.TRUNCATE, self.truncate_rate), (Fault.EMPTY, self.empty_rate))
        return Plan(latency_s, fault, keep=answer.uniform(0.1, 0.9))


def _pick(draw: float, *shares: tuple[Fault, float]) -> Fault | None:
    for fault, share in shares:
        if draw < share:
            return fault
        draw -= share
    return None


class RateLimit:
    """A bucket of one second's requests that fills evenly."""

    def __init__(self, per_second: float, *, clock: Callable[[], float] = time.monotonic) -> None:
        self._per_second = per_second
        self._capacity = max(1.0, per_second)
        self._clock = clock
        self._tokens = self._capacity
        self._filled_at = clock()

    def take(self) -> float:
        """Take one request; 0 where it may pass, else the seconds after which one may."""
        now = self._clock()
        self._tokens = min(self._capacity, self._tokens + (now - self._filled_at) * self._per_second)
        self._filled_at = now
        if self._tokens >= 1.0:
            self._tokens -= 1.0
            return 0.0
        return (1.0 - self._tokens) / self._per_second
