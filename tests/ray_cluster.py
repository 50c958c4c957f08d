"""One Ray on this machine for all tests that need it; it believes in many CPUs, so that pools lie side by side."""

from __future__ import annotations

import os
import signal
import time
from collections.abc import Callable
from typing import TYPE_CHECKING, TypeVar

from tests import processes

if TYPE_CHECKING:
    from lcb_ray.ray_pool.driver import RayPool

T = TypeVar("T")

CPUS = 32
LONG_S = 120.0  # for what must happen on a busy machine


def start() -> None:
    """Start it, unless it runs."""
    import ray
    from ray import cloudpickle

    from lcb_ray.ray_pool import connection as ray_connection
    from tests.contract import checks, conftest

    if not ray.is_initialized():
        ray_connection.connect("local", code=(), cpus=CPUS)
        for module in (checks, conftest):
            cloudpickle.register_pickle_by_value(module)  # its workers cannot import the tests


def stop() -> None:
    """End it, if it runs, and all that it started."""
    import sys

    ray = sys.modules.get("ray")
    if ray is not None and ray.is_initialized():
        from lcb_ray.ray_pool import connection as ray_connection

        ray_connection.disconnect()


def until(seen: Callable[[], T], what: str, *, within_s: float = LONG_S) -> T:
    """What `seen` returns once that is true. Nothing outside tells when it will be."""
    deadline = time.monotonic() + within_s
    while not (found := seen()):
        assert time.monotonic() < deadline, f"never came: {what}"
        time.sleep(0.05)
    return found


def kill(pids: list[int]) -> None:
    """Kill processes, and return once they are gone."""
    ended = processes.watch(pids)
    for pid in pids:
        os.kill(pid, signal.SIGKILL)
    assert not ended.left()


class RayHost:
    """Where the sandboxes of a pool run: this machine."""

    def __init__(self, pool: RayPool) -> None:
        self._pool = pool

    def sandboxes(self) -> list[int]:
        """The sandbox actors' process ids; all that are wanted are up."""

        def up() -> list[int]:
            status = self._pool.status()
            pids = [one["pid"] for one in status["sandboxes"].values() if "pid" in one]
            return pids if len(pids) == status["target"] else []

        return until(up, "all sandboxes of the pool")

    def agents(self) -> list[int]:
        """The agents' process ids."""
        return [agent for pid in self.sandboxes() for agent in processes.children(pid)]

    @property
    def agent(self) -> int:
        """The one agent's process id."""
        [agent] = self.agents()
        return agent

    def kill_agents(self) -> None:
        """See tests.contract.backends.Host."""
        kill(self.agents())

    def kill_wardens(self) -> None:
        """See tests.contract.backends.Host."""
        kill([warden for agent in self.agents() for warden in processes.children(agent)])
