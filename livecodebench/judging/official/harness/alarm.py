"""The time limit of a test, by SIGALRM. A machine that lets a program wait for a processor must not make it slow."""

import signal
import time

_IDLE = 0.05  # of the wall time: a program that uses less of a processor sleeps, and does not wait for one
_MOST_EXTENSIONS = 10


class TimeoutException(Exception):
    """Raised by the alarm, wherever the candidate is."""


class Alarm:
    """Counts one test at a time.

    When the signal comes and the candidate has used less CPU time than the limit, though it was not sleeping, it gets
    what it has missed. The judge compares that with how long the kernel says that the process has waited.
    """

    def __init__(self) -> None:
        # A candidate that replaces these in their modules does not reach the ones here.
        self._wall, self._cpu, self._set, self._signal = (
            time.monotonic,
            time.process_time,
            signal.setitimer,
            signal.ITIMER_REAL,
        )
        self._start = self._seen = (0.0, 0.0)
        self._limit = 0.0
        self._extended = self._raised = 0

    def install(self) -> None:
        """Handle the signal, until a candidate does."""
        signal.signal(signal.SIGALRM, self._timeout_handler)

    def start(self, seconds: float) -> None:
        """Count from now."""
        self._start = self._seen = (self._wall(), self._cpu())
        self._limit = seconds
        self._extended = self._raised = 0
        self._set(self._signal, seconds)

    def stop(self) -> dict[str, object]:
        """Stop counting. Returns fields of a record: seconds, and how often the alarm came."""
        self._set(self._signal, 0)
        wall, cpu = self._wall() - self._start[0], self._cpu() - self._start[1]
        return {"wall": wall, "cpu": cpu, "extended": self._extended, "raised": self._raised}

    def _timeout_handler(self, signum: int, frame: object) -> None:
        now = (self._wall(), self._cpu())
        used = now[1] - self._start[1]
        busy = now[1] - self._seen[1] > _IDLE * (now[0] - self._seen[0])
        if used < self._limit and busy and self._extended < _MOST_EXTENSIONS:
            self._extended += 1
            self._seen = now
            self._set(self._signal, max(self._limit - used, 0.01))
            return
        self._raised += 1
        print("timeout occured: alarm went off")  # noqa: T201 - into the candidate's output, as there
        raise TimeoutException


ALARM = Alarm()
