"""The zygote: one warm interpreter that forks wardens, one for each connection that is open at once.

It hands them the connections, and never reads a byte of what a client sends.

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
from dataclasses import dataclass
from types import FrameType, ModuleType
from typing import NoReturn

from . import children, kernel, warden
from .jail import Jail
from .protocol import Frame, Mode, pack_head

MAX_SLOTS = 1024


@dataclass(slots=True)
class _Warden:
    """What the zygote knows of one.

    Attributes:
        pid: Its process.
        slot: Its slot, as long as it lives.
        channel: Takes connections to it; brings its word that it is free for another.
    """

    pid: int
    slot: int
    channel: socket.socket

    def free(self) -> bool:
        """Whether it can be handed a connection. Takes the word for it: so only for who does that."""
        try:
            return self.channel.recv(1) == warden.FREE
        except OSError:  # it has said nothing, or ended
            return False

    def hand(self, connection: socket.socket) -> bool:
        """Have it serve this; False where it has ended."""
        try:
            socket.send_fds(self.channel, [b"c"], [connection.fileno()])
        except OSError:
            return False
        return True


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
        self._wardens: dict[int, _Warden] = {}  # by pidfd
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
            if self._first:
                self._bury()
            ready = {descriptor for descriptor, _ in poll.poll()}
            if self._parent in ready:
                return
            if self._asked.fileno() in ready:
                self._reset(poll)
                continue
            for pidfd in ready & self._wardens.keys():
                poll.unregister(pidfd)
                self._reap(pidfd)
            if self._listener.fileno() in ready:
                try:
                    connection = self._accept(self._listener)
                except EOFError:
                    return
                with connection:
                    self._hand_over(connection, poll)

    def _hand_over(self, connection: socket.socket, poll: select.poll) -> None:
        """To the free warden of the lowest slot, or to a new one."""
        for one in sorted(self._wardens.values(), key=lambda one: one.slot):
            if one.free() and one.hand(connection):
                return
        pidfd = self._fork_warden(connection)
        poll.register(pidfd, select.POLLIN)
        self._wardens[pidfd].hand(connection)

    def _fork_warden(self, connection: socket.socket) -> int:
        """It is to get its first connection like any other, and does not have it yet."""
        slot = min(set(range(MAX_SLOTS)) - {one.slot for one in self._wardens.values()})
        zygote, lifeline = os.getpid(), children.Lifeline()
        ours, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
        pid = kernel.fork()
        if pid == 0:
            try:
                lifeline.keep()
                kernel.die_with_parent(zygote)
                if self._first:
                    signal.signal(signal.SIGTERM, signal.SIG_DFL)
                channels = [one.channel for one in self._wardens.values()]
                for sock in (self._listener, self._asked, connection, ours, *channels):
                    sock.close()
                for pidfd in (*self._wardens, *([self._parent] if self._parent is not None else [])):
                    os.close(pidfd)
                warden.serve(theirs, self._jail, self._modules, self._hello, slot=slot, resets=self._resets)
            finally:
                os._exit(1)
        theirs.close()
        ours.setblocking(False)
        pidfd = lifeline.watch(pid)
        self._wardens[pidfd] = _Warden(pid, slot, ours)
        return pidfd

    def _reap(self, pidfd: int) -> None:
        ended = self._wardens.pop(pidfd)
        os.waitpid(ended.pid, 0)
        os.close(pidfd)
        ended.channel.close()

    def _bury(self) -> None:
        """Reap what killed wardens left to the first process, except wardens."""
        wardens = {one.pid for one in self._wardens.values()}
        with contextlib.suppress(ChildProcessError):
            while (dead := os.waitid(os.P_ALL, 0, os.WEXITED | os.WNOHANG | os.WNOWAIT)) and dead.si_pid not in wardens:
                os.waitpid(dead.si_pid, 0)

    def _reset(self, poll: select.poll) -> None:
        """End every warden, and with them all programs; then close the connection of the client that asked for it."""
        _, asking, _, _ = socket.recv_fds(self._asked, 1, 1)
        for pidfd, one in self._wardens.items():
            poll.unregister(pidfd)
            os.kill(one.pid, signal.SIGKILL)
        for one in self._wardens.values():
            os.waitpid(one.pid, 0)  # by now the kernel has killed what it ran
            one.channel.close()
        for descriptor in (*self._wardens, *asking):
            os.close(descriptor)
        self._wardens.clear()


def _end(_signal: int, _frame: FrameType | None) -> NoReturn:
    os._exit(0)


def accept(listener: socket.socket) -> socket.socket:
    """The next connection to a listening Unix socket."""
    return listener.accept()[0]
