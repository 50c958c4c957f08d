"""The kernel calls that Python's standard library does not offer, by ctypes. Thin: one function a call."""

from __future__ import annotations

import contextlib
import ctypes
import os
import struct

from .syscalls import this_architecture

ARCH = this_architecture()

PR_SET_PDEATHSIG = 1
PR_SET_DUMPABLE = 4
PR_CAPBSET_DROP = 24
PR_SET_NO_NEW_PRIVS = 38
PR_GET_NO_NEW_PRIVS = 39

CLONE_NEWIPC = 0x08000000
CLONE_NEWNET = 0x40000000

_CAPABILITY_VERSION_3 = 0x20080522
_LAST_CAPABILITY = 63

_libc = ctypes.CDLL(None, use_errno=True)
_libc.syscall.restype = ctypes.c_long
# PyDLL keeps the GIL: the child starts as its owner. os.fork() costs twice as much, for hooks that a single-threaded
# process without a use for them pays in page faults (reseeding random, resetting threading).
_fork = ctypes.PyDLL(None).fork


def syscall(name: str, *args: int) -> int:
    """Make a system call by name with integer arguments (addresses included). Raises OSError."""
    result = int(_libc.syscall(ctypes.c_long(ARCH.need(name)), *[ctypes.c_long(arg) for arg in args]))
    if result < 0:
        error = ctypes.get_errno()
        raise OSError(error, os.strerror(error), name)
    return result


def prctl(option: int, value: int = 0) -> int:
    """Set or ask one thing of this process, with one argument. Raises OSError."""
    result = int(_libc.prctl(option, ctypes.c_ulong(value), 0, 0, 0))
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


def close_from(first: int) -> None:
    """Close every descriptor from `first` on. Raises OSError."""
    try:
        syscall("close_range", first, 0xFFFFFFFF, 0)
    except OSError:  # gVisor, Linux before 5.9
        for number in map(int, os.listdir("/proc/self/fd")):  # noqa: PTH208 - paths would cost more than the closing
            if number >= first:
                with contextlib.suppress(OSError):  # the list's own
                    os.close(number)
