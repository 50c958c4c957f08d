"""The system call filter of a jailed program, as a classic BPF program built once and loaded by each test process.

An allow list: see syscalls.py. Calls that can reach outside by their arguments are looked at here:

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


def _checked(*, read_only_open: bool) -> dict[str, list[Instruction]]:
    """For each call with a look at its arguments, what follows once its number has matched."""
    own_pid = [_argument(0), *_one_of((_PID_MARK,), errno.EPERM)]
    fcntl = [
        _argument(1),
        (_AT_LEAST, 1, 0, _F_LAST_PLAIN + 1),
        _give(_ALLOW),
        *_one_of((*range(_F_OFD_FIRST, _F_OFD_LAST + 1), _F_DUPFD_CLOEXEC, _F_GETPIPE_SZ), errno.EPERM),
    ]
    clone = [
        _argument(0),
        (_AND, 0, 0, _CLONE_THREAD | _CLONE_NAMESPACES),
        *_one_of((_CLONE_THREAD,), errno.EPERM),
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
        "clone": clone,
        "kill": own_pid,
        "tgkill": own_pid,
        "prlimit64": [_argument(0), *_one_of((0, _PID_MARK), errno.EPERM)],
        "ioctl": [_argument(1), *_one_of(_IOCTLS, errno.ENOTTY)],
        "fcntl": fcntl,
        "socketpair": socketpair,
        "sendto": sendto,
        "prctl": [_argument(0), *_one_of(_PRCTLS, errno.EPERM)],
    }


def build(arch: Architecture, *, read_only_open: bool) -> bytes:
    """The filter as an array of struct sock_filter, with _PID_MARK where the pid belongs.

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
    rules += _search(_segments(answers))
    return b"".join(struct.pack("=HBBI", *rule) for rule in rules)


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

    Whenever a filter is loaded, the kernel tries it on every number there is, to know which it always allows: one that
    goes through a list costs 0.3 ms then.
    """
    if len(segments) == 1:
        return segments[0][1]
    half = len(segments) // 2
    below, above = _search(segments[:half]), _search(segments[half:])
    return [(_AT_LEAST, len(below), 0, segments[half][0]), *below, *above]


class Filter:
    """A built filter, ready to load. Building takes 0.6 ms, patching the pid into it next to nothing."""

    def __init__(self, arch: Architecture, *, read_only_open: bool) -> None:
        code = build(arch, read_only_open=read_only_open)
        mark = struct.pack("=I", _PID_MARK)
        self._pid_at = [at for at in range(4, len(code), 8) if code[at : at + 4] == mark]
        self._code = ctypes.create_string_buffer(code, len(code))
        program = struct.pack("=H6xQ", len(code) // 8, ctypes.addressof(self._code))
        self._program = ctypes.create_string_buffer(program, len(program))

    def load(self) -> None:
        """Put this (single-threaded) process under the filter for good. Raises OSError."""
        pid = struct.pack("=I", os.getpid())
        for at in self._pid_at:
            ctypes.memmove(ctypes.byref(self._code, at), pid, 4)
        kernel.syscall("seccomp", 1, 0, ctypes.addressof(self._program))
