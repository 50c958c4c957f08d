"""How many sandbox pods the nodes have room for. Pure: nodes and pods come in as documents of the API."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

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


def takes_pods(node: Document) -> bool:
    """Whether pods of ours can be put on a node at all."""
    if node["spec"].get("unschedulable"):
        return False
    if any(taint["effect"] in ("NoSchedule", "NoExecute") for taint in node["spec"].get("taints") or ()):
        return False
    return is_up(node)


def is_up(node: Document) -> bool:
    """Whether a node serves the pods that it has."""
    return any(one["type"] == "Ready" and one["status"] == "True" for one in node["status"].get("conditions", ()))


def rest_of(nodes: Iterable[Document], pods: Iterable[Document], parse: Parse) -> list[tuple[Resources, int]]:
    """What is left on each node that takes pods of ours: amounts, and how many pods."""
    left = {
        node["metadata"]["name"]: (parse(node["status"]["allocatable"]), int(node["status"]["allocatable"]["pods"]))
        for node in nodes
        if takes_pods(node)
    }
    for pod in pods:
        name = pod["spec"].get("nodeName")
        if name in left and pod["status"].get("phase") not in ("Succeeded", "Failed"):
            amounts, count = left[name]
            left[name] = (amounts - request_of(pod["spec"], parse), count - 1)
    return list(left.values())


def fitting(rest: Sequence[tuple[Resources, int]], *, head: Resources, sandbox: Resources, most: int) -> Fit:
    """How many sandbox pods fit, at most so many, once the head has its place.

    The head is put where the most memory is left, as the scheduler would by and large. An estimate: the scheduler has
    the last word.
    """
    nodes = list(rest)
    roomy = [index for index, (amounts, count) in enumerate(nodes) if count > 0 and not _lacks(amounts, head)]
    if not roomy:
        return Fit(0, f"no node has room for the head pod ({_words(head)})")
    place = max(roomy, key=lambda index: nodes[index][0].memory)
    nodes[place] = (nodes[place][0] - head, nodes[place][1] - 1)
    found = 0
    for amounts, count in nodes:
        left = amounts
        for _ in range(max(count, 0)):
            if found == most:
                return Fit(found, "")
            if _lacks(left, sandbox):
                break
            left, found = left - sandbox, found + 1
    if found == most:
        return Fit(found, "")
    return Fit(found, f"the nodes have no room for more sandbox pods of {_words(sandbox)} each")


def _asked(container: Document, parse: Parse) -> Resources:
    resources = container.get("resources") or {}
    return parse({**(resources.get("limits") or {}), **(resources.get("requests") or {})})


def _lacks(left: Resources, wanted: Resources) -> bool:
    return left.cpu < wanted.cpu or left.memory < wanted.memory or left.storage < wanted.storage


def _words(wanted: Resources) -> str:
    return f"{wanted.cpu:g} CPUs and {wanted.memory / 2**20:.0f} MiB"
