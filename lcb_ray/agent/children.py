"""How a process learns that a child of its has ended: by pidfd; on kernels without them (gVisor) by other means.

Whoever polls gets a descriptor either way. A child that was not reaped keeps its number, so it is safe to signal it by
that. Where there are no pidfds, a child that runs our own code has one end of a pipe, which closes with it; one that
runs a program could close that itself, so there the kernel's SIGCHLD is read from a descriptor.
"""

from __future__ import annotations

import contextlib
import ctypes
import os
import select
import signal

from . import kernel

_SIGNAL_SET_BYTES, _SIGNAL_INFO_BYTES = 8, 128


def _has_pidfds() -> bool:
    try:
        os.close(os.pidfd_open(os.getpid()))
    except OSError:
        return False
    return True


def _has_siblings() -> bool:
    """Whether a child can fork one for its parent. Only where this process has no child yet."""
    pid = kernel.fork()
    if pid == 0:
        try:
            kernel.fork_sibling()  # both end here
        finally:
            os._exit(0)
    os.waitpid(pid, 0)
    with contextlib.suppress(ChildProcessError):
        os.waitpid(-1, 0)
        return True
    return False


PIDFDS = _has_pidfds()
SIBLINGS = PIDFDS or _has_siblings()  # gVisor knows the flag, and does nothing about it


def prepare() -> None:
    """Call before the first child is forked that `watch` is to be asked of."""
    if not PIDFDS:
        signal.pthread_sigmask(signal.SIG_BLOCK, [signal.SIGCHLD])


def leave() -> None:
    """In such a child: what `prepare` has changed is as it was."""
    if not PIDFDS:
        signal.pthread_sigmask(signal.SIG_UNBLOCK, [signal.SIGCHLD])


def watch(pid: int) -> int:
    """A descriptor that can be read once the child has ended, or may have: `ended` knows. The caller's to close."""
    if PIDFDS:
        return os.pidfd_open(pid)
    only = ctypes.create_string_buffer((1 << (signal.SIGCHLD - 1)).to_bytes(_SIGNAL_SET_BYTES, "little"))
    flags = os.O_NONBLOCK | os.O_CLOEXEC
    return kernel.syscall("signalfd4", -1, ctypes.addressof(only), _SIGNAL_SET_BYTES, flags)


def ended(pid: int, descriptor: int) -> bool:
    """Whether the child has ended; it is still to be reaped."""
    if PIDFDS:
        return bool(select.select([descriptor], [], [], 0)[0])
    with contextlib.suppress(BlockingIOError):  # of an earlier child, or because this one was stopped
        os.read(descriptor, _SIGNAL_INFO_BYTES)
    return gone(pid)


def gone(pid: int) -> bool:
    """Whether a child that nobody watches has ended; it is still to be reaped."""
    return os.waitid(os.P_PID, pid, os.WEXITED | os.WNOHANG | os.WNOWAIT) is not None


def await_end(pid: int) -> None:
    """Wait until the child has ended; it is still to be reaped."""
    os.waitid(os.P_PID, pid, os.WEXITED | os.WNOWAIT)


class Lifeline:
    """For a child that runs our own code only: make it before the fork."""

    def __init__(self) -> None:
        self._ends = () if PIDFDS else os.pipe()

    def keep(self) -> None:
        """In the child."""
        if self._ends:
            os.close(self._ends[0])

    def watch(self, pid: int) -> int:
        """In its parent: a descriptor that is ready once the child has ended. The caller's to close."""
        if not self._ends:
            return os.pidfd_open(pid)
        os.close(self._ends[1])
        return self._ends[0]
