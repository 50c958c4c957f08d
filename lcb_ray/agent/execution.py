"""One execution: a test process from fork to its last trace, watched by its warden.

The process itself decides nothing: how it ended is what wait4 says, what it used is what the kernel counted.
"""

from __future__ import annotations

import contextlib
import os
import signal
import time
from dataclasses import dataclass
from enum import Enum

from . import children, clocks
from .jail import Descriptors, Jail
from .program import EXCEPTION_MARK
from .protocol import ExecutionResult, Limits, Outcome, Usage

_FIRST_LOOK_S, _LOOK_EVERY_S, _SHORTEST_WAIT_S = 0.02, 0.1, 0.002
_AWAKE_S = 0.02  # until the next look at a process that is over the limit on wall time, and not asleep
_CORES = os.cpu_count() or 1
# A program that only computes has used nearly as much wall time as CPU time: the CPU limit is to find it first.
_WALL_ROOM, _WALL_ROOM_S = 1.1, 0.2
_WALL_FACTOR_BLIND = 3.0  # where the kernel does not tell waiting from sleeping, wall time gets this much room


class SandboxFault(Exception):
    """The sandbox, not the program, failed. `code` is one of protocol.FAULTS."""

    def __init__(self, code: str, message: str) -> None:
        super().__init__(message)
        self.code = code


@dataclass(slots=True)
class Cell:
    """What the executions of one program share.

    Attributes:
        jail: What each is confined with.
        slot: Which slot of the sandbox, for the uid.
        gate: An eventfd that a process raises once it is confined, its last act before it closes it. So a process that
            ended without it never ran the program, and no program can pretend that its sandbox failed.
        memory_kills: clocks.kernel_memory_kills() before the first test process.
    """

    jail: Jail
    slot: int
    gate: int
    memory_kills: int

    @classmethod
    def make(cls, jail: Jail, slot: int) -> Cell:
        """A cell for this process's executions."""
        children.prepare()
        return cls(jail, slot, os.eventfd(0, os.EFD_NONBLOCK | os.EFD_CLOEXEC), clocks.kernel_memory_kills())

    def note_memory_kills(self) -> None:
        """What the kernel has killed so far is none of the executions to come."""
        self.memory_kills = clocks.kernel_memory_kills()

    def entered(self) -> bool:
        """Whether the execution that has ended was confined; lowers the gate again."""
        try:
            return os.eventfd_read(self.gate) > 0
        except BlockingIOError:
            return False

    def close(self) -> None:
        """There will be no more of them."""
        os.close(self.gate)


class Stop(Enum):
    """Why the warden ended a process."""

    CPU = Outcome.CPU_LIMIT
    WALL = Outcome.WALL_LIMIT
    THREADS = Outcome.SIGNAL


@dataclass(slots=True)
class Finished:
    """An ended execution: the result without its output, and the files that hold the output."""

    result: ExecutionResult
    files: Descriptors

    def close(self) -> None:
        """Close the files, and so free their memory."""
        for descriptor in self.files.numbers():
            os.close(descriptor)


