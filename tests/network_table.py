"""The network flows of ray-cluster/base/network.yaml, tried one by one on a cluster whose network enforces policies.

    export LIVECODEBENCH_K8S_LOCAL=false LIVECODEBENCH_K8S_CONTEXT=...     (any other setting of ours, too)
    python -m tests.network_table > network.md

Brings a pool up there with the product's own command, starts pods of others in namespaces of their own, tries each flow
from inside the pods, runs an evaluation, and takes everything down again. A flow that is allowed must be answered; one
that is not must stay without an answer. With --not-enforcing it is for a network that enforces nothing: then `status`
must say so, and the flows are shown as they are. Takes some minutes; needs rights of an administrator.
"""

from __future__ import annotations

import argparse
import json
import os
import socket
import subprocess
import sys
import threading
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from importlib.resources import files
from pathlib import Path
from typing import Any

import yaml

LONG_S = 900.0
NAMESPACE = os.environ.get("LIVECODEBENCH_K8S_NAMESPACE") or "livecodebench"
OTHERS, WATCHERS = "lcb-network-others", "lcb-network-watchers"
PYTHON = os.environ.get("LIVECODEBENCH_K8S_SANDBOX_IMAGE") or "python:3.11-slim"
OUTSIDE = (443, 8443)  # of this machine, which no policy counts to the cluster

# Runs in a pod. Says of each address whether it connects, refuses, or is silent; "udp": a question to a name server.
TRY = r"""
import errno, json, selectors, socket, sys, time
given, found = json.loads(sys.argv[1]), {}
selector = selectors.DefaultSelector()
NAME = b"\x0akubernetes\x07default\x03svc\x07cluster\x05local\x00"
QUERY = b"\x00\x01\x01\x00\x00\x01\x00\x00\x00\x00\x00\x00" + NAME + b"\x00\x01\x00\x01"
for name, kind, host, port in given:
    sock = socket.socket(socket.AF_INET, socket.SOCK_DGRAM if kind == "udp" else socket.SOCK_STREAM)
    sock.setblocking(False)
    status = sock.connect_ex((host, port))
    if kind == "udp":
        sock.send(QUERY)
    elif status != errno.EINPROGRESS:
        found[name] = "connects" if status == 0 else "refused" if status == errno.ECONNREFUSED else "silent"
        continue
    selector.register(sock, selectors.EVENT_READ if kind == "udp" else selectors.EVENT_WRITE, name)
end = time.monotonic() + 4
while selector.get_map() and time.monotonic() < end:
    for key, _ in selector.select(end - time.monotonic()):
        status = key.fileobj.getsockopt(socket.SOL_SOCKET, socket.SO_ERROR)
        found[key.data] = "connects" if status == 0 else "refused" if status == errno.ECONNREFUSED else "silent"
        selector.unregister(key.fileobj)
for name, *_ in given:
    found.setdefault(name, "silent")
print(json.dumps(found))
"""


@dataclass(frozen=True)
class Flow:
    """One flow.

    Attributes:
        source: Who.
        target: Whom.
        port: Which.
        allowed: By the policies.
        listens: Somebody is there to connect to; otherwise an answer is a refusal.
        kind: "tcp" or "udp".
    """

    source: str
    target: str
    port: int
    allowed: bool
    listens: bool = True
    kind: str = "tcp"


def _flows(
    source: str, target: str, allowed: tuple[int, ...], silent: tuple[int, ...], quiet: tuple[int, ...] = ()
) -> list[Flow]:
    """Flows from one to another; to the ports of `quiet` nobody need listen."""
    return [Flow(source, target, port, True, port not in quiet) for port in allowed] + [
        Flow(source, target, port, False) for port in silent
    ]


FLOWS = [
    *_flows("sandbox", "head", (6379, 6380, 6381, 8265, 10002), (8970, 52365, 8080, 44217, 22), quiet=(10002,)),
    *_flows("sandbox", "other sandbox", (6380, 6381), (8080, 52365, 6382, 10002, 8970)),
    Flow("sandbox", "name server", 53, True, kind="udp"),
    *_flows("sandbox", "name server", (53,), (9153,)),
    *_flows("sandbox", "Kubernetes API", (), (443,)),
    *_flows("sandbox", "its node", (), (6443, 10250)),
    *_flows("sandbox", "outside", (), OUTSIDE),
    *_flows("sandbox", "somebody's pod", (), (8000,)),
    *_flows("head", "sandbox", (6380, 6381, 6382, 52365, 8080, 10002), (8970, 8265, 22), quiet=(6382, 52365, 10002)),
    Flow("head", "name server", 53, True, kind="udp"),
    *_flows("head", "name server", (53,), (9153,)),
    *_flows("head", "Kubernetes API", (443,), ()),
    *_flows("head", "its node", (), (10250,)),
    *_flows("head", "outside", (443,), (8443,)),
    *_flows("head", "somebody's pod", (), (8000,)),
    *_flows("somebody's pod", "head", (), (6379, 8265, 8970, 8080, 52365)),
    *_flows("somebody's pod", "sandbox", (), (6380, 8080, 52365)),
    *_flows("client", "head", (8970,), (6379, 8265, 8080)),
    *_flows("client", "sandbox", (), (6380, 8080)),
    *_flows("monitoring", "head", (8080, 44217, 44227), (6379, 8265, 8970), quiet=(44227,)),
    *_flows("monitoring", "sandbox", (8080,), (6380, 52365)),
    *_flows("operator", "head", (6379, 8265, 52365), (8970, 8080), quiet=(52365,)),
    *_flows("operator", "sandbox", (), (6380, 8080)),
    *_flows("stranger in the namespace", "head", (), (6379, 8265, 8970)),
    *_flows("stranger in the namespace", "sandbox", (), (6380,)),
    Flow("stranger in the namespace", "name server", 53, False, kind="udp"),
    *_flows("stranger in the namespace", "outside", (), OUTSIDE),
]
PODS = {  # who -> namespace, labels
    "somebody's pod": (OTHERS, {"app": "shop"}),
    "client": (OTHERS, {"livecodebench/client": "true"}),
    "operator": (OTHERS, {"app.kubernetes.io/component": "kuberay-operator"}),
    "monitoring": (WATCHERS, {"app": "prometheus"}),
    "stranger in the namespace": (NAMESPACE, {"app": "stranger"}),
}


