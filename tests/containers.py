"""Containers as the engine's own command sees them: a second pair of eyes, and hands that break things."""

from __future__ import annotations

import json
import subprocess
import time
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

from lcb_ray.owner import OWNED
from tests import processes

if TYPE_CHECKING:
    from lcb_ray.docker_pool.pool import DockerPool

T = TypeVar("T")


def docker(*arguments: str) -> str:
    """Run the engine's command; what it prints."""
    done = subprocess.run(["docker", *arguments], capture_output=True, text=True, timeout=processes.LONG_S)
    assert done.returncode == 0, done.stderr
    return done.stdout


def inspect(name: str) -> dict[str, Any]:
    """All that the engine knows of a container."""
    [found] = json.loads(docker("inspect", name))
    return found


def ours(*filters: str) -> set[str]:
    """Names of our containers, those that do not run too."""
    wanted = [word for one in (f"label={OWNED}", *filters) for word in ("--filter", one)]
    return set(docker("ps", "--all", "--format", "{{.Names}}", *wanted).split())


class DockerHost:
    """Where a pool's containers run: this machine."""

    def __init__(self, pool: DockerPool) -> None:
        self._pool = pool

    def names(self) -> list[str]:
        """The pool's containers, those that live."""
        return [agent.name for agent in self._pool.agents() if agent.alive()]  # type: ignore[attr-defined]

    def agents(self) -> dict[str, int]:
        """Container -> its agent's process id here. The container's first process only reaps."""
        found = {}
        for name in self.names():
            [found[name]] = processes.children(inspect(name)["State"]["Pid"])
        return found

    @property
    def agent(self) -> int:
        """The one agent's process id."""
        [agent] = self.agents().values()
        return agent

    def kill_agents(self) -> None:
        """See tests.contract.backends.Host."""
        agents = self.agents()
        ended = processes.watch(agents.values())
        for name in agents:
            docker("kill", name)
        assert not ended.left()

    def kill_wardens(self) -> None:
        """See tests.contract.backends.Host."""
        for name, agent in self.agents().items():
            wardens = processes.children(agent)
            ended = processes.watch(wardens)
            numbers = " ".join(str(number_inside(pid)) for pid in wardens)
            docker("exec", name, "sh", "-c", f"kill -9 {numbers}")
            assert not ended.left()


def number_inside(pid: int) -> int:
    """A process's number in its container."""
    status = Path(f"/proc/{pid}/status").read_bytes()
    return int(status.partition(b"\nNSpid:")[2].splitlines()[0].split()[-1])


def until(seen: Callable[[], T], what: str, *, timeout_s: float = processes.LONG_S) -> T:
    """What `seen` returns once that is true. Nothing outside tells when it will be."""
    deadline = time.monotonic() + timeout_s
    while not (found := seen()):
        assert time.monotonic() < deadline, f"never came: {what}"
        time.sleep(0.05)
    return found
