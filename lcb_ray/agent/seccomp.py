"""The system call filter of a jailed program: two classic BPF programs, built once. What either refuses is refused.

The first is an allow list, loaded by the process that test processes are forked from, and inherited by them: see
syscalls.py. The second is loaded by each test process. It refuses what the first must still allow, to fork and to load
the second, and what can only be said now that the process has its number. Calls that can reach outside by their
arguments are looked at here:

    clone       threads only (CLONE_THREAD), no namespaces; fork, vfork and clone3 are not to be had
    kill,tgkill this process only
    prlimit64   this process only
    fcntl       no F_SETOWN, F_SETSIG, F_SETLEASE, F_NOTIFY (a kill by another name), no F_SETPIPE_SZ
    ioctl       what Python asks of a file: is it a terminal, how much is there to read, non-blocking, close-on-exec
    socketpair  a connected stream pair of one's own (asyncio needs one); datagram pairs could be addressed outwards
    sendto      without an address
    prctl       a thread's name, the allocator's names for its memory, reading flags
    open        never O_TRUNC without a right to write (Landlock before ABI 3 lets it pass); read-only without Landlock
"""

from __future__ import annotations

import ctypes
import errno
import os
import struct
from collections.abc import Callable

from . import kernel
from .syscalls import FIRST_NEW_CALL, Architecture

_LOAD, _EQUAL, _AT_LEAST, _AND, _RETURN = 0x20, 0x15, 0x35, 0x54, 0x06
_ALLOW, _ERRNO, _KILL = 0x7FFF0000, 0x00050000, 0x80000000
_NUMBER_AT, _ARCH_AT, _ARGS_AT = 0, 4, 16
_X32_BIT = 0x40000000
_PID_MARK = 0x7FFFFFF1  # stands for the pid of the process that loads the filter; no real pid is this large

_CLONE_THREAD = 0x00010000
_CLONE_NAMESPACES = 0x7E020080  # every CLONE_NEW*, NEWTIME included
_AF_UNIX, _SOCK_STREAM, _SOCK_TYPE_MASK = 1, 1, 0xF
_F_LAST_PLAIN, _F_OFD_FIRST, _F_OFD_LAST, _F_DUPFD_CLOEXEC, _F_GETPIPE_SZ = 7, 36, 38, 1030, 1032
_IOCTLS = (0x5401, 0x5413, 0x541B, 0x5421, 0x5450, 0x5451)  # TCGETS TIOCGWINSZ FIONREAD FIONBIO FIONCLEX FIOCLEX
_PRCTLS = (3, 15, 16, 39, 0x53564D41)  # GET_DUMPABLE SET_NAME GET_NAME GET_NO_NEW_PRIVS SET_VMA
_PRCTLS_BEFORE = (kernel.PR_SET_PDEATHSIG,)
_SET_MODE_FILTER = 1
_OWN_PROCESS = ("kill", "tgkill", "prlimit64")
_O_WRITES = os.O_WRONLY | os.O_RDWR | os.O_CREAT | os.O_TRUNC

Instruction = tuple[int, int, int, int]


def _give(value: int) -> Instruction:
    return (_RETURN, 0, 0, value)


def _refuse(number: int) -> Instruction:
    return _give(_ERRNO | number)


def _argument(index: int, *, high: bool = False) -> Instruction:
    return (_LOAD, 0, 0, _ARGS_AT + 8 * index + (4 if high else 0))


def _one_of(values: tuple[int, ...], otherwise: int) -> list[Instruction]:
    """Allow if the loaded word is one of the values, else refuse with an errno."""
    rules: list[Instruction] = []
    for value in values:
        rules += [(_EQUAL, 0, 1, value), _give(_ALLOW)]
    return [*rules, _refuse(otherwise)]


_THREADS_ONLY = [
    _argument(0),
    (_AND, 0, 0, _CLONE_THREAD | _CLONE_NAMESPACES),
    *_one_of((_CLONE_THREAD,), errno.EPERM),
]


def _checked(*, read_only_open: bool) -> dict[str, list[Instruction]]:
    """For each call whose arguments the first filter looks at, what follows once its number has matched."""
    fcntl = [
        _argument(1),
        (_AT_LEAST, 1, 0, _F_LAST_PLAIN + 1),
        _give(_ALLOW),
        *_one_of((*range(_F_OFD_FIRST, _F_OFD_LAST + 1), _F_DUPFD_CLOEXEC, _F_GETPIPE_SZ), errno.EPERM),
    ]
    socketpair = [
        _argument(0),
        (_EQUAL, 1, 0, _AF_UNIX),
        _refuse(errno.EPERM),
        _argument(1),
        (_AND, 0, 0, _SOCK_TYPE_MASK),
        *_one_of((_SOCK_STREAM,), errno.EPERM),
    ]
    sendto = [
        _argument(4),
        (_EQUAL, 1, 0, 0),
        _refuse(errno.EPERM),
        _argument(4, high=True),
        *_one_of((0,), errno.EPERM),
    ]

    def opening(flags: int) -> list[Instruction]:
        if read_only_open:
            return [_argument(flags), (_AND, 0, 0, _O_WRITES), *_one_of((0,), errno.EACCES)]
        truncates_unasked = [(_AND, 0, 0, os.O_ACCMODE | os.O_TRUNC), (_EQUAL, 0, 1, os.O_TRUNC), _refuse(errno.EACCES)]
        return [_argument(flags), *truncates_unasked, _give(_ALLOW)]

    return {
        "open": opening(1),
        "openat": opening(2),
        "clone": [_argument(0), (_EQUAL, 0, 1, kernel.FORK_SIBLING), _give(_ALLOW), *_THREADS_ONLY],
        "ioctl": [_argument(1), *_one_of(_IOCTLS, errno.ENOTTY)],
        "fcntl": fcntl,
        "socketpair": socketpair,
        "sendto": sendto,
        "prctl": [_argument(0), *_one_of((*_PRCTLS, *_PRCTLS_BEFORE), errno.EPERM)],
        **{name: [_give(_ALLOW)] for name in (*_OWN_PROCESS, "seccomp")},
    }