class Cluster:
    """The cluster, by kubectl."""

    def __init__(self, context: str) -> None:
        self._context = context

    def kubectl(self, *words: str, given: str | None = None) -> str:
        """What it says."""
        command = ["kubectl", "--context", self._context, *words]
        done = subprocess.run(command, input=given, capture_output=True, text=True, timeout=LONG_S, check=False)
        assert done.returncode == 0, (words, done.stderr)
        return done.stdout

    def find(self, *words: str) -> Any:  # noqa: ANN401 - JSON
        """Objects."""
        return json.loads(self.kubectl("get", *words, "--output", "json"))

    def try_all(
        self, namespace: str, pod: str, container: str, asked: list[tuple[str, str, str, int]]
    ) -> dict[str, str]:
        """What comes of addresses in a pod."""
        words = ("exec", "--namespace", namespace, pod, "--container", container, "--", "python", "-c", TRY)
        found: dict[str, str] = json.loads(self.kubectl(*words, json.dumps(asked)))
        return found


def livecodebench(*words: object) -> subprocess.CompletedProcess[str]:
    """The command, with this process' settings."""
    command = [sys.executable, "-m", "livecodebench", *map(str, words)]
    return subprocess.run(command, capture_output=True, text=True, timeout=LONG_S, check=False)


@contextmanager
def outside() -> Iterator[str]:
    """A server on this machine, at the address that nodes reach it by, on both ports of OUTSIDE."""
    gateway = subprocess.run(
        ["docker", "network", "inspect", "kind", "--format", "{{range .IPAM.Config}}{{.Gateway}} {{end}}"],
        capture_output=True,
        text=True,
        check=True,
    ).stdout.split()
    [host] = [one for one in gateway if ":" not in one]
    servers = [socket.create_server((host, port)) for port in OUTSIDE]
    for server in servers:
        threading.Thread(target=_take, args=(server,), daemon=True).start()
    try:
        yield host
    finally:
        for server in servers:
            server.close()


def _take(server: socket.socket) -> None:
    while True:
        try:
            server.accept()[0].close()
        except OSError:
            return


@contextmanager
def others(cluster: Cluster) -> Iterator[None]:
    """Pods of others, in namespaces of their own and one in ours."""
    documents: list[Mapping[str, Any]] = [
        {"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": name, "labels": labels}}
        for name, labels in ((OTHERS, {}), (WATCHERS, {"livecodebench/monitoring": "true"}))
    ]
    documents += [_pod(who, namespace, labels) for who, (namespace, labels) in PODS.items()]
    cluster.kubectl("apply", "-f", "-", given=yaml.safe_dump_all(documents))
    try:
        for who, (namespace, _) in PODS.items():
            cluster.kubectl("wait", "--for=condition=Ready", f"pod/{_name(who)}", "-n", namespace, "--timeout=180s")
        yield
    finally:
        cluster.kubectl("delete", "namespace", OTHERS, WATCHERS, "--wait=false")


def _name(who: str) -> str:
    return who.replace("'", "").replace(" ", "-")


def _pod(who: str, namespace: str, labels: Mapping[str, str]) -> Mapping[str, Any]:
    confined = {
        "allowPrivilegeEscalation": False,
        "capabilities": {"drop": ["ALL"]},
        "runAsNonRoot": True,
        "runAsUser": 1000,
        "seccompProfile": {"type": "RuntimeDefault"},
    }
    container = {
        "name": "python",
        "image": PYTHON,
        "imagePullPolicy": "IfNotPresent",
        "command": ["python", "-m", "http.server", "8000", "--directory", "/etc"],
        "securityContext": confined,
        "resources": {"requests": {"cpu": "10m", "memory": "32Mi"}, "limits": {"cpu": "500m", "memory": "64Mi"}},
        "readinessProbe": {"exec": {"command": ["python", "-c", "pass"]}, "timeoutSeconds": 10},
    }
    spec = {"containers": [container], "automountServiceAccountToken": False, "terminationGracePeriodSeconds": 0}
    meta = {"name": _name(who), "namespace": namespace, "labels": dict(labels)}
    return {"apiVersion": "v1", "kind": "Pod", "metadata": meta, "spec": spec}


