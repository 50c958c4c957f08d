"""Forks on request: a process that is prepared makes children of its parent, which say nothing but a byte to it.

What is asked for comes with descriptors and is told the number of the new process, which has them open and is, by
CLONE_PARENT, the asker's own: to watch, to kill, to wait for.
"""

from __future__ import annotations

import contextlib
import os
import socket
import struct
from collections.abc import Collection, Sequence

from . import kernel
from .execution import SandboxFault

ANSWER = struct.Struct("=q")  # a process id, or an error below 0
LONGEST_S = 60.0  # for a fork, on a machine that is overloaded


def pair() -> tuple[socket.socket, socket.socket]:
    """The asker's end of a new connection, and the end of the process that forks."""
    ours, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
    ours.settimeout(LONGEST_S)
    return ours, theirs


def numbers(count: int) -> struct.Struct:
    """How so many descriptors are sent."""
    return struct.Struct(f"={count}i")


def ask(control: socket.socket, form: struct.Struct, descriptors: Sequence[int], others: Collection[int]) -> int:
    """Have a child made. Raises EOFError where the process has ended, OSError where there can be no child.

    After a TimeoutError the asker's end is closed: a late answer would be taken for that of the next request.

    Args:
        control: The asker's end.
        form: Of so many descriptors, as `numbers` makes it.
        descriptors: For the child; stay the caller's.
        others: Children that it cannot be.
    """
    try:
        control.sendmsg([b"f"], [(socket.SOL_SOCKET, socket.SCM_RIGHTS, form.pack(*descriptors))])
        answer = control.recv(ANSWER.size)
    except ConnectionError:
        answer = b""
    except TimeoutError:
        control.close()
        raise
    if not answer:
        raise EOFError
    (pid,) = ANSWER.unpack(answer)
    if pid < 0:
        raise OSError(-pid, f"no process could be forked: {os.strerror(-pid)}")
    with contextlib.suppress(ChildProcessError):
        if pid not in others:
            os.waitid(os.P_PID, pid, os.WEXITED | os.WNOHANG | os.WNOWAIT)
            return int(pid)
    raise SandboxFault("internal", f"{pid} is no new process")


def serve(control: socket.socket, form: struct.Struct) -> tuple[int, ...]:
    """Fork for each request. Returns in each child, with its descriptors. Ends with the asker.

    All that is touched here between two forks is copied each time: it is little.
    """
    space = socket.CMSG_SPACE(form.size)
    receive, send, close, fork, unpack = control.recvmsg, control.send, os.close, kernel.fork_sibling, form.unpack
    while True:
        data, ancillary, _, _ = receive(1, space)
        if not data:
            os._exit(0)
        descriptors: tuple[int, ...] = unpack(ancillary[0][2])
        try:
            pid = fork()
        except OSError as error:
            pid = -(error.errno or 1)
        if pid == 0:
            return descriptors
        for descriptor in descriptors:
            close(descriptor)
        send(ANSWER.pack(pid))