def _checked_last() -> dict[str, list[Instruction]]:
    """The same for the second filter."""
    own_pid = [_argument(0), *_one_of((_PID_MARK,), errno.EPERM)]
    return {
        "clone": _THREADS_ONLY,
        "kill": own_pid,
        "tgkill": own_pid,
        "prlimit64": [_argument(0), *_one_of((0, _PID_MARK), errno.EPERM)],
        "prctl": [_argument(0), *_one_of(_PRCTLS, errno.EPERM)],
        "seccomp": [_refuse(errno.EPERM)],
    }


def build(arch: Architecture, *, read_only_open: bool) -> bytes:
    """The first filter, as an array of struct sock_filter.

    Args:
        arch: Whose system call numbers.
        read_only_open: Refuse opening to write; for kernels without Landlock.
    """
    answers: dict[int, list[Instruction]] = {number: [_give(_ALLOW)] for number in arch.allowed()}
    for name, body in _checked(read_only_open=read_only_open).items():
        if (checked := arch.number(name)) is not None:
            answers[checked] = body
    rules: list[Instruction] = [
        (_LOAD, 0, 0, _ARCH_AT),
        (_EQUAL, 1, 0, arch.audit),
        _give(_KILL),
        (_LOAD, 0, 0, _NUMBER_AT),
    ]
    if arch.name == "x86_64":
        rules += [(_AT_LEAST, 0, 1, _X32_BIT), _give(_KILL)]
    return _packed(rules + _search(_segments(answers)))


def _segments(answers: dict[int, list[Instruction]]) -> list[tuple[int, list[Instruction]]]:
    """All numbers, in stretches of one answer each: where each begins, in ascending order."""
    ends = {number + 1 for number in answers}
    segments: list[tuple[int, list[Instruction]]] = []
    for start in sorted({0, FIRST_NEW_CALL, *answers, *ends}):
        answer = answers.get(start, [_refuse(errno.ENOSYS if start >= FIRST_NEW_CALL else errno.EPERM)])
        if not segments or segments[-1][1] != answer:
            segments.append((start, answer))
    return segments


def _search(segments: list[tuple[int, list[Instruction]]]) -> list[Instruction]:
    """A binary search for the segment that the loaded number is in, and its answer.

    Whenever a filter is loaded, the kernel tries it on every number there is, to know which are always allowed: that
    takes 0.3 ms for one that goes through a list.
    """
    if len(segments) == 1:
        return segments[0][1]
    half = len(segments) // 2
    below, above = _search(segments[:half]), _search(segments[half:])
    return [(_AT_LEAST, len(below), 0, segments[half][0]), *below, *above]


def build_last(arch: Architecture) -> bytes:
    """The second filter, with _PID_MARK where the pid belongs. The first has refused other architectures' numbers."""
    rules: list[Instruction] = [(_LOAD, 0, 0, _NUMBER_AT)]
    for name, body in _checked_last().items():
        if (checked := arch.number(name)) is not None:
            rules += [(_EQUAL, 0, len(body), checked), *body]
    return _packed([*rules, _give(_ALLOW)])


def _packed(rules: list[Instruction]) -> bytes:
    return b"".join(struct.pack("=HBBI", *rule) for rule in rules)


class Filter:
    """Both filters, ready to load. Building them takes 0.6 ms, patching the pid into the second next to nothing."""

    def __init__(self, arch: Architecture, *, read_only_open: bool) -> None:
        self._first = _Loadable(build(arch, read_only_open=read_only_open))
        code = build_last(arch)
        self._last = _Loadable(code)
        mark = struct.pack("=I", _PID_MARK)
        self._words = memoryview(self._last.code).cast("B").cast("I")
        self._pids = [at // 4 for at in range(4, len(code), 8) if code[at : at + 4] == mark]

    def load(self) -> None:
        """Put this (single-threaded) process and all that it forks under the first filter for good. Raises OSError."""
        kernel.syscall("seccomp", *self._first.arguments)

    def last(self) -> Callable[[], None]:
        """What puts a process that is under the first filter under the second for good. Raises OSError."""
        words, pids, getpid = self._words, self._pids, os.getpid
        load = kernel.bound("seccomp", *self._last.arguments)

        def load_last() -> None:
            pid = getpid()
            for at in pids:
                words[at] = pid
            load()

        return load_last


class _Loadable:
    """A filter in memory of its own.

    Attributes:
        code: The filter.
        arguments: Of the call that loads it.
    """

    def __init__(self, code: bytes) -> None:
        self.code = ctypes.create_string_buffer(code, len(code))
        program = struct.pack("=H6xQ", len(code) // 8, ctypes.addressof(self.code))
        self._program = ctypes.create_string_buffer(program, len(program))
        self.arguments = (_SET_MODE_FILTER, 0, ctypes.addressof(self._program))
