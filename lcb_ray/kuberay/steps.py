"""What bringing up does at the moment, for whoever waits: each step's name, how long it took, what it waits for."""

from __future__ import annotations

import logging
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from lcb_ray.errors import PoolUnavailable

log = logging.getLogger(__name__)

_NEWS_S = 5.0

Say = Callable[[str], None]


def say(line: str) -> None:
    """Log a line where somebody reads the log, else write it to standard error: minutes are not to be silent."""
    if log.isEnabledFor(logging.INFO) and log.hasHandlers():
        log.info("%s", line)
    else:
        sys.stderr.write(f"{line}\n")
        sys.stderr.flush()


class Steps:
    """Tells of one step after the other.

    Args:
        say: Takes a line.
        timeout_s: For each step.
    """

    def __init__(self, say: Say = say, *, timeout_s: float = 900.0) -> None:
        self._say = say
        self._timeout_s = timeout_s
        self._name = ""
        self._began = 0.0
        self._waiting = ""
        self._said_at = 0.0

    @contextmanager
    def step(self, name: str) -> Iterator[None]:
        """One step; said when it begins, and when it has ended with its time."""
        self._name, self._began, self._waiting = name, time.monotonic(), ""
        self._said_at = -_NEWS_S
        self._say(f"{name} ...")
        yield
        self._say(f"{name}: done in {self.elapsed_s:.1f} s")

    @property
    def elapsed_s(self) -> float:
        """How long the step has taken."""
        return time.monotonic() - self._began

    @property
    def left_s(self) -> float:
        """How long it may still take."""
        return max(self._timeout_s - self.elapsed_s, 0.0)

    def pause(self, seconds: float) -> None:
        """Let a little time pass before the next look."""
        time.sleep(seconds)

    def note(self, line: str) -> None:
        """Say something that is to be known."""
        self._say(line)

    def waits_for(self, what: str) -> None:
        """Say what the step waits for, where that is news and not too often. Raises PoolUnavailable after too long."""
        if what != self._waiting and self.elapsed_s >= self._said_at + _NEWS_S:
            self._waiting, self._said_at = what, self.elapsed_s
            self._say(f"  {self.elapsed_s:.0f} s: {what}")
        if not self.left_s:
            raise PoolUnavailable(
                f"{self._name}: not done within {self._timeout_s:.0f} s; {what}. The same command goes on from here; "
                "LIVECODEBENCH_K8S_TIMEOUT gives each step more seconds"
            )
