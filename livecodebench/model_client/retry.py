"""What is tried again, and when. Pure: no clock of its own, no waiting."""

from __future__ import annotations

import math
import random
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC
from email.utils import parsedate_to_datetime
from typing import NamedTuple


class Failure(NamedTuple):
    """A failure that may pass.

    Attributes:
        message: What happened, fit to be shown.
        rate_limited: True where the API only asked to wait: that is not counted as an attempt.
        retry_after_s: How long the API asks to wait; None where it does not say.
    """

    message: str
    rate_limited: bool = False
    retry_after_s: float | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class RetryPolicy:
    """How often and how long.

    Attributes:
        attempts: Requests that may fail before it is given up; those that were told to wait do not count.
        total_s: Seconds from the first request after which none is sent any more; bounds the waiting too.
        first_delay_s: Before the second attempt; doubled before each further one.
        longest_delay_s: What the doubling ends at. An API that asks for more gets it, within total_s.
    """

    attempts: int = 8
    total_s: float = 1800.0
    first_delay_s: float = 1.0
    longest_delay_s: float = 60.0

    def delay(self, failure: Failure, *, failures: int, elapsed_s: float, draw: random.Random) -> float | None:
        """Seconds to wait before the next request; None to give up.

        Args:
            failure: The last one.
            failures: How many there were, this one included; for a rate limit, how many rate limits in a row.
            elapsed_s: Since the first request.
            draw: For the jitter, so that many requests do not come back at the same moment.
        """
        if not failure.rate_limited and failures >= self.attempts:
            return None
        doubled = min(self.longest_delay_s, self.first_delay_s * 2.0 ** min(failures - 1, 30))
        if failure.retry_after_s is None:
            wait_s = doubled * draw.uniform(0.5, 1.0)
        else:
            wait_s = max(failure.retry_after_s, _SHORTEST_S) * draw.uniform(1.0, 1.1)
        return wait_s if elapsed_s + wait_s <= self.total_s else None


_SHORTEST_S = 0.05  # an API that says "at once", again and again, is not asked in a tight loop


def retry_after_s(headers: Mapping[str, str], *, now: float) -> float | None:
    """The wait that a response asks for, in seconds, never negative.

    Reads `retry-after-ms` (OpenAI's), then `Retry-After` in seconds or as an HTTP date.

    Args:
        headers: Of the response; looked up in lower case.
        now: Seconds since the epoch.
    """
    milliseconds = _number(headers.get("retry-after-ms"))
    if milliseconds is not None:
        return milliseconds / 1000
    value = headers.get("retry-after")
    if value is None:
        return None
    seconds = _number(value)
    return _until(value, now) if seconds is None else seconds


def _number(value: str | None) -> float | None:
    try:
        number = float(value or "")
    except ValueError:
        return None
    return max(0.0, number) if math.isfinite(number) else None


def _until(date: str, now: float) -> float | None:
    try:
        moment = parsedate_to_datetime(date)
    except (ValueError, OverflowError):
        return None
    if moment.tzinfo is None:
        moment = moment.replace(tzinfo=UTC)
    return max(0.0, moment.timestamp() - now)
