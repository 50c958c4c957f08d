"""Real faults on a pool of several Ray nodes, one at a time, in the midst of work; see tests.fault_table."""

from __future__ import annotations

import os
import random
import secrets
import signal
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from functools import partial
from pathlib import Path

import ray

from lcb_ray.agent.protocol import ExecutionResult, Program
from lcb_ray.batch import Batch, Case, Checked
from lcb_ray.errors import SandboxLost
from lcb_ray.gateway.actor import GatewayConfig
from lcb_ray.gateway.client import GatewayPool
from lcb_ray.gateway.serving import GATEWAY_NAME, serve
from lcb_ray.ray_pool.driver import RayPool
from lcb_ray.ray_pool.messages import NAMESPACE
from livecodebench.cli.exits import Status
from livecodebench.judging.backend import CODE
from livecodebench.judging.travel import travel_codec
from tests import processes
from tests.ray_rig import EXPECTED, LONG_S, NODES, Rig, Work, until

_EARLIEST, _LATEST = 3, 30  # judgements that are stored when it happens, of 56
_COPIES = 6  # of the answers, where the head is lost
_HEAD_NODES, _EARLY, _PATIENCE_S = 2, 8, 15  # nodes, judgements and patience where the head is lost


def kill(pid: int) -> None:
    """SIGKILL, and wait for the end."""
    ended = processes.watch([pid])
    os.kill(pid, signal.SIGKILL)
    assert not ended.left()


def agent(rig: Rig, work: Work) -> None:
    """SIGKILL of an agent, the process that runs the programs of a sandbox."""
    kill(random.choice(rig.agents()))


def hung_agent(rig: Rig, work: Work) -> None:
    """SIGSTOP of an agent and all below it: a sandbox that hangs."""
    hung = random.choice(rig.agents())
    for pid in (hung, *processes.descendants(hung)):
        with suppress(ProcessLookupError):
            os.kill(pid, signal.SIGSTOP)


def sandbox_actor(rig: Rig, work: Work) -> None:
    """SIGKILL of the Ray actor in front of a sandbox."""
    kill(random.choice(rig.sandboxes()))


def pool_actor(rig: Rig, work: Work) -> None:
    """SIGKILL of the actor that hands out leases."""
    kill(rig.status()["pid"])


def raylet(rig: Rig, work: Work) -> None:
    """SIGKILL of a node's raylet; another node joins."""
    node = rig.nodes.pop(0)
    kill(node.all_processes["raylet"][0].process.pid)
    rig.nodes.append(rig.add_node())
    rig.cluster.remove_node(node, allow_graceful=False)


def node_leaves(rig: Rig, work: Work) -> None:
    """A node joins, and another is stopped in order, as `ray stop` does."""
    rig.nodes.append(rig.add_node())
    rig.cluster.remove_node(rig.nodes.pop(0), allow_graceful=True)


def node_drained(rig: Rig, work: Work) -> None:
    """A node joins, and Ray is told to drain another, which is stopped when the pool has left it."""
    rig.nodes.append(rig.add_node())
    node = rig.nodes.pop(0)
    words = ["--reason", "DRAIN_NODE_REASON_PREEMPTION", "--reason-message", "a test"]
    command = [Path(sys.executable).with_name("ray"), "drain-node", "--address", rig.address, "--node-id", node.node_id]
    subprocess.run([*command, *words, "--deadline-remaining-seconds", "3600"], check=True, capture_output=True)
    until(lambda: (nodes := rig.sandbox_nodes()) and node.node_id not in nodes, "the pool has left the node")
    rig.cluster.remove_node(node, allow_graceful=True)


def _takes_it_down(result: ExecutionResult, case: Case) -> Checked:
    os._exit(1)


def poison(rig: Rig, work: Work) -> None:
    """A program whose judging takes its sandbox down, every time: it ends in an error, and the others do not notice."""
    program = Program(source=b"print(1)")
    future = rig.pool.submit(Batch(program, lambda: [Case(b"")], _takes_it_down, key="poison"))
    error = future.exception(LONG_S)
    assert isinstance(error, SandboxLost), error
    assert error.attempts == 3


def driver(rig: Rig, work: Work) -> None:
    """SIGKILL of the driver, the command; the same command goes on where it stopped."""
    kill(work.pid)
    work.wait()


def gateway(rig: Rig, work: Work) -> None:
    """SIGKILL of the gateway's actor."""
    kill(ray.get(ray.get_actor(GATEWAY_NAME, NAMESPACE).pid.remote(), timeout=LONG_S))


@dataclass(frozen=True, slots=True)
class Run:
    """What one run showed.

    Attributes:
        recovered_s: From the fault until all sandboxes serve again, no lease is held by the dead, and judgements come.
        took_s: The whole run, undisturbed part included.
        findings: See tests.ray_rig.Work.findings.
        answers: How many were judged.
    """

    recovered_s: float
    took_s: float
    findings: dict[str, int]
    answers: int = len(EXPECTED)


