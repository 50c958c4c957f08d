"""One container with an agent in it. It lives as long as this process holds its control socket, and no longer.

The socket lies in a folder that only this process's user can enter, and that the container sees as a read-only mount.
Once the agent has connected, nothing of it is left on the file system. Where no socket gets through, the container's
standard streams take its place, by way of the engine. The container ends when its agent does, the agent when the socket
or the stream closes, and the engine removes it then: a killed driver leaves nothing.
"""

from __future__ import annotations

import logging
import os
import select
import shutil
import socket
import tempfile
import time
import weakref
from collections.abc import Callable
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from lcb_ray import archive
from lcb_ray.agent_client import CancelSignal
from lcb_ray.control import START_S, ControlSocket
from lcb_ray.docker_pool.container_config import AGENT, CONTROL
from lcb_ray.docker_pool.engine import Engine, Streams
from lcb_ray.errors import PoolClosed, SandboxError, SandboxLost, SandboxUnusable
from lcb_ray.stdio_control import StdioControl

log = logging.getLogger(__name__)

_NOT_SEEN = (
    "\nThe container does not see this machine's temporary folder, or no sockets in it: set TMPDIR to one it sees"
)
_CONTAINER_S = 2 * START_S  # for the engine to start it, and the agent in it


class NoSocket(SandboxUnusable):
    """The container does not see this machine's sockets."""


@dataclass(frozen=True, slots=True)
class Plan:
    """How to make a container.

    Attributes:
        name: Of the container.
        config: Made for a folder with the control socket, None to do without, and the agent's file where that is to be
            put into it.
        has_agent: Whether the image has the agent.
        stdio: Whether to do without a socket.
    """

    name: str
    config: Callable[[str | None, str | None], dict[str, Any]]
    has_agent: bool
    stdio: bool = False


class ContainerAgent:
    """A running container with its agent.

    Args:
        engine: Starts it.
        plan: How.
        stop: Ends the start.

    Raises:
        EngineGone: The engine does not answer.
        NoSocket: The container does not see this machine's sockets.
        SandboxUnusable: No such container can work.
        SandboxLost: It ended or hung while it started.
        PoolClosed: `stop` was set.
    """

    def __init__(self, engine: Engine, plan: Plan, *, stop: CancelSignal) -> None:
        self._engine = engine
        self.name = plan.name
        self._control: ControlSocket | StdioControl | None = None
        _agents.add(self)
        # Others cannot enter the outer folder; the container, whose user we do not share, begins below it.
        outer = Path(tempfile.mkdtemp(prefix="lcb-"))
        try:
            agent = None if plan.has_agent else _agent_file(outer)
            if plan.stdio:
                self._start_on_stdio(plan, agent)
            else:
                self._start(plan, outer, agent, stop)
        except BaseException:
            self.close()
            raise
        finally:
            shutil.rmtree(outer, ignore_errors=True)

    def _start(self, plan: Plan, outer: Path, agent: str | None, stop: CancelSignal) -> None:
        with _listener(outer) as listener:
            self._create(plan.config(str(outer / "control"), agent))
            with closing(self._engine.streams_of(self.name, stdio=False)) as streams:
                self._engine.start(self.name)
                self._control = _accept(listener, streams, stop)
                try:
                    self.hello = self._control.hello()
                except EOFError:
                    while streams.read():
                        pass
                    raise _ended(streams) from None

    def _start_on_stdio(self, plan: Plan, agent: str | None) -> None:
        self._create(plan.config(None, agent))
        streams = self._engine.streams_of(self.name, stdio=True)
        self._control = StdioControl(streams)
        self._engine.start(self.name)
        try:
            self.hello = self._control.hello()
        except EOFError:
            raise _ended(streams) from None

    def _create(self, config: dict[str, Any]) -> None:
        try:
            self._engine.create(self.name, config)
        except SandboxUnusable as error:
            if "runtime" in str(error):
                raise SandboxUnusable(f"{error}: LIVECODEBENCH_SANDBOX_RUNTIME names it") from None
            if "source path" in str(error):
                raise NoSocket(f"{error}{_NOT_SEEN}") from None
            raise

    def alive(self) -> bool:
        """Whether the agent still runs."""
        return self._control is not None and self._control.alive()

    def connect(self) -> socket.socket:
        """A new connection to the agent. Raises SandboxLost where it is gone."""
        if self._control is None:
            raise SandboxLost("the container is gone")
        return self._control.connect()

    def close(self) -> None:
        """End the container; returns when it is gone, as far as anybody can tell."""
        control, self._control = self._control, None
        if control is not None:
            control.close()
        try:
            self._engine.remove(self.name)
        except SandboxError as error:  # it ends by itself, and the engine removes it when it can
            log.warning("%s is left to the engine: %s", self.name, error)

    def abandon(self) -> None:
        """In a forked child: close the copy of what keeps the container."""
        control, self._control = self._control, None
        if control is not None:
            control.abandon()


def _listener(outer: Path) -> socket.socket:
    folder = outer / "control"
    folder.mkdir()
    folder.chmod(0o711)
    path = folder / CONTROL.name
    try:
        listener = socket.socket(socket.AF_UNIX, socket.SOCK_SEQPACKET)
    except OSError as error:
        raise NoSocket(f"no sockets of this kind on this system: {error}") from error
    try:
        listener.bind(str(path))
        path.chmod(0o666)
        listener.listen(1)
    except OSError as error:
        listener.close()
        raise NoSocket(f"cannot listen on {path}: {error}: set TMPDIR to a folder with a short name") from error
    return listener


def _agent_file(outer: Path) -> str:
    path = outer / AGENT.name
    path.write_bytes(archive.build())
    path.chmod(0o444)
    return str(path)


def _accept(listener: socket.socket, streams: Streams, stop: CancelSignal) -> ControlSocket:
    """Wait until the agent connects, or its container ends."""
    poll = select.poll()
    for one in (listener, streams.source, stop):
        poll.register(one, select.POLLIN)
    deadline = time.monotonic() + _CONTAINER_S
    while True:
        events = {descriptor for descriptor, _ in poll.poll(max(deadline - time.monotonic(), 0) * 1000)}
        if stop.fileno() in events:
            raise PoolClosed("the pool was closed while a container started")
        if listener.fileno() in events:
            return ControlSocket(listener.accept()[0])
        if streams.source in events and not streams.read():
            raise _ended(streams)
        if not events:
            raise SandboxLost(f"the container's agent did not connect within {_CONTAINER_S:.0f} s: {streams.errors()}")


def _ended(streams: Streams) -> Exception:
    """Why a container ended before its agent served: what it said is no accident, silence may be."""
    words = streams.errors()
    if not words:
        return SandboxLost("the container ended while it started, without a word")
    if f"cannot connect to {CONTROL}" in words:
        return NoSocket(f"the container cannot be a sandbox: {words}{_NOT_SEEN}")
    hint = ""
    if "unknown option" in words.lower() or "SyntaxError" in words or "ImportError" in words:
        hint = "\nThe image needs a Python of 3.11 or newer as `python`: LIVECODEBENCH_SANDBOX_IMAGE names it"
    return SandboxUnusable(f"the container cannot be a sandbox: {words}{hint}")


_agents: weakref.WeakSet[ContainerAgent] = weakref.WeakSet()


def _let_go_of_all() -> None:
    """In a forked child: a copy of a control socket would keep a container after the process that it belongs to."""
    for agent in list(_agents):
        agent.abandon()


os.register_at_fork(after_in_child=_let_go_of_all)
