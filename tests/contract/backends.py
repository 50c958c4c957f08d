"""The backends that the contract is tested on. A new one is one more entry; Backend says what it has to give."""

from __future__ import annotations

import os
import signal
import uuid
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from typing import Any, Protocol

import pytest

from lcb_ray import fake
from lcb_ray.agent.protocol import ExecutionResult, Program
from lcb_ray.fake import Answer, FakeAgent
from lcb_ray.launcher import AgentProcess
from lcb_ray.local import LocalPool
from lcb_ray.pool import Pool
from tests import containers, kind_cluster, processes, ray_cluster
from tests.contract.checks import contract_codec
from tests.gateway_thread import GatewayThread

Script = Callable[[Program, bytes | None], Answer]  # input None: the compile stage


class Host(Protocol):
    """Where a pool's sandboxes run, for tests that break them."""

    def kill_agents(self) -> None:
        """Kill every agent, and return once they are gone."""
        ...

    def kill_wardens(self) -> None:
        """Kill every warden (what serves one connection), and return once they are gone; the agents live on."""
        ...


@dataclass(frozen=True)
class Backend:
    """One backend.

    Attributes:
        name: Of the fixture's parameter.
        open: Opens a pool with so many slots. The script says what programs do where none is really run; a backend
            that runs programs has no use for it.
        host: The host of such a pool; None where tests cannot break its sandboxes from here.
        runs_programs: False for the fake: its answers are the expected ones, so it tests the loop, and no isolation.
        checks_here: Check functions run in this process, so that a test can act from within one.
        known_failures: Part of a test's name -> why this backend cannot keep that promise. Such a test must fail.
        sandboxes: What the sandboxes call themselves; empty: as the backend is called.
        marks: Of pytest, e.g. the one that a machine must be able to run.
    """

    name: str
    open: Callable[[int, Script], Pool]
    host: Callable[[Any], Host] | None = None
    runs_programs: bool = True
    checks_here: bool = True
    known_failures: Mapping[str, str] = field(default_factory=dict)
    sandboxes: str = ""
    marks: tuple[Any, ...] = ()


class LocalHost:
    """This machine."""

    def __init__(self, pool: LocalPool) -> None:
        self._pool = pool

    @property
    def agent(self) -> int:
        """The agent's process id."""
        [agent] = self._pool.agents()
        assert isinstance(agent, AgentProcess)
        return agent.pid

    def kill_agents(self) -> None:
        ended = processes.watch([self.agent])
        os.kill(self.agent, signal.SIGKILL)
        assert not ended.left()

    def kill_wardens(self) -> None:
        wardens = processes.children(self.agent)
        ended = processes.watch(wardens)
        for pid in wardens:
            os.kill(pid, signal.SIGKILL)
        assert not ended.left()


class FakeHost:
    """No machine at all."""

    def __init__(self, pool: LocalPool) -> None:
        [agent] = pool.agents()
        assert isinstance(agent, FakeAgent)
        self._agent = agent

    def kill_agents(self) -> None:
        self._agent.close()

    def kill_wardens(self) -> None:
        self._agent.hang_up()


def _open_fake(slots: int, script: Script) -> Pool:
    def answer(program: Program, index: int, data: bytes) -> Answer:
        return _at(index, script(program, None if index == fake.COMPILE else data))

    return LocalPool(slots, start=lambda: FakeAgent(answer))


def _open_ray(slots: int, _: Script) -> Pool:
    from lcb_ray.ray_pool.driver import RayPool
    from lcb_ray.rules.state import PoolRules

    ray_cluster.start()  # at most once; pytest_sessionfinish ends it
    return RayPool(slots, pool_size=1, name=f"contract-{uuid.uuid4().hex[:8]}", rules=PoolRules(grace_s=1))


def _open_gateway(slots: int, _: Script) -> Pool:
    """The agents of this machine behind a real gateway; that it stands in front of Ray is for tests/ray to show."""
    gateway = GatewayThread(lambda slots, **_: LocalPool(slots), contract_codec())
    return _GatewayOfOne(gateway, gateway.client(slots=slots))


class _GatewayOfOne:
    """A client with a gateway to itself, which ends with it."""

    def __init__(self, gateway: GatewayThread, client: Pool) -> None:
        self.gateway = gateway
        self._client = client
        self.info, self.submit = client.info, client.submit

    @property
    def slots(self) -> int:
        return self._client.slots

    def close(self) -> None:
        self._client.close()
        self.gateway.close()


def _open_kubernetes(slots: int, _: Script) -> Pool:
    """A pool of its own in the kind cluster of all tests, which is brought up with the first."""
    kind_cluster.start()
    return kind_cluster.open_pool(
        slots,
        codec=contract_codec(),
        codec_name="tests.contract.checks:contract_codec",
        code=("lcb_ray", "tests.contract"),
    )


def _open_docker(slots: int, _: Script) -> Pool:
    from lcb_ray.docker_pool.pool import DockerPool

    return DockerPool(slots, pool_size=1)


def _at(index: int, answer: Answer) -> Answer:
    return replace(answer, index=index) if isinstance(answer, ExecutionResult) else answer


READ_ONLY = "on a read-only root the kernel says so before Landlock: OSError"

BACKENDS: Mapping[str, Backend] = {
    backend.name: backend
    for backend in (
        Backend("local", lambda slots, _: LocalPool(slots), host=LocalHost, marks=(pytest.mark.jail,)),
        Backend("fake", _open_fake, host=FakeHost, runs_programs=False),
        Backend(
            "gateway",
            _open_gateway,
            host=lambda pool: LocalHost(pool.gateway.pools[-1]),
            checks_here=False,
            sandboxes="local",
            marks=(pytest.mark.jail,),
        ),
        Backend(
            "docker",
            _open_docker,
            host=containers.DockerHost,
            known_failures={"nor a file": READ_ONLY},
            marks=(pytest.mark.docker,),
        ),
        Backend(
            "kubernetes",
            _open_kubernetes,
            checks_here=False,
            known_failures={"nor a file": READ_ONLY},
            marks=(pytest.mark.k8s, pytest.mark.timeout(1800)),  # the first of them brings the cluster up
        ),
        Backend("ray", _open_ray, host=ray_cluster.RayHost, checks_here=False, marks=(pytest.mark.ray,)),
    )
}
