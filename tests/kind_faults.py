"""Real faults under a program that uses a RayCluster on kind, one at a time; see tests.fault_table.

The kind cluster `livecodebench` is brought up where it is not, and stays. What differs from machine to machine (the
node image, KubeRay's manifests) comes from the environment, by the product's settings.
"""

from __future__ import annotations

import json
import os
import random
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from tests import kind_cluster, processes
from tests.kind_cluster import kubectl
from tests.ray_faults import kill
from tests.ray_rig import ANSWERS, EXPECTED, TIME_LIMIT_S, Work, until

SANDBOXES = 2  # one on each of two worker nodes
IDLE_S = 30  # of RayClusters whose driver is killed
GONE_S = IDLE_S + 60.0  # after which nothing is to be left of them
LONG_S = 600.0
AWAY_S = 60.0  # of an API server
NODE_AWAY_S = 75.0  # longer than Kubernetes takes to miss it
_EARLIEST, _LATEST = 3, 20  # judgements that are stored when it happens, of 56


class KindWork(Work):
    """The answers, judged by the command on the RayCluster, which it brings up where there is none."""

    def begin(self) -> None:
        """Begin, or go on."""
        words = ["grade", ANSWERS, "--dataset", "mini", "--backend", "kubernetes", "--pool-size", SANDBOXES]
        words += ["--time-limit", TIME_LIMIT_S, "--output", self.folder]
        self._command = subprocess.Popen(
            [sys.executable, "-m", "livecodebench", *map(str, words)],
            env=os.environ | {"LIVECODEBENCH_K8S_IDLE_TIMEOUT": str(IDLE_S), "LIVECODEBENCH_K8S_GRACE": "5"},
            stdout=subprocess.DEVNULL,
            stderr=subprocess.PIPE,
            text=True,
        )

    def end(self) -> None:
        """Do not leave it running, whatever has gone wrong."""
        if self._command is not None and self._command.poll() is None:
            self._command.kill()
            self._command.communicate()

    def come_to(self, count: int) -> None:
        """Wait until so many judgements are stored."""
        until(lambda: len(self.rows()) >= count or not self.running(), f"{count} judgements", within_s=LONG_S)


def pods() -> list[dict[str, Any]]:
    """All of the namespace; none where the API server is away."""
    return _listed("pods")


def _rayclusters() -> list[dict[str, Any]]:
    return _listed("rayclusters.ray.io")


def _listed(kind: str) -> list[dict[str, Any]]:
    with suppress(AssertionError):
        items: list[dict[str, Any]] = json.loads(kubectl("get", kind, "--output", "json"))["items"]
        return items
    return []


def _ready(one: dict[str, Any]) -> bool:
    conditions = one.get("status", {}).get("conditions", [])
    return "deletionTimestamp" not in one["metadata"] and any(
        condition["type"] == "Ready" and condition["status"] == "True" for condition in conditions
    )


def _of_role(role: str) -> list[dict[str, Any]]:
    return [pod for pod in pods() if pod["metadata"]["labels"].get("ray.io/node-type") == role and _ready(pod)]


def whole() -> bool:
    """Whether the nodes, the operator, the head and the sandboxes serve."""
    nodes = _listed("nodes")
    operator = [one for one in _listed_everywhere("deployments") if one["metadata"]["name"] == "kuberay-operator"]
    return (
        len(nodes) > SANDBOXES
        and all(map(_ready, nodes))
        and any(one.get("status", {}).get("availableReplicas") for one in operator)
        and len(_of_role("head")) == 1
        and len(_of_role("worker")) >= _wanted()
    )


def _wanted() -> int:
    """Sandbox pods that the RayCluster wants now: fewer than at first, once the work has ended."""
    [found] = _listed("rayclusters.ray.io") or [None]
    if found is None:
        return SANDBOXES
    return min(SANDBOXES, found["spec"]["workerGroupSpecs"][0].get("replicas", SANDBOXES))


def _listed_everywhere(kind: str) -> list[dict[str, Any]]:
    with suppress(AssertionError):
        items: list[dict[str, Any]] = json.loads(kubectl("get", kind, "--all-namespaces", "--output", "json"))["items"]
        return items
    return []


