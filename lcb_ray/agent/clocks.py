"""What the kernel says of a running test process: CPU time, time spent waiting for a CPU, number of threads."""

from __future__ import annotations

import contextlib
import os
import time
from pathlib import Path

_NANOSECONDS = 1e9
_VMSTAT_BYTES = 64 * 1024
_ALTERNATING = 4  # threads that take turns, as those of an interpreter do, and wait one after another


def cpu_seconds(pid: int) -> float:
    """User and system seconds of all threads of a process so far. Raises OSError once it is gone.

    The clock id is the kernel's encoding of "CPU clock of process pid" (clock_getcpuclockid(3)): Python has no function
    for it.
    """
    return time.clock_gettime((~pid << 3) | 2)


def tells_waiting() -> bool:
    """Whether this kernel keeps schedstat; without it, waiting cannot be told from sleeping."""
    try:
        return len(Path("/proc/self/schedstat").read_text().split()) == 3
    except OSError:
        return False


class Waiting:
    """How long a process has waited for a CPU, added up look by look.

    The process's own schedstat is its main thread's only, so the threads are looked at one by one. Their sum is not the
    process's: where many get into each other's way, each waits for the others, and a program could so borrow time to
    sleep in. Within one look the process has waited as long as the sum, and not longer than the look, nor than a few
    times the thread that waited longest.

    Args:
        pid: Whose.
        now: Seconds on the caller's clock at the process's start.
        tasks: The folder with the threads; for tests.
    """

    def __init__(self, pid: int, now: float, *, tasks: Path | None = None) -> None:
        self._tasks = tasks or Path(f"/proc/{pid}/task")
        self._looked = now
        self._seen: dict[str, int] = {}

    def since_last_look(self, now: float) -> float:
        """Seconds of waiting since the last look, CFS throttling included; 0.0 where the kernel does not tell."""
        seen = {}
        for thread in _threads_of(self._tasks):
            try:
                seen[thread.name] = int((thread / "schedstat").read_text().split()[1])
            except (OSError, IndexError, ValueError):  # this thread has just ended
                continue
        waits = [max(total - self._seen.get(name, 0), 0) for name, total in seen.items()]
        length, self._looked, self._seen = now - self._looked, now, seen
        return min(length, min(sum(waits), _ALTERNATING * max(waits, default=0)) / _NANOSECONDS)


def sleeps(pid: int, *, tasks: Path | None = None) -> bool:
    """Whether a process lives, and no thread of it runs, is ready to run, or waits for the disk.

    What a thread waits for a CPU is added up once it has got one, and time that a hypervisor takes is not added up at
    all: so of a process that does not sleep, nobody can say how long it was kept from running. One that has ended does
    not sleep either: how late that is seen is the watcher's doing.
    """
    states = set()
    for thread in _threads_of(tasks or Path(f"/proc/{pid}/task")):
        with contextlib.suppress(OSError):  # this thread has just ended
            states.add((thread / "stat").read_bytes().rpartition(b")")[2].split()[0])
    return bool(states - {b"Z", b"X"}) and not states & {b"R", b"D"}


def _threads_of(tasks: Path) -> list[Path]:
    try:
        return list(tasks.iterdir())
    except OSError:  # the process has just ended
        return []


def threads(pid: int) -> int:
    """Threads of a process; 0 once it is gone."""
    try:
        # The command name, in parentheses, is the program's to set: fields are counted from behind it, as bytes, since
        # the name need not be text.
        fields = Path(f"/proc/{pid}/stat").read_bytes().rpartition(b")")[2].split()
        return int(fields[17])
    except (OSError, IndexError, ValueError):
        return 0


def kernel_memory_kills() -> int:
    """How many processes the kernel's out-of-memory killer has killed since boot; 0 where it does not say."""
    try:
        descriptor = os.open("/proc/vmstat", os.O_RDONLY | os.O_CLOEXEC)
    except OSError:
        return 0
    try:
        _, found, rest = os.read(descriptor, _VMSTAT_BYTES).partition(b"\noom_kill ")
        return int(rest.partition(b"\n")[0]) if found else 0
    finally:
        os.close(descriptor)
