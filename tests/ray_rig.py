"""Several Ray nodes on this machine, a pool on them, and the bundled answers as work whose verdicts are known."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import threading
import time
from collections import Counter
from collections.abc import Callable
from contextlib import suppress
from functools import partial
from importlib import import_module
from pathlib import Path
from typing import Any

from ray.cluster_utils import Cluster

from lcb_ray.agent.protocol import Limits
from lcb_ray.errors import SandboxError
from lcb_ray.pool import Pool
from lcb_ray.ray_pool.driver import RayPool
from livecodebench.answers.generations import open_generations
from livecodebench.dataset.opening import open_dataset
from livecodebench.grading import Grading
from livecodebench.judging.backend import ADDRESS_VARIABLE, CODE
from livecodebench.judging.stream import Judging
from tests import processes
from tests.every_answer import MINI, copied

services: Any = import_module("ray._private.services")

LONG_S = 240.0  # for what must happen on a busy machine
TIME_LIMIT_S = 2  # one of the answers takes all of it, and no other a quarter: a run gets shorter, its verdicts stay
NODES = 3
ANSWERS = MINI / "generations.jsonl"
Key = tuple[str, str, int]  # of an answer: model, problem, sample
EXPECTED: dict[Key, str] = {
    (row["model"], row["question_id"], row["sample"]): row["verdict"]
    for row in json.loads((MINI / "expected.json").read_text())["verdicts"]
}


class Rig:
    """A head and other nodes, with room for a sandbox each.

    Args:
        nodes: In all.
        attached: Keep a driver of one's own in the pool, which starts it and can look at it.
    """

    def __init__(self, *, attached: bool = True, nodes: int = NODES) -> None:
        self.cluster = _started(nodes)
        self.nodes = list(self.cluster.worker_nodes)  # without the head
        self._pool: RayPool | None = None
        if attached:
            self._pool = RayPool(1, pool_size=nodes, address=self.address, code=CODE)
            until(self.whole, "all sandboxes are up")

    @property
    def address(self) -> str:
        """Of the cluster."""
        return str(self.cluster.address)

    @property
    def pool(self) -> RayPool:
        """The driver of one's own."""
        assert self._pool is not None
        return self._pool

    def add_node(self) -> Any:  # noqa: ANN401 - Ray's
        """Another node."""
        return _add_node(self.cluster)

    def status(self) -> dict[str, Any]:
        """The pool's, or nothing while its actor is away."""
        try:
            return self.pool.status()
        except SandboxError:
            return {}

    def sandboxes(self) -> list[int]:
        """Process ids of the sandbox actors that live, as the pool knows them."""
        status = self.status()
        pids = [one["pid"] for one in status.get("sandboxes", {}).values() if "pid" in one and one["slots"]]
        return [pid for pid in pids if _works(pid)]

    def sandbox_nodes(self) -> set[str]:
        """Ray's ids of the nodes that have a sandbox of the pool."""
        return {one["node"] for one in self.status().get("sandboxes", {}).values() if "node" in one}

    def agents(self) -> list[int]:
        """Process ids of their agents, those that neither ended nor are stopped."""
        return [agent for pid in self.sandboxes() for agent in processes.children(pid) if _works(agent)]

    def whole(self) -> bool:
        """Whether a sandbox serves on each node, with an agent, and only those who live hold leases."""
        status = self.status()
        drivers = status.get("drivers", {})
        held = {lease.partition("/")[0] for lease in status.get("leases", {})}
        return len(self.agents()) == 1 + len(self.nodes) and held <= drivers.keys()

    def close(self) -> None:
        """End it all."""
        if self._pool is not None:
            self._pool.close()
        self.cluster.shutdown()


def _started(nodes: int) -> Cluster:
    """A cluster. A node must start within seconds that are not all to be set, which a busy machine may take."""
    os.environ.setdefault("RAY_agent_register_timeout_ms", "100000")
    for last in (False, False, False, True):
        cluster = Cluster()
        try:
            _add_node(cluster, include_dashboard=False)
            for _ in range(nodes - 1):
                _add_node(cluster)
        except Exception:  # a bare one
            cluster.shutdown()
            if last:
                raise
        else:
            break
    return cluster


def _add_node(cluster: Cluster, **more: Any) -> Any:  # noqa: ANN401 - Ray's
    asked = services.get_node
    services.get_node = partial(_patiently, asked)
    try:
        return cluster.add_node(num_cpus=1, resources={"sandbox": 1}, **more)
    finally:
        services.get_node = asked


