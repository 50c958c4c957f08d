"""One container with an agent in it. It lives as long as this process holds its control socket, and no longer.

The socket lies in a folder that only this process's user can enter, and that the container sees as a read-only mount.
Once the agent has connected, nothing of it is left on the file system. The container ends when its agent does, the
agent when the control socket closes, and the engine removes it then: a killed driver leaves nothing.
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
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from lcb_ray import archive
from lcb_ray.agent_client import CancelSignal
from lcb_ray.control import START_S, ControlSocket
from lcb_ray.docker_pool.container_config import AGENT, CONTROL
from lcb_ray.docker_pool.engine import Engine, Errors
from lcb_ray.errors import PoolClosed, SandboxError, SandboxLost, SandboxUnusable

log = logging.getLogger(__name__)

_NOT_SEEN = (
    "\nThe container does not see this machine's sockets: the engine must run on this machine, on Linux, and see its "
    "temporary folder (set TMPDIR to one that it sees; SELinux may forbid it)"
)
_CONTAINER_S = 2 * START_S  # for the engine to start it, and the agent in it


@dataclass(frozen=True, slots=True)
class Plan:
    """How to make a container.

    Attributes:
        name: Of the container.
        config: Made for a folder with the control socket, and the agent's file where that is to be put into it.
        has_agent: Whether the image has the agent.
    """

    name: str
    config: Callable[[str, str | None], dict[str, Any]]
    has_agent: bool


class ContainerAgent:
    """A running container with its agent.

    Args:
        engine: Starts it.
        plan: How.
        stop: Ends the start.

    Raises:
        EngineGone: The engine does not answer.
        SandboxUnusable: No such container can work.
        SandboxLost: It ended or hung while it started.
        PoolClosed: `stop` was set.
    """

    def __init__(self, engine: Engine, plan: Plan, *, stop: CancelSignal) -> None:
        self._engine = engine
        self.name = plan.name
        self._control: ControlSocket | None = None
        _agents.add(self)
        self._start(plan, stop)

    def _start(self, plan: Plan, stop: CancelSignal) -> None:
        # Others cannot enter the outer folder; the container, whose user we do not share, begins below it.
        outer = Path(tempfile.mkdtemp(prefix="lcb-"))
        try:
            with _listener(outer) as listener:
                agent = None if plan.has_agent else _agent_file(outer)
                self._create(plan, outer, agent)
                errors = self._engine.errors_of(plan.name)
                try:
                    self._engine.start(plan.name)
                    self._control = _accept(listener, errors, stop)
                    self.hello = _hello(self._control, errors)
                finally:
                    errors.close()
        except BaseException:
            self.close()
            raise
        finally:
            shutil.rmtree(outer, ignore_errors=True)

    def _create(self, plan: Plan, outer: Path, agent: str | None) -> None:
        try:
            self._engine.create(plan.name, plan.config(str(outer / "control"), agent))
        except SandboxUnusable as error:
            if "runtime" in str(error):
                raise SandboxUnusable(f"{error}: LIVECODEBENCH_SANDBOX_RUNTIME names it") from None
            if "source path" in str(error):
                raise SandboxUnusable(f"{error}{_NOT_SEEN}") from None
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
        self.let_go()
        try:
            self._engine.remove(self.name)
        except SandboxError as error:  # it ends by itself, and the engine removes it when it can
            log.warning("%s is left to the engine: %s", self.name, error)

    def let_go(self) -> None:
        """Close the control socket: the container ends by itself, unless another process has a copy."""
        if self._control is not None:
            self._control.close()
            self._control = None


def _listener(outer: Path) -> socket.socket:
    folder = outer / "control"
    folder.mkdir()
    folder.chmod(0o711)
    path = folder / CONTROL.name
    listener = socket.socket(socket.AF_UNIX, socket.SOCK_SEQPACKET)
    try:
        listener.bind(str(path))
        path.chmod(0o666)
        listener.listen(1)
    except OSError as error:
        listener.close()
        raise SandboxUnusable(f"cannot listen on {path}: {error}: set TMPDIR to a folder with a short name") from error
    return listener


def _agent_file(outer: Path) -> str:
    path = outer / AGENT.name
    path.write_bytes(archive.build())
    path.chmod(0o444)
    return str(path)


def _accept(listener: socket.socket, errors: Errors, stop: CancelSignal) -> ControlSocket:
    """Wait until the agent connects, or its container ends."""
    poll = select.poll()
    for one in (listener, errors, stop):
        poll.register(one, select.POLLIN)
    deadline = time.monotonic() + _CONTAINER_S
    while True:
        events = {descriptor for descriptor, _ in poll.poll(max(deadline - time.monotonic(), 0) * 1000)}
        if stop.fileno() in events:
            raise PoolClosed("the pool was closed while a container started")
        if listener.fileno() in events:
            return ControlSocket(listener.accept()[0])
        if errors.fileno() in events and not errors.read():
            raise _ended(errors)
        if not events:
            raise SandboxLost(f"the container's agent did not connect within {_CONTAINER_S:.0f} s: {errors.text()}")


def _hello(control: ControlSocket, errors: Errors) -> dict[str, object]:
    try:
        return control.hello()
    except EOFError:
        control.close()
        while errors.read():
            pass
        raise _ended(errors) from None
    except BaseException:
        control.close()
        raise


def _ended(errors: Errors) -> Exception:
    """Why a container ended before its agent served: what it said is no accident, silence may be."""
    words = errors.text()
    if not words:
        return SandboxLost("the container ended while it started, without a word")
    hint = ""
    if f"cannot connect to {CONTROL}" in words:
        hint = _NOT_SEEN
    elif "unknown option" in words.lower() or "SyntaxError" in words or "ImportError" in words:
        hint = "\nThe image needs a Python of 3.11 or newer as `python`: LIVECODEBENCH_SANDBOX_IMAGE names it"
    return SandboxUnusable(f"the container cannot be a sandbox: {words}{hint}")


_agents: weakref.WeakSet[ContainerAgent] = weakref.WeakSet()


def _let_go_of_all() -> None:
    """In a forked child: a copy of a control socket would keep a container after the process that it belongs to."""
    for agent in list(_agents):
        agent.let_go()


os.register_at_fork(after_in_child=_let_go_of_all)
