"""What tests look at from outside: who descends from whom, who has ended, and what lies about. Linux only."""

from __future__ import annotations

import contextlib
import ctypes
import os
import select
import signal
import time
from collections.abc import Iterable, Iterator
from pathlib import Path

LONG_S = 60.0  # for what must happen; reached only where it does not
_PR_SET_CHILD_SUBREAPER = 36


def _parents(*, zombies: bool = False) -> dict[int, int]:
    """Every process's parent; zombies left out unless they are asked for."""
    parents = {}
    for name in os.listdir("/proc"):  # noqa: PTH208 - paths would cost more than the reading
        if name.isdigit():
            with contextlib.suppress(OSError), open(f"/proc/{name}/stat", "rb", buffering=0) as file:  # noqa: PTH123
                # The name, in parentheses, is the process's to choose, in any bytes: fields are counted from behind it.
                state, parent = file.read(512).rpartition(b")")[2].split(None, 2)[:2]
                if zombies or state not in b"ZX":
                    parents[int(name)] = int(parent)
    return parents


def children(pid: int) -> list[int]:
    """The living children of a process."""
    return [child for child, parent in _parents().items() if parent == pid]


def reaps(pid: int) -> bool:
    """Whether a process has still to reap a child that has ended."""
    return any(parent == pid for _, parent in _parents(zombies=True).items() - _parents().items())


def descendants(pid: int) -> set[int]:
    """All that live below a process."""
    parents, found, edge = _parents(), set(), {pid}
    while edge:
        edge = {child for child, parent in parents.items() if parent in edge} - found
        found |= edge
    return found


def port_forwards(pid: int) -> list[int]:
    """The `kubectl port-forward`s below a process."""
    found = []
    for below in descendants(pid):
        with contextlib.suppress(OSError):
            words = Path(f"/proc/{below}/cmdline").read_bytes().split(b"\0")
            if words[0].endswith(b"kubectl") and b"port-forward" in words:
                found.append(below)
    return found


def programs(agent: int) -> set[int]:
    """What runs below an agent for a connection: test processes, and what they are forked from.

    Each program has a session of its own. Wardens that wait for their next connection stay in the agent's, and so does
    what forks for them.
    """
    return {pid for pid in descendants(agent) if _session(pid) not in (None, _session(agent))}


def idle(agent: int) -> bool:
    """Wait until nothing runs below an agent, and nothing that has ended is left to be reaped; whether that came."""
    end = time.monotonic() + LONG_S
    while programs(agent) or any(reaps(pid) for pid in (agent, *children(agent))):
        if time.monotonic() > end:
            return False
        time.sleep(0.01)
    return True


def _session(pid: int) -> int | None:
    with contextlib.suppress(ProcessLookupError):
        return os.getsid(pid)
    return None


class Watch:
    """Processes whose end is waited for."""

    def __init__(self, pids: Iterable[int]) -> None:
        self._pidfds = {}
        for pid in pids:
            with contextlib.suppress(ProcessLookupError):
                self._pidfds[pid] = os.pidfd_open(pid)

    def left(self, timeout_s: float = LONG_S) -> set[int]:
        """Wait for all to end; those that did not."""
        left, end = set(), time.monotonic() + timeout_s
        for pid, pidfd in self._pidfds.items():
            if not select.select([pidfd], [], [], max(end - time.monotonic(), 0))[0]:
                left.add(pid)
            os.close(pidfd)
        self._pidfds.clear()
        return left


def watch(pids: Iterable[int]) -> Watch:
    """Begin to watch, before whatever will end them."""
    return Watch(pids)


@contextlib.contextmanager
def orphans() -> Iterator[set[int]]:
    """Become the parent of what is orphaned below this process meanwhile; filled with who does not end by itself."""
    libc, left = ctypes.CDLL(None, use_errno=True), set[int]()
    before = descendants(os.getpid())
    assert libc.prctl(_PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0) == 0
    try:
        yield left
        end = time.monotonic() + LONG_S / 3
        # Again and again: a process that was being forked when its parent ended is there a moment later, and ends then.
        while (found := descendants(os.getpid()) - before) and time.monotonic() < end:
            watch(found).left(end - time.monotonic())
        left |= found
    finally:
        kill(descendants(os.getpid()) - before)
        libc.prctl(_PR_SET_CHILD_SUBREAPER, 0, 0, 0, 0)


def kill(pids: Iterable[int]) -> None:
    """End what a failing test has left."""
    for pid in pids:
        with contextlib.suppress(ProcessLookupError):
            os.kill(pid, signal.SIGKILL)


def began(pid: int) -> tuple[int, int]:
    """What sorts processes by their start: ticks since boot; numbers within one tick."""
    return int(Path(f"/proc/{pid}/stat").read_bytes().rpartition(b")")[2].split()[19]), pid


def uid(pid: int) -> int:
    """The real user of a process, of one that hides behind root too."""
    status = Path(f"/proc/{pid}/status").read_text()
    return int(status.partition("\nUid:")[2].split()[0])


def descriptors(pid: int) -> int:
    """How many files a process has open."""
    return len(list(Path(f"/proc/{pid}/fd").iterdir()))


def own_bytes(pid: int) -> int:
    """Memory that a process has written to.

    Its part of what it shares with others, as of libraries, would vary with how many others there are.
    """
    for line in Path(f"/proc/{pid}/smaps_rollup").read_text().splitlines():
        if line.startswith("Anonymous:"):
            return int(line.split()[1]) * 1024
    raise AssertionError("no word of anonymous memory")


def litter() -> set[str]:
    """What programs leave lying about: files for anyone, shared memory, queues, sockets with a name."""
    found = {
        f"{folder}/{name}" for folder in ("/tmp", "/dev/shm", "/var/tmp", "/dev/mqueue") for name in _listed(folder)
    }
    for kind in ("shm", "msg", "sem"):
        found |= {f"{kind} {line}" for line in _lines(f"/proc/sysvipc/{kind}")[1:]}
    found |= {line.split()[7] for line in _lines("/proc/net/unix")[1:] if len(line.split()) > 7}
    return found


def _listed(folder: str) -> list[str]:
    with contextlib.suppress(OSError):
        return os.listdir(folder)  # noqa: PTH208 - paths would cost more than the listing
    return []


def _lines(path: str) -> list[str]:
    with contextlib.suppress(OSError):
        return Path(path).read_text().splitlines()
    return []
