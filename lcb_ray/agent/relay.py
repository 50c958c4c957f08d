"""An agent on standard input and output: a process in front of it carries its connections over them (see `mux`).

It is forked before the agent has anything in its memory, and never holds more of a program than passes through.
"""

from __future__ import annotations

import os
import socket

from . import kernel
from .mux import CONTROL, Mux, MuxError

_WORDS_BYTES = 65536


def split() -> socket.socket:
    """Become two processes. Returns in the child, which goes on as the agent: the control socket that it is to serve.

    The parent carries connections until standard input or the agent ends, and ends then.
    """
    ours, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
    pid = os.fork()
    if pid == 0:
        ours.close()
        null = os.open(os.devnull, os.O_RDWR)
        for descriptor in (0, 1):
            os.dup2(null, descriptor)
        os.close(null)
        theirs.set_inheritable(True)  # as one that is handed down has to be
        return theirs
    theirs.close()
    kernel.prctl(kernel.PR_SET_DUMPABLE, 0)
    try:
        _carry(ours)
    except MuxError as error:
        os.write(2, f"agent: the client broke the protocol: {error}\n".encode())
    ours.close()  # the agent, if it is still there, ends with it
    os._exit(os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1]) & 0xFF)


def _carry(control: socket.socket) -> None:
    def open_connection(number: bytes) -> None:
        mine, agent_s = socket.socketpair()
        mux.attach(int.from_bytes(number, "big"), mine)
        with agent_s:
            try:
                socket.send_fds(control, [b"c"], [agent_s.fileno()])
            except OSError:  # it has ended: closing its socket tells the client
                mux.stop(flush=True)

    def pass_on_words() -> None:
        if words := control.recv(_WORDS_BYTES):
            mux.send(CONTROL, words)
        else:
            mux.stop(flush=True)

    mux = Mux(0, 1, control=open_connection)
    mux.watch(control.fileno(), pass_on_words)
    mux.run()
