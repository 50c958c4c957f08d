"""The process that a warden's templates are forked from, so that they hold nothing the warden has read.

It is forked before the warden has read anything from any client, and reads nothing itself but a byte for each template,
and descriptors. It ends with the warden.
"""

from __future__ import annotations

import os
import socket
import struct
from collections.abc import Callable, Collection, Sequence

from . import forks, kernel
from .execution import SandboxFault


class Nursery:
    """A nursery, and what its parent does with it.

    Args:
        body: What each of the forked processes does with its descriptors. Never returns.
        form: Of the descriptors.
        without: What the nursery is not to have open.

    Attributes:
        pid: Of the nursery.
    """

    def __init__(
        self, body: Callable[[Sequence[int]], object], form: struct.Struct, *, without: Collection[socket.socket]
    ) -> None:
        self._control, theirs = forks.pair()
        self._form, parent = form, os.getpid()
        self.pid = kernel.fork()
        if self.pid == 0:
            try:
                kernel.die_with_parent(parent)
                for sock in (self._control, *without):
                    sock.close()
                body(forks.serve(theirs, form))
            finally:
                os._exit(1)
        theirs.close()

    def fork(self, given: Sequence[int]) -> int:
        """A new process, as a child of the caller. Raises SandboxFault, OSError."""
        try:
            return forks.ask(self._control, self._form, given, (self.pid,))
        except EOFError:
            raise SandboxFault("internal", "the process that templates are forked from has ended") from None

    def close(self) -> None:
        """End it, and see it gone: nobody else need bury it."""
        self._control.close()
        os.waitpid(self.pid, 0)
