"""The kernel calls that Python's standard library does not offer, by ctypes. Thin: one function a call."""

from __future__ import annotations

import contextlib
import ctypes
import os
import signal
import struct
from collections.abc import Callable

from .syscalls import this_architecture

ARCH = this_architecture()

PR_SET_PDEATHSIG = 1
PR_SET_DUMPABLE = 4
PR_CAPBSET_DROP = 24
PR_SET_NO_NEW_PRIVS = 38
PR_GET_NO_NEW_PRIVS = 39
_PR_GET_TID_ADDRESS = 40

_CLONE_PARENT, _CLONE_CHILD_CLEARTID, _CLONE_CHILD_SETTID = 0x00008000, 0x00200000, 0x01000000
# What fork asks for, and that the child is the caller's sibling: whoever waits for the caller waits for it too.
FORK_SIBLING = _CLONE_PARENT | _CLONE_CHILD_CLEARTID | _CLONE_CHILD_SETTID | signal.SIGCHLD
CLONE_NEWIPC = 0x08000000
CLONE_NEWNET = 0x40000000

_CAPABILITY_VERSION_3 = 0x20080522
_LAST_CAPABILITY = 63

# PyDLL keeps the GIL: a forked child starts as its owner. Arguments are given as they are: each page that is touched to
# wrap them is one more to be copied in a test process.
_libc = ctypes.PyDLL(None, use_errno=True)
_syscall = _libc.syscall
_syscall.restype, _syscall.argtypes = ctypes.c_long, [ctypes.c_long] * 7
_prctl = _libc.prctl
_prctl.argtypes = [ctypes.c_int, *[ctypes.c_ulong] * 4]
# os.fork() costs twice as much, for hooks that a single-threaded process without a use for them pays in page faults
# (reseeding random, resetting threading).
_fork = _libc.fork


def syscall(name: str, *args: int) -> int:
    """Make a system call by name with integer arguments (addresses included). Raises OSError."""
    result: int = _syscall(ARCH.need(name), *args, *[0] * (6 - len(args)))
    if result < 0:
        error = ctypes.get_errno()
        raise OSError(error, os.strerror(error), name)
    return result


def bound(name: str, *args: int) -> Callable[[], None]:
    """The same, prepared: it touches next to nothing, for processes that have just been forked."""
    call, number, given = _syscall, ARCH.need(name), (*args, *[0] * (6 - len(args)))

    def make() -> None:
        if call(number, *given) < 0:
            error = ctypes.get_errno()
            raise OSError(error, os.strerror(error), name)

    return make


def prctl(option: int, value: int = 0) -> int:
    """Set or ask one thing of this process, with one argument. Raises OSError."""
    result: int = _prctl(option, value, 0, 0, 0)
    if result < 0:
        error = ctypes.get_errno()
        raise OSError(error, os.strerror(error), f"prctl {option}")
    return result


def fork() -> int:
    """Fork without Python's at-fork hooks. Only for a single-threaded process; the child must reseed `random`."""
    pid = int(_fork())
    if pid < 0:
        raise OSError(ctypes.get_errno(), "fork failed")
    return pid


def _thread_id_at() -> int:
    """Where the C library keeps this thread's id, which the kernel is to set in a new process; 0 if it does not say."""
    address = ctypes.c_ulong()
    return address.value if _prctl(_PR_GET_TID_ADDRESS, ctypes.addressof(address), 0, 0, 0) == 0 else 0


_CLONE = ARCH.need("clone")
_THREAD_ID_AT = _thread_id_at()


def fork_sibling() -> int:
    """Fork a child of this process's parent, without the C library's and Python's hooks; otherwise as `fork`."""
    # The thread id's address is the fourth argument on x86_64 and the fifth on aarch64; the other one is not looked at.
    pid: int = _syscall(_CLONE, FORK_SIBLING, 0, 0, _THREAD_ID_AT, _THREAD_ID_AT, 0)
    if pid < 0:
        raise OSError(ctypes.get_errno(), "fork failed")
    return pid


def no_new_privs() -> None:
    """Give up ever gaining rights by exec: also what lets an ordinary user load seccomp and Landlock rules."""
    prctl(PR_SET_NO_NEW_PRIVS, 1)


def die_with_parent(parent: int) -> None:
    """Have the kernel kill this process when its parent ends. Exits at once where that has happened already."""
    prctl(PR_SET_PDEATHSIG, 9)
    if os.getppid() != parent:
        os._exit(1)


def drop_capabilities() -> None:
    """Drop every capability, from the bounding set too, so that uid 0 keeps only what its file ownership gives."""
    for capability in range(_LAST_CAPABILITY + 1):
        try:
            prctl(PR_CAPBSET_DROP, capability)
        except OSError:  # past the kernel's last one, or not allowed to: then capset below has nothing to keep either
            break
    header = ctypes.create_string_buffer(struct.pack("=Ii", _CAPABILITY_VERSION_3, 0), 8)
    data = ctypes.create_string_buffer(bytes(24), 24)
    syscall("capset", ctypes.addressof(header), ctypes.addressof(data))


def closing_from(first: int) -> Callable[[], None]:
    """What closes every descriptor from `first` on, prepared as `bound` does it. Raises OSError."""
    close_range = bound("close_range", first, 0xFFFFFFFF)

    def close() -> None:
        try:
            close_range()
        except OSError:  # gVisor, Linux before 5.9
            for number in map(int, os.listdir("/proc/self/fd")):  # noqa: PTH208 - paths would cost more than the closing
                if number >= first:
                    with contextlib.suppress(OSError):  # the list's own
                        os.close(number)

    return close