def _node(name: str, script: str) -> str:
    """What a shell on a kind node says."""
    return subprocess.run(
        ["docker", "exec", name, "sh", "-c", script], check=True, capture_output=True, text=True
    ).stdout


def sandbox_container(work: KindWork) -> None:
    """SIGKILL of a sandbox container's first process: the agent, and all programs with it."""
    node = random.choice(_of_role("worker"))["spec"]["nodeName"]
    listed = (
        'for p in /proc/[0-9]*; do grep -q "agent.pyz" $p/cmdline && grep -q "NSpid:.*\\s1$" $p/status && echo $p; done'
    )
    [first, *_] = _node(node, f"{listed} 2>/dev/null; true").split()
    _node(node, f"kill -9 {first.rpartition('/')[2]}")


def pod(work: KindWork) -> None:
    """A sandbox pod is deleted, at once (`kubectl delete pod --force --grace-period=0`)."""
    victim = random.choice(_of_role("worker"))["metadata"]["name"]
    kubectl("delete", "pod", victim, "--force", "--grace-period=0")


def node(work: KindWork) -> None:
    """A worker node without the head is stopped (`docker stop`), and started again after 75 s."""
    head = {one["spec"]["nodeName"] for one in _of_role("head")}
    name = next(one["spec"]["nodeName"] for one in _of_role("worker") if one["spec"]["nodeName"] not in head)
    subprocess.run(["docker", "stop", "--time", "0", name], check=True, capture_output=True)
    time.sleep(NODE_AWAY_S)  # that is the fault
    subprocess.run(["docker", "start", name], check=True, capture_output=True)


def head(work: KindWork) -> None:
    """The head pod is deleted: gateway, pool actor and Ray's state with it."""
    kubectl("delete", "pod", _of_role("head")[0]["metadata"]["name"], "--wait=false")


def operator(work: KindWork) -> None:
    """KubeRay's operator is deleted, then a sandbox pod; `livecodebench cluster up` installs it again."""
    where = next(
        one["metadata"]["namespace"]
        for one in _listed_everywhere("deployments")
        if one["metadata"]["name"] == "kuberay-operator"
    )
    kubectl("--namespace", where, "delete", "deployment", "kuberay-operator", "--wait=true")
    pod(work)
    ended = kind_cluster.command("cluster", "up", "--pool-size", SANDBOXES)
    assert ended.status == 0, ended.err


def api_server(work: KindWork) -> None:
    """The API server is stopped for 60 s."""
    name, manifest = "livecodebench-control-plane", "/etc/kubernetes/manifests/kube-apiserver.yaml"
    first = 'for p in /proc/[0-9]*; do grep -qa "^kube-apiserver" $p/cmdline && kill -9 ${p#/proc/}; done; true'
    _node(name, f"mv {manifest} /root/; {first}")
    time.sleep(AWAY_S)  # that is the fault
    _node(name, f"mv /root/kube-apiserver.yaml {manifest}")


def port_forward(work: KindWork) -> None:
    """SIGKILL of the driver's `kubectl port-forward`."""
    for pid in processes.port_forwards(work.pid):
        with suppress(OSError):  # it has ended by itself
            kill(pid)


def driver_at_create(work: KindWork) -> None:
    """SIGKILL of the driver that has just made the RayCluster, before its head is up."""


def driver_mid_run(work: KindWork) -> None:
    """SIGKILL of the driver in the midst of its work."""


def driver_at_exit(work: KindWork) -> None:
    """SIGKILL of the driver when it has stored its last verdict."""


@dataclass(frozen=True, slots=True)
class Run:
    """What one run showed.

    Attributes:
        recovered_s: From the fault until all serves again and judgements come; after a driver's end, until no pod is
            left.
        took_s: The whole run, undisturbed part included.
        findings: See tests.ray_rig.Work.findings; with "pods", those that were left.
        said: What the driver said of it, on standard error.
        by: What removed the pods: "" or "watchdog" or "cleanup".
    """

    recovered_s: float
    took_s: float
    findings: dict[str, int]
    said: list[str]
    by: str = ""