class Execution:
    """A running process, watched by its parent.

    Args:
        cell: What it shares with the other executions of the program.
        limits: What it may use.
        files: Its own; closed with it, or by whoever takes what has `finished`.
        pid: A child of this process.
        start: When it was asked for, on the monotonic clock.
        index: Which input, -1 for the compile stage.
    """

    def __init__(self, cell: Cell, limits: Limits, files: Descriptors, pid: int, *, start: float, index: int) -> None:
        self.index = index
        self.pid = pid
        self._cell = cell
        self._limits = limits
        self._files = files
        self._stop: Stop | None = None
        self._waited_s = 0.0
        self._start = start
        self._next_look = start + min(_FIRST_LOOK_S, limits.cpu_s)
        self.pidfd = children.watch(pid)
        self._waiting: clocks.Waiting | None = None

    def wait_s(self) -> float:
        """Seconds until `look` should be called again."""
        return max(self._next_look - time.monotonic(), 0.0)

    def look(self) -> None:
        """Compare what the process has used with its limits, and end it if it is over. Raises SandboxFault.

        A process is too slow when its CPU time is over the limit, or its wall time without the time it waited for a CPU
        is and it is found asleep: a busy machine only makes it wait. Past the limit on plain wall time it is the
        sandbox that is too slow.
        """
        try:
            cpu = clocks.cpu_seconds(self.pid)
        except OSError:  # it has just ended
            return None
        now, limit = time.monotonic(), self._limits.cpu_s
        wall = now - self._start
        if cpu >= limit:
            return self._end(Stop.CPU)
        own_wall = wall / _WALL_FACTOR_BLIND
        if SEES_WAITING:
            if self._waiting is None:
                self._waiting = clocks.Waiting(self.pid, self._start)
            self._waited_s += self._waiting.since_last_look(now)
            own_wall = wall - self._waited_s
        wall_limit = limit * _WALL_ROOM + _WALL_ROOM_S
        if own_wall >= wall_limit and clocks.sleeps(self.pid):
            return self._end(Stop.WALL)
        if clocks.threads(self.pid) > self._limits.threads:
            return self._end(Stop.THREADS)
        if wall >= self._limits.overload_wall_s:
            self.abandon()
            raise SandboxFault("overloaded", f"{wall:.0f} s of wall time gave the program {cpu:.2f} s of CPU")
        # Each core can add a second of CPU time a second; threads have to be looked at now and then.
        left = min((limit - cpu) / _CORES, wall_limit - own_wall if own_wall < wall_limit else _AWAKE_S, _LOOK_EVERY_S)
        self._next_look = time.monotonic() + max(left, _SHORTEST_WAIT_S)
        return None

    def _end(self, why: Stop) -> None:
        self._stop = why
        os.kill(self.pid, signal.SIGKILL)
        children.await_end(self.pid)

    def ended(self) -> bool:
        """Whether the process has ended, and `finish` may be called."""
        return children.ended(self.pid, self.pidfd)

    def finish(self) -> Finished:
        """Reap the ended process and say how it ended. Raises SandboxFault where that was not its own doing."""
        _, status, used = os.wait4(self.pid, 0)
        wall = time.monotonic() - self._start
        os.close(self.pidfd)
        usage = Usage(
            cpu_s=used.ru_utime + used.ru_stime,
            wall_s=wall,
            wait_s=self._waited_s,
            max_rss_bytes=used.ru_maxrss * 1024,
        )
        code = os.waitstatus_to_exitcode(status)
        try:
            outcome, uncaught = self._outcome(code, usage)
        except SandboxFault:
            self._close_files()
            raise
        result = ExecutionResult(
            index=self.index,
            outcome=outcome,
            exit_code=code if code >= 0 else None,
            signal=-code if code < 0 else None,
            uncaught=uncaught,
            usage=usage,
        )
        return Finished(result, self._files)

    def _outcome(self, code: int, usage: Usage) -> tuple[Outcome, str]:
        limit = self._limits
        if not self._cell.entered():
            words = os.pread(self._files.stderr, 500, 0).decode("utf-8", "replace")
            raise SandboxFault("jail", f"a process could not enter its jail (status {code}): {words}")
        report = os.pread(self._files.report, 128, 0)
        uncaught = report[1:].decode("utf-8", "replace") if report.startswith(EXCEPTION_MARK) else ""
        largest = max(map(size_of, (self._files.stdout, self._files.stderr, self._files.report)))
        if self._stop is not None:
            return self._stop.value, ""
        if usage.cpu_s >= limit.cpu_s or code == -signal.SIGXCPU:
            return Outcome.CPU_LIMIT, ""
        if largest >= limit.output_bytes:
            return Outcome.OUTPUT_LIMIT, uncaught
        if uncaught == "MemoryError":
            return Outcome.MEMORY_LIMIT, uncaught
        if code == -signal.SIGKILL and clocks.kernel_memory_kills() > self._cell.memory_kills:
            raise SandboxFault("memory", "a program was killed while the kernel ran out of memory")
        if code == -signal.SIGKILL and self.index < 0:
            raise SandboxFault("internal", "what compiles a program was killed, which no program can have done")
        if code < 0:
            return Outcome.SIGNAL, ""
        return (Outcome.NONZERO_EXIT if code else Outcome.EXITED), uncaught

    def abandon(self) -> None:
        """Kill and reap the process, and drop what it wrote."""
        with contextlib.suppress(ProcessLookupError):
            os.kill(self.pid, signal.SIGKILL)
        os.waitpid(self.pid, 0)
        os.close(self.pidfd)
        self._cell.entered()
        self._close_files()

    def _close_files(self) -> None:
        Finished(ExecutionResult(index=self.index, outcome=Outcome.EXITED), self._files).close()


def size_of(descriptor: int) -> int:
    """Bytes in a file that nobody reads by its position any more."""
    return os.lseek(descriptor, 0, os.SEEK_END)


SEES_WAITING = clocks.tells_waiting()
