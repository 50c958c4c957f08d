"""What the kernel says of a running test process: CPU time, time spent waiting for a CPU, number of threads."""

from __future__ import annotations

import time
from pathlib import Path

_NANOSECONDS = 1e9


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


def waiting_seconds(pid: int) -> float:
    """Seconds that the process's threads were ready to run and had no CPU, CFS throttling included; 0.0 if not known.

    The process's own schedstat is its main thread's only, so the threads are added up.
    """
    total = 0
    try:
        for thread in Path(f"/proc/{pid}/task").iterdir():
            total += int((thread / "schedstat").read_text().split()[1])
    except (OSError, IndexError, ValueError):  # the process, or one thread of it, has just ended
        return total / _NANOSECONDS
    return total / _NANOSECONDS


def threads(pid: int) -> int:
    """Threads of a process; 0 once it is gone."""
    try:
        # The command name, in parentheses, is the program's to set: fields are counted from behind it.
        fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
        return int(fields[17])
    except (OSError, IndexError, ValueError):
        return 0


def kernel_memory_kills() -> int:
    """How many processes the kernel's out-of-memory killer has killed since boot; 0 where it does not say."""
    try:
        for line in Path("/proc/vmstat").read_text().splitlines():
            if line.startswith("oom_kill "):
                return int(line.split()[1])
    except (OSError, ValueError):
        pass
    return 0
