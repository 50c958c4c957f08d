"""The agent of one sandbox, kept alive: where it comes from, and a new one where it has ended.

Where an agent comes from is a function: a child process on this machine (launcher.AgentProcess), a scripted one in
tests, a Unix socket of a neighbour container.
"""

from __future__ import annotations

import socket
import threading
from collections.abc import Callable
from contextlib import closing
from typing import Any, Protocol

from lcb_ray.agent_client import CancelSignal, Connection
from lcb_ray.errors import PoolClosed, SandboxLost
from lcb_ray.pool import SandboxInfo


class Agent(Protocol):
    """What a sandbox needs of an agent."""

    hello: dict[str, object]

    def alive(self) -> bool:
        """Whether it still runs."""
        ...

    def connect(self) -> socket.socket:
        """A new connection. Raises SandboxLost where it is gone."""
        ...

    def close(self) -> None:
        """End it and all that it started."""
        ...


AgentSource = Callable[[], Agent]


class AgentKeeper:
    """Starts the agent at the first use, and again whenever it has ended. Safe to use from many threads.

    Args:
        source: Starts an agent. Raises SandboxUnusable, SandboxLost.
    """

    def __init__(self, source: AgentSource) -> None:
        self._source = source
        self._lock = threading.Lock()  # held while an agent starts, so that one starts
        self._agent: Agent | None = None
        self._closed = False

    @property
    def started(self) -> Agent | None:
        """The agent that was started last, unless it was replaced; it may have ended. Never waits."""
        return self._agent

    def current(self) -> Agent:
        """The running agent.

        Raises SandboxUnusable where this machine cannot have one, SandboxLost, PoolClosed after `close`.
        """
        with self._lock:
            if self._closed:
                raise PoolClosed("the pool is closed")
            if self._agent is not None and not self._agent.alive():
                self._discard()
            if self._agent is None:
                self._agent = self._source()
            return self._agent

    def connect(self, cancel: CancelSignal) -> Connection:
        """A connection to the running agent, which has answered on it."""
        return Connection(self.current().connect(), cancel)

    def replace(self) -> None:
        """End the agent, which does not answer, and with it all that it runs; the next use starts another."""
        with self._lock:
            self._discard()

    def see_it_answer(self) -> None:
        """Make sure that there is an agent that answers; one that does not is replaced. Raises SandboxError."""
        self.current()  # where none starts, that is the failure, and not to be tried twice here
        try:
            self._ask()
        except SandboxLost:
            self.replace()
            self._ask()

    def close(self) -> None:
        """End the agent, and start no other."""
        with self._lock:
            self._closed = True
            self._discard()

    def info(self, backend: str) -> SandboxInfo:
        """What the sandbox is."""
        hello: dict[str, Any] = self.current().hello
        return SandboxInfo(backend, hello["python"], hello["numpy"], hello["properties"], hello["sees_waiting"])

    def _ask(self) -> None:
        with closing(CancelSignal()) as never, self.connect(never):
            pass

    def _discard(self) -> None:
        agent, self._agent = self._agent, None
        if agent is not None:
            agent.close()
