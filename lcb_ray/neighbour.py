"""An agent that another container runs: it listens on a Unix socket in a folder that both containers have.

Nothing here can start or kill it. When it ends, Kubernetes starts its container again; while that lasts, work on it is
lost, and runs elsewhere. What it runs is ended by asking it to, which it does without reading what a program has sent.
"""

from __future__ import annotations

import contextlib
import select
import socket
import time
from pathlib import Path

from lcb_ray.agent_client import CancelSignal, Connection
from lcb_ray.errors import SandboxError, SandboxLost, SandboxUnusable

START_S = 60.0  # Kubernetes restarts a container after 2 s, and later than that when it ends again and again
_AGAIN_S = 0.05  # nothing tells when a socket begins to listen
_REASON_BYTES = 4000


class NeighbourAgent:
    """The agent that listens on a socket. What a former client left running there is ended first.

    Args:
        path: Of the socket.
        start_s: How long to wait for it.

    Raises SandboxUnusable where the agent has refused to start, SandboxLost where none listens in time.
    """

    def __init__(self, path: str, *, start_s: float = START_S) -> None:
        self._path = path
        self._never = CancelSignal()
        self._deadline = time.monotonic() + start_s
        try:
            with self._wait() as first:
                first.reset()
            self._watch = self._wait()  # breaks when the agent ends: no process of it can be seen from here
        except BaseException:
            self._never.close()
            raise
        self.hello = self._watch.hello

    def alive(self) -> bool:
        """Whether it is still the same agent that runs."""
        poll = select.poll()
        with contextlib.suppress(ValueError):  # closed
            poll.register(self._watch, select.POLLIN)
            return not poll.poll(0)
        return False

    def connect(self) -> socket.socket:
        """A new connection to the agent. Raises SandboxLost where it is gone."""
        sock = socket.socket(socket.AF_UNIX)
        sock.setblocking(False)  # one that hangs takes nobody in, and its queue fills up
        try:
            sock.connect(self._path)
        except OSError as error:
            sock.close()
            raise SandboxLost(f"no agent listens on {self._path}: {error}") from error
        return sock

    def close(self) -> None:
        """End all that it runs. The agent itself stays, for whoever comes next."""
        if self.alive():
            with contextlib.suppress(SandboxError), Connection(self.connect(), self._never) as connection:
                connection.reset()
        self._watch.close()
        self._never.close()

    def _wait(self) -> Connection:
        """A connection to the agent, once it listens."""
        while True:
            try:
                return Connection(self.connect(), self._never)
            except SandboxLost as error:
                self._see_refusal()
                if time.monotonic() > self._deadline:
                    raise SandboxLost(f"{error}; the sandbox container's log says more") from error
            time.sleep(_AGAIN_S)

    def _see_refusal(self) -> None:
        """Raises SandboxUnusable where the agent left word that it does not start, and why."""
        try:
            with Path(self._path + ".refused").open("rb") as file:
                reason = file.read(_REASON_BYTES).decode("utf-8", "replace")
        except OSError:
            return
        raise SandboxUnusable(f"the agent of this pod refuses to start: {reason}")
