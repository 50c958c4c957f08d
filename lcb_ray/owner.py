"""Whose a container or a RayCluster is: labels that say which process made it, and whether that process still lives.

A process id alone would not do: numbers are used again, and mean nothing on another machine or in another container.
"""

from __future__ import annotations

import os
import socket
from collections.abc import Mapping
from enum import Enum
from pathlib import Path

PREFIX = "livecodebench."
OWNED = f"{PREFIX}sandbox=true"  # the filter for all that is ours
_PID, _STARTED, _MACHINE = f"{PREFIX}pid", f"{PREFIX}pid-started", f"{PREFIX}machine"


class Driver(Enum):
    """What has become of the process that made a container.

    Attributes:
        HERE: It is this process.
        ALIVE: It lives, on this machine.
        GONE: It has ended.
        ELSEWHERE: It is, or was, on another machine or in another container: that cannot be seen from here.
    """

    HERE = "here"
    ALIVE = "alive"
    GONE = "gone"
    ELSEWHERE = "elsewhere"


def labels(run: str) -> dict[str, str]:
    """Labels of what this process makes for a pool.

    Args:
        run: Names the pool.
    """
    name, _, value = OWNED.partition("=")
    return {
        name: value,
        f"{PREFIX}run": run,
        f"{PREFIX}host": socket.gethostname(),
        _PID: str(os.getpid()),
        _STARTED: _started(os.getpid()) or "unknown",
        _MACHINE: _machine(),
    }


def driver_of(found: Mapping[str, str]) -> Driver:
    """What has become of the process that made what has these labels."""
    if found.get(_MACHINE) != _machine() or not found.get(_PID, "").isdigit():
        return Driver.ELSEWHERE
    pid = int(found[_PID])
    if (_started(pid) or "") != found.get(_STARTED):
        return Driver.GONE
    return Driver.HERE if pid == os.getpid() else Driver.ALIVE


def _started(pid: int) -> str | None:
    """When a process of this machine started, in ticks since boot; None where it has ended."""
    try:
        # The name, in parentheses, is the process's to choose, any bytes: fields are counted from behind it.
        fields = Path(f"/proc/{pid}/stat").read_bytes().rpartition(b")")[2].decode().split()
    except OSError:
        return None if Path("/proc/self/stat").exists() else _alive(pid)
    return None if fields[0] in "ZX" else fields[19]


def _alive(pid: int) -> str | None:
    """On a system that does not tell when a process started: a word for those that live."""
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return None
    except PermissionError:
        pass
    return "alive"


def _machine() -> str:
    """This boot of this machine, and its process numbers."""
    try:
        return Path("/proc/sys/kernel/random/boot_id").read_text().strip() + " " + os.readlink("/proc/self/ns/pid")  # noqa: PTH115
    except OSError:
        return socket.gethostname()