class Bench:
    """A RayCluster on which faults are made, one run after the other. It stays."""

    def __init__(self) -> None:
        ended = kind_cluster.command("cluster", "up", "--pool-size", SANDBOXES)
        assert ended.status == 0, ended.err

    def run(self, fault: str) -> Run:
        """One run."""
        with tempfile.TemporaryDirectory() as folder:
            work, began = KindWork(Path(folder) / "results"), time.monotonic()
            work.begin()
            try:
                work.come_to(random.randint(_EARLIEST, _LATEST))
                assert work.running(), work.wait()
                stored, at = len(work.rows()), time.monotonic()
                FAULTS[fault](work)
                until(
                    lambda: whole() and (len(work.rows()) > stored or not work.running()),
                    "it is whole again",
                    within_s=LONG_S,
                )
                recovered_s = time.monotonic() - at
                status, words = work.wait()
            finally:
                work.end()
            assert status == 0, words
            return Run(recovered_s, time.monotonic() - began, work.findings() | {"pods": 0}, _said(words))

    def close(self) -> None:
        """Nothing: it stays."""


class DriverBench:
    """RayClusters whose driver is killed: in turns the watchdog removes them, and `livecodebench cleanup`."""

    def __init__(self) -> None:
        self._turn = random.randrange(2)
        ended = kind_cluster.command("cluster", "cleanup", "--all")
        assert ended.status == 0, ended.err

    def run(self, fault: str) -> Run:
        """One run: kill, see all pods go, and let the same command go on."""
        with tempfile.TemporaryDirectory() as folder:
            work, began = KindWork(Path(folder) / "results"), time.monotonic()
            if fault == driver_at_create.__name__:
                ended = kind_cluster.command("cluster", "cleanup", "--all")
                assert ended.status == 0, ended.err
                # One that is on its way out, without pods, would be taken for the new one.
                until(lambda: not _rayclusters(), "no RayCluster", within_s=LONG_S)
            work.begin()
            try:
                _wait_for_moment(work, fault)
                kill(work.pid)
                work.wait()
            finally:
                work.end()
            at = time.monotonic()
            self._turn += 1
            left = self._by_cleanup() if self._turn % 2 else self._by_watchdog(fault)
            recovered_s = time.monotonic() - at
            work.begin()
            try:
                status, words = work.wait()
            finally:
                work.end()
            assert status == 0, words
            findings = work.findings() | {"pods": left}
            return Run(recovered_s, time.monotonic() - began, findings, [], "cleanup" if self._turn % 2 else "watchdog")

    def _by_cleanup(self) -> int:
        ended = kind_cluster.command("cleanup", "--backend", "kubernetes")
        assert ended.status == 0, ended.err
        return len(pods())

    def _by_watchdog(self, fault: str) -> int:
        if fault == driver_at_create.__name__:  # the watchdog comes with the head
            until(lambda: _of_role("head"), "a head", within_s=LONG_S)
        with suppress(TimeoutError):
            until(lambda: not pods(), "no pods", within_s=GONE_S)
        return len(pods())

    def close(self) -> None:
        """Leave nothing."""
        kind_cluster.command("cluster", "cleanup", "--all")


def _wait_for_moment(work: KindWork, fault: str) -> None:
    if fault == driver_at_create.__name__:
        until(lambda: _rayclusters() or not work.running(), "a RayCluster", within_s=LONG_S)
    else:
        last = fault == driver_at_exit.__name__
        work.come_to(len(EXPECTED) if last else random.randint(_EARLIEST, _LATEST))


def _said(words: str) -> list[str]:
    """The last words about the fault."""
    lines = words.splitlines()
    begin = next((number for number, line in enumerate(lines) if line.startswith("while this ran:")), len(lines))
    return [line.strip() for line in lines[begin + 1 :] if line.startswith("  ")]


FAULTS: dict[str, Callable[[KindWork], None]] = {
    one.__name__: one
    for one in (
        *(sandbox_container, pod, node, head, operator, api_server, port_forward),
        *(driver_at_create, driver_mid_run, driver_at_exit),
    )
}
BENCHES: dict[type[Bench | DriverBench], list[str]] = {
    Bench: [name for name in FAULTS if not name.startswith("driver")],
    DriverBench: [name for name in FAULTS if name.startswith("driver")],
}
