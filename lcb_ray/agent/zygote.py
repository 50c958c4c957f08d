"""The zygote: one warm interpreter that forks a warden for each connection. Never reads a byte of what a client sends.

Connections come either as descriptors over a control socket (a client on the same machine: nothing on any file system)
or from a listening Unix socket. The zygote ends with its control socket, or with the process that started it; the
kernel then ends the wardens, and with them their test processes. As a container's first process it also ends with
SIGTERM, and buries what its wardens leave.
"""

from __future__ import annotations

import contextlib
import os
import select
import signal
import socket
from collections.abc import Callable
from types import FrameType, ModuleType
from typing import NoReturn

from . import children, kernel, warden
from .jail import Jail
from .protocol import Frame, Mode, pack_head

MAX_SLOTS = 1024


class Zygote:
    """Accepts connections and keeps count of the wardens.

    Args:
        jail: Handed to each warden.
        modules: The prepared module for each mode.
        hello: Fields of each connection's first frame.
        listener: The control socket or the listening one.
        accept: Takes the next connection from it; raises EOFError when there will be no more.
        parent: pidfd of the process to end with, or None.
    """

    def __init__(
        self,
        jail: Jail,
        modules: dict[Mode, ModuleType],
        hello: dict[str, object],
        *,
        listener: socket.socket,
        accept: Callable[[socket.socket], socket.socket],
        parent: int | None,
    ) -> None:
        self._jail = jail
        self._modules = modules
        self._hello = pack_head(Frame.HELLO, hello)
        self._listener = listener
        self._accept = accept
        self._parent = parent
        self._wardens: dict[int, tuple[int, int]] = {}  # pidfd -> (pid, slot)
        self._asked, self._resets = socket.socketpair(socket.AF_UNIX, socket.SOCK_DGRAM)
        self._first = os.getpid() == 1  # for which the kernel ignores signals without a handler

    def serve(self) -> None:
        """Serve until the control socket closes or the parent ends."""
        if self._first:
            signal.signal(signal.SIGTERM, _end)
        poll = select.poll()
        poll.register(self._listener, select.POLLIN)
        poll.register(self._asked, select.POLLIN)
        if self._parent is not None:
            poll.register(self._parent, select.POLLIN)
        while True:
            for descriptor, _ in poll.poll():
                if descriptor == self._parent:
                    return
                if descriptor == self._asked.fileno():
                    self._reset(poll)
                    break
                if descriptor in self._wardens:
                    poll.unregister(descriptor)
                    self._reap(descriptor)
                    continue
                try:
                    connection = self._accept(self._listener)
                except EOFError:
                    return
                poll.register(self._fork_warden(connection), select.POLLIN)

    def _fork_warden(self, connection: socket.socket) -> int:
        slot = min(set(range(MAX_SLOTS)) - {slot for _, slot in self._wardens.values()})
        zygote, lifeline = os.getpid(), children.Lifeline()
        pid = kernel.fork()
        if pid == 0:
            try:
                lifeline.keep()
                kernel.die_with_parent(zygote)
                if self._first:
                    signal.signal(signal.SIGTERM, signal.SIG_DFL)
                self._listener.close()
                self._asked.close()
                for pidfd in (*self._wardens, *([self._parent] if self._parent is not None else [])):
                    os.close(pidfd)
                warden.serve(connection, self._jail, self._modules, self._hello, slot=slot, resets=self._resets)
            finally:
                os._exit(1)
        connection.close()
        pidfd = lifeline.watch(pid)
        self._wardens[pidfd] = (pid, slot)
        return pidfd

    def _reap(self, pidfd: int) -> None:
        pid, _ = self._wardens.pop(pidfd)
        os.waitpid(pid, 0)
        os.close(pidfd)
        if self._first:
            self._bury()

    def _bury(self) -> None:
        """Reap what killed wardens left to the first process, except wardens."""
        wardens = {pid for pid, _ in self._wardens.values()}
        with contextlib.suppress(ChildProcessError):
            while (dead := os.waitid(os.P_ALL, 0, os.WEXITED | os.WNOHANG | os.WNOWAIT)) and dead.si_pid not in wardens:
                os.waitpid(dead.si_pid, 0)

    def _reset(self, poll: select.poll) -> None:
        """End every warden, and with them all programs; then close the connection of the client that asked for it."""
        _, asking, _, _ = socket.recv_fds(self._asked, 1, 1)
        for pidfd, (pid, _) in self._wardens.items():
            poll.unregister(pidfd)
            os.kill(pid, signal.SIGKILL)
        for pid, _ in self._wardens.values():
            os.waitpid(pid, 0)  # by now the kernel has killed what it ran
        for descriptor in (*self._wardens, *asking):
            os.close(descriptor)
        self._wardens.clear()
        if self._first:
            self._bury()


def _end(_signal: int, _frame: FrameType | None) -> NoReturn:
    os._exit(0)


def take_descriptor(control: socket.socket) -> socket.socket:
    """The next connection, sent over the control socket. Raises EOFError once that is closed."""
    data, descriptors, _, _ = socket.recv_fds(control, 1, 1)
    if not data or not descriptors:
        raise EOFError
    return socket.socket(fileno=descriptors[0])


def accept(listener: socket.socket) -> socket.socket:
    """The next connection to a listening Unix socket."""
    return listener.accept()[0]
