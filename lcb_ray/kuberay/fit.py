"""How many sandbox pods the nodes have room for. Pure: nodes and pods come in as documents of the API."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from lcb_ray.kuberay.scheduling import bears, selected

Document = Mapping[str, Any]


@dataclass(frozen=True, slots=True, kw_only=True)
class Resources:
    """Amounts, of a pod or of a node's rest.

    Attributes:
        cpu: In CPUs.
        memory: In bytes.
        storage: Ephemeral storage in bytes.
    """

    cpu: float = 0.0
    memory: float = 0.0
    storage: float = 0.0

    def __add__(self, other: Resources) -> Resources:
        return Resources(
            cpu=self.cpu + other.cpu, memory=self.memory + other.memory, storage=self.storage + other.storage
        )

    def __sub__(self, other: Resources) -> Resources:
        return self + Resources(cpu=-other.cpu, memory=-other.memory, storage=-other.storage)

    def most(self, other: Resources) -> Resources:
        """The larger of each amount."""
        return Resources(
            cpu=max(self.cpu, other.cpu),
            memory=max(self.memory, other.memory),
            storage=max(self.storage, other.storage),
        )


Parse = Callable[[Mapping[str, str] | None], Resources]  # of amounts as Kubernetes writes them


@dataclass(frozen=True, slots=True)
class Fit:
    """What fits.

    Attributes:
        sandboxes: How many sandbox pods.
        lacking: What the next one would lack, in words; empty where nothing limits them.
    """

    sandboxes: int
    lacking: str


def request_of(pod_spec: Document, parse: Parse) -> Resources:
    """What a pod asks for: its containers and sidecars at once, or the largest of its other init containers."""
    running, starting = Resources(), Resources()
    for container in pod_spec.get("initContainers") or ():
        asked = _asked(container, parse)
        if container.get("restartPolicy") == "Always":
            running += asked
        else:
            starting = starting.most(running + asked)
    for container in pod_spec["containers"]:
        running += _asked(container, parse)
    return running.most(starting)


def takes_pods(node: Document, pod_spec: Document | None = None) -> bool:
    """Whether pods like this one (None: any that asks for no special node) can be put on a node at all."""
    wanted = pod_spec or {}
    if node["spec"].get("unschedulable"):
        return False
    if not bears(wanted.get("tolerations") or (), node["spec"].get("taints") or ()):
        return False
    if not selected(wanted.get("nodeSelector") or {}, node["metadata"].get("labels") or {}):
        return False
    return is_up(node)


def is_up(node: Document) -> bool:
    """Whether a node serves the pods that it has."""
    return any(one["type"] == "Ready" and one["status"] == "True" for one in node["status"].get("conditions", ()))


@dataclass(frozen=True, slots=True, kw_only=True)
class Kind:
    """Pods of one kind.

    Attributes:
        asks: What each asks for.
        spec: Of their pod template: which nodes they may go to.
    """

    asks: Resources
    spec: Document


@dataclass(slots=True)
class Rest:
    """What is left on one node.

    Attributes:
        node: Which.
        amounts: Of resources.
        pods: How many more it takes.
    """

    node: Document
    amounts: Resources
    pods: int

    def takes(self, kind: Kind) -> bool:
        """Whether one more of these pods has room here."""
        return self.pods > 0 and takes_pods(self.node, kind.spec) and not _lacks(self.amounts, kind.asks)

    def take(self, kind: Kind) -> None:
        """One more is here."""
        self.amounts, self.pods = self.amounts - kind.asks, self.pods - 1


def rest_of(nodes: Iterable[Document], pods: Iterable[Document], parse: Parse) -> list[Rest]:
    """What is left on each node, whoever may go there."""
    left = {
        node["metadata"]["name"]: Rest(
            node, parse(node["status"]["allocatable"]), int(node["status"]["allocatable"]["pods"])
        )
        for node in nodes
    }
    for pod in pods:
        name = pod["spec"].get("nodeName")
        if name in left and pod["status"].get("phase") not in ("Succeeded", "Failed"):
            rest = left[name]
            rest.amounts, rest.pods = rest.amounts - request_of(pod["spec"], parse), rest.pods - 1
    return list(left.values())


def fitting(rest: Sequence[Rest], *, head: Kind, sandbox: Kind, most: int) -> Fit:
    """How many sandbox pods fit, at most so many, once the head has its place. What it is given is used up.

    The head is put where the most memory is left, as the scheduler would by and large. An estimate: the scheduler has
    the last word.
    """
    roomy = [one for one in rest if one.takes(head)]
    if not roomy:
        return Fit(0, f"no node has room for the head pod ({_words(head.asks)}){_barred(rest, head, 'HEAD_')}")
    max(roomy, key=lambda one: one.amounts.memory).take(head)
    found = 0
    for one in rest:
        while found < most and one.takes(sandbox):
            one.take(sandbox)
            found += 1
    if found == most:
        return Fit(found, "")
    return Fit(
        found,
        f"the nodes have no room for more sandbox pods of {_words(sandbox.asks)} each{_barred(rest, sandbox, '')}",
    )


def _barred(rest: Sequence[Rest], kind: Kind, which: str) -> str:
    """Nodes that these pods may not go to, with what would let them."""
    free: Document = {key: value for key, value in kind.spec.items() if key != "tolerations"}
    anywhere: Document = {key: value for key, value in kind.spec.items() if key != "nodeSelector"}
    tainted = [one for one in rest if not takes_pods(one.node, kind.spec) and _but_for_taints(one.node, free)]
    others = [one for one in rest if not takes_pods(one.node, kind.spec) and takes_pods(one.node, anywhere)]
    words = ""
    if tainted:
        taints = {_taint(taint) for one in tainted for taint in one.node["spec"]["taints"]}
        words += (
            f"; {len(tainted)} nodes have taints that these pods do not bear ({', '.join(sorted(taints))}: see "
            f"LIVECODEBENCH_K8S_{which}TOLERATIONS)"
        )
    if others:
        words += f"; {len(others)} nodes lack the labels of LIVECODEBENCH_K8S_{which}NODE_SELECTOR"
    return words


def _but_for_taints(node: Document, spec: Document) -> bool:
    """Whether only its taints keep such pods off. A control plane's are none that anybody is to bear."""
    taints = node["spec"].get("taints") or ()
    if any(taint["key"].startswith(("node-role.kubernetes.io/", "node.kubernetes.io/")) for taint in taints):
        return False
    return takes_pods(node, {**spec, "tolerations": [{"operator": "Exists"}]})


def _taint(taint: Document) -> str:
    value = f"={taint['value']}" if taint.get("value") else ""
    return f"{taint['key']}{value}:{taint['effect']}"


def _asked(container: Document, parse: Parse) -> Resources:
    resources = container.get("resources") or {}
    return parse({**(resources.get("limits") or {}), **(resources.get("requests") or {})})


def _lacks(left: Resources, wanted: Resources) -> bool:
    return left.cpu < wanted.cpu or left.memory < wanted.memory or left.storage < wanted.storage


def _words(wanted: Resources) -> str:
    return f"{wanted.cpu:g} CPUs and {wanted.memory / 2**20:.0f} MiB"