class Places:
    """Where the flows begin and end."""

    def __init__(self, cluster: Cluster, outside: str) -> None:
        selector = ("pods", "--namespace", NAMESPACE, "--selector", "ray.io/cluster=livecodebench")
        pods = sorted(cluster.find(*selector)["items"], key=lambda pod: pod["metadata"]["name"])
        [head] = [pod for pod in pods if pod["metadata"]["labels"]["ray.io/node-type"] == "head"]
        sandboxes = [pod for pod in pods if pod is not head]
        assert len(sandboxes) >= 2, "two sandbox pods are needed"
        self._sources = {
            "head": (NAMESPACE, head["metadata"]["name"], "ray-head", head["status"]["hostIP"]),
            "sandbox": (NAMESPACE, sandboxes[0]["metadata"]["name"], "ray", sandboxes[0]["status"]["hostIP"]),
        }
        for who, (namespace, _) in PODS.items():
            self._sources[who] = (namespace, _name(who), "python", "")
        shop = cluster.find("pod", _name("somebody's pod"), "--namespace", OTHERS)
        self._targets = {
            "head": head["status"]["podIP"],
            "sandbox": sandboxes[0]["status"]["podIP"],
            "other sandbox": sandboxes[1]["status"]["podIP"],
            "name server": cluster.find("service", "kube-dns", "--namespace", "kube-system")["spec"]["clusterIP"],
            "Kubernetes API": cluster.find("service", "kubernetes", "--namespace", "default")["spec"]["clusterIP"],
            "somebody's pod": shop["status"]["podIP"],
            "outside": outside,
        }

    def source(self, flow: Flow) -> tuple[str, str, str]:
        """Namespace, pod, container."""
        return self._sources[flow.source][:3]

    def target(self, flow: Flow) -> str:
        """Address."""
        return self._sources[flow.source][3] if flow.target == "its node" else self._targets[flow.target]


def tried(cluster: Cluster, places: Places) -> list[tuple[Flow, str]]:
    """Every flow, with what came of it."""
    found = []
    for source in dict.fromkeys(flow.source for flow in FLOWS):
        mine = [flow for flow in FLOWS if flow.source == source]
        asked = [(str(number), flow.kind, places.target(flow), flow.port) for number, flow in enumerate(mine)]
        seen = cluster.try_all(*places.source(mine[0]), asked)
        found += [(flow, seen[str(number)]) for number, flow in enumerate(mine)]
    return found


def good(flow: Flow, seen: str) -> bool:
    """Whether it is as the policies say."""
    if not flow.allowed:
        return seen == "silent"
    return seen == "connects" or (not flow.listens and seen == "refused")


def main() -> int:
    """Run the table; returns an exit status."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--not-enforcing", action="store_true", help="this network enforces nothing")
    enforcing = not parser.parse_args().not_enforcing
    cluster = Cluster(os.environ["LIVECODEBENCH_K8S_CONTEXT"])
    lines, wrong = [], 0
    try:
        done = livecodebench("cluster", "up", "--pool-size", 2, "--install-operator")
        sys.stderr.write(done.stderr)
        assert done.returncode == 0
        answers = Path(str(files("livecodebench") / "data" / "mini" / "generations.jsonl"))
        graded = livecodebench(
            *("grade", answers, "--dataset", "mini", "--backend", "kubernetes", "--pool-size", 2, "--json")
        )
        summary = json.loads(graded.stdout)
        assert (graded.returncode, summary["errors"]) == (0, 0), graded.stderr
        status = json.loads(livecodebench("cluster", "status", "--json").stdout)["network_policies"]
        wrong += status != ("enforced" if enforcing else "not enforced")
        with outside() as address, others(cluster):
            for flow, seen in tried(cluster, Places(cluster, address)):
                as_due = good(flow, seen)
                wrong += enforcing and not as_due
                mark = "" if as_due else " **(not as the policies say)**"
                port = f"{flow.port}/udp" if flow.kind == "udp" else str(flow.port)
                due = "allowed" if flow.allowed else "denied"
                lines.append(f"| {flow.source} | {flow.target} | {port} | {due} | {seen}{mark} |")
    finally:
        sys.stderr.write(livecodebench("cluster", "down").stderr)
    sys.stdout.write(
        "| from | to | port | by the policies | seen |\n|---|---|---|---|---|\n" + "\n".join(lines) + "\n\n"
    )
    sys.stdout.write(f"`cluster status`: network policies: {status}. An evaluation of `mini` meanwhile: ")
    sys.stdout.write(f"{summary['judged']} judged, {summary['errors']} errors, pass@1 {summary['pass@1']}.\n")
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main())