class Bench:
    """A cluster on which faults are made, one run after the other."""

    def __init__(self) -> None:
        self._rig = Rig()
        self._gateway: GatewayPool | None = None

    def run(self, fault: str) -> Run:
        """One run."""
        with tempfile.TemporaryDirectory() as folder:
            return self._run(FAULTS[fault], Work(Path(folder) / "results"))

    def _run(self, fault: Callable[[Rig, Work], None], work: Work) -> Run:
        until(self._rig.whole, "all sandboxes are up")
        began = time.monotonic()
        self._start(fault, work)
        work.come_to(random.randint(_EARLIEST, _LATEST))
        stored, at = len(work.rows()), time.monotonic()
        fault(self._rig, work)
        if fault is driver:
            until(self._rig.whole, "the dead driver's leases are given back")
            recovered_s = time.monotonic() - at
            self._start(fault, work)
        else:
            until(lambda: self._rig.whole() and (len(work.rows()) > stored or not work.running()), "it is whole again")
            recovered_s = time.monotonic() - at
        status, words = work.wait()
        assert status == 0, words
        return Run(recovered_s, time.monotonic() - began, work.findings())

    def _start(self, fault: Callable[[Rig, Work], None], work: Work) -> None:
        if fault is driver:
            work.start_command(self._rig.address)
        elif fault is gateway:
            self._gateway = self._gateway or _through_gateway()
            work.start(self._gateway)
        else:
            work.start(self._rig.pool)

    def close(self) -> None:
        """End it all."""
        if self._gateway is not None:
            self._gateway.close()
        self._rig.close()


def _through_gateway() -> GatewayPool:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    token, codec = secrets.token_hex(16), travel_codec()
    config = GatewayConfig(codec=codec, code=CODE, open_pool=partial(RayPool, code=CODE), port=port, token=token)
    return GatewayPool(serve(config), codec=codec, code=CODE, token=token, slots=1, pool_size=NODES)


class HeadBench:
    """As Bench, for the loss of the GCS, with a cluster for each run: it keeps nothing elsewhere, and that is its end.

    The command is given one sandbox and several copies of the answers, so that it lasts, and less patience: work that
    ends within it does not notice. Ray's own end without a head takes some ten seconds of a busy machine, and Ray ends
    the process after twice the patience.
    """

    def __init__(self) -> None:
        self._folder = tempfile.TemporaryDirectory()
        self._lost: tuple[Work, float, float] | None = None

    def run(self, fault: str) -> Run:
        """Kill the GCS under the command, which must end with a typed error; resume it on the next cluster."""
        if self._lost is None:
            self._next_cluster()
        done = self._next_cluster()
        assert done is not None
        return done

    def _next_cluster(self) -> Run | None:
        """Let the work that lost its cluster end here; then begin the next, and take the GCS away."""
        rig = Rig(attached=False, nodes=_HEAD_NODES)
        try:
            done = self._resumed(rig)
            self._lost = self._lose(rig)
            return done
        finally:
            rig.close()

    def _lose(self, rig: Rig) -> tuple[Work, float, float]:
        began = time.monotonic()
        work = Work(Path(tempfile.mkdtemp(dir=self._folder.name)) / "results", copies=_COPIES)
        work.start_command(rig.address, sandboxes=1, RAY_gcs_rpc_server_reconnect_timeout_s=str(2 * _PATIENCE_S))
        work.come_to(random.randint(1, _EARLY))
        stored, at = work.rows(), time.monotonic()
        kill(rig.cluster.head_node.all_processes["gcs_server"][0].process.pid)
        status, words = work.wait()
        assert status == Status.ERRORS, f"exit status {status}: {words}"
        assert all(row["error"]["type"] == "PoolUnavailable" for row in work.rows() if row["verdict"] is None)
        assert work.rows()[: len(stored)] == stored, "what was stored is there"
        return work, time.monotonic() - at, time.monotonic() - began

    def _resumed(self, rig: Rig) -> Run | None:
        if self._lost is None:
            return None
        (work, told_s, before_s), began = self._lost, time.monotonic()
        work.start_command(rig.address, sandboxes=_HEAD_NODES)
        status, words = work.wait()
        assert status == 0, words
        return Run(told_s, before_s + time.monotonic() - began, work.findings(), len(work.expected))

    def close(self) -> None:
        """Remove what is kept."""
        self._folder.cleanup()


def gcs(rig: Rig, work: Work) -> None:
    """SIGKILL of the GCS, which stores nothing elsewhere: the cluster is lost; the command says so, and resumes."""


FAULTS: dict[str, Callable[[Rig, Work], None]] = {
    one.__name__: one
    for one in (
        agent,
        hung_agent,
        sandbox_actor,
        pool_actor,
        gateway,
        driver,
        raylet,
        node_leaves,
        node_drained,
        poison,
        gcs,
    )
}


BENCHES: dict[type[Bench | HeadBench], list[str]] = {
    Bench: [name for name in FAULTS if name != "gcs"],
    HeadBench: ["gcs"],
}