def _patiently(asked: Callable[..., Any], *words: object) -> Any:  # noqa: ANN401 - Ray's
    """Ray asks for a node that starts for 30 s, which cannot be set, and one question alone may take longer."""
    began = time.monotonic()
    while True:
        try:
            return asked(*words)
        except RuntimeError:
            if time.monotonic() - began > LONG_S:
                raise
            time.sleep(0.5)


class Work:
    """One run of the answers into a results folder, in this process by a thread, or by the command.

    Args:
        folder: For the results; not there yet.
        copies: Of each answer, for work that lasts; for the command.
    """

    def __init__(self, folder: Path, *, copies: int = 1) -> None:
        self.folder = folder
        self.expected = _expected(copies)
        self._answers = ANSWERS if copies == 1 else copied(copies, folder.with_suffix(".jsonl"))
        self.failure: BaseException | None = None
        self._thread: threading.Thread | None = None
        self._command: subprocess.Popen[str] | None = None

    def start(self, pool: Pool) -> None:
        """Begin, on a pool of this process."""
        self._thread = threading.Thread(target=self._grade, args=(pool,))
        self._thread.start()

    def _grade(self, pool: Pool) -> None:
        problems = open_dataset("mini")
        job = Grading(problems, open_generations(ANSWERS, problems=problems), limits=Limits(cpu_s=TIME_LIMIT_S))
        try:
            with job.open_results(self.folder) as results:
                judging = Judging(job.start(pool, results), window=4 * pool.slots)
                judging.run(job.waiting(results), results.append)
        except BaseException as error:
            self.failure = error

    def start_command(self, address: str, *, sandboxes: int = NODES, **environment: str) -> None:
        """Begin, or go on, as `livecodebench grade`, a driver of its own."""
        command = [sys.executable, "-m", "livecodebench", "grade", self._answers, "--dataset", "mini"]
        options = ["--backend", "ray", "--slots", "1", "--pool-size", sandboxes]
        options += ["--time-limit", TIME_LIMIT_S, "--output", self.folder]
        self._command = subprocess.Popen(
            [str(word) for word in (*command, *options)],
            env=os.environ | {ADDRESS_VARIABLE: address, **environment},
            stdout=subprocess.DEVNULL,
            stderr=subprocess.PIPE,
            text=True,
        )

    @property
    def pid(self) -> int:
        """Of the command."""
        assert self._command is not None
        return self._command.pid

    def running(self) -> bool:
        """Whether it has not ended."""
        if self._command is not None:
            return self._command.poll() is None
        return self._thread is not None and self._thread.is_alive()

    def wait(self) -> tuple[int, str]:
        """Its end: exit status, and last words."""
        if self._command is not None:
            try:
                _, words = self._command.communicate(timeout=LONG_S)
            except subprocess.TimeoutExpired:
                self._command.kill()
                return -1, "it never ended: " + self._command.communicate()[1]
            return self._command.returncode, words
        assert self._thread is not None
        self._thread.join(LONG_S)
        return (-1, "it never ended") if self._thread.is_alive() else (1 if self.failure else 0, repr(self.failure))

    def rows(self) -> list[dict[str, Any]]:
        """What is stored."""
        with suppress(FileNotFoundError), (self.folder / "judgements.jsonl").open() as file:
            return [json.loads(line) for line in file if line.endswith("\n")]
        return []

    def come_to(self, count: int) -> None:
        """Wait until so many judgements are stored."""
        until(lambda: len(self.rows()) >= count or not self.running(), f"{count} judgements")

    def findings(self) -> dict[str, int]:
        """What is lost, doubled or wrong in the folder; and errors, which are no verdicts."""
        judged: Counter[Any] = Counter()
        wrong = errors = 0
        for row in self.rows():
            key = row["model"], row["question_id"], row["sample"]
            if row["verdict"] is None:
                errors += 1
            else:
                judged[key] += 1
                wrong += row["verdict"] != self.expected[key]
        doubled = sum(count - 1 for count in judged.values())
        return {"lost": len(self.expected.keys() - judged), "doubled": doubled, "wrong": wrong, "errors": errors}


def _expected(copies: int) -> dict[Key, str]:
    """The verdicts of the answers, each so many times over."""
    of_each = Counter((model, question) for model, question, _ in EXPECTED)
    return {
        (model, question, sample + number * of_each[model, question]): verdict
        for (model, question, sample), verdict in EXPECTED.items()
        for number in range(copies)
    }


def until(seen: Callable[[], object], what: str, *, within_s: float = LONG_S) -> float:
    """Seconds until something is seen."""
    began = time.monotonic()
    while not seen():
        if time.monotonic() - began > within_s:
            raise TimeoutError(f"never came: {what}")
        time.sleep(0.1)
    return time.monotonic() - began


def _works(pid: int) -> bool:
    with suppress(OSError):
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] not in "ZXTt"
    return False
