"""How many sandbox pods have room in a cluster, as far as this user may look: nodes, what runs on them, quotas."""

from __future__ import annotations

from collections.abc import Callable
from copy import deepcopy
from dataclasses import dataclass, replace
from typing import Any

from lcb_ray.kuberay import fit, quota
from lcb_ray.kuberay.api import Api, Refused, number, resources_of
from lcb_ray.kuberay.fit import Fit
from lcb_ray.kuberay.template import RAYCLUSTER, Document

FIX = (
    "add nodes, ask for fewer with --pool-size, or for less with LIVECODEBENCH_K8S_SANDBOX_CPU and "
    "LIVECODEBENCH_K8S_SANDBOX_MEMORY"
)
_FORBIDDEN = 403
_WAITS = {"cpu": "200m", "memory": "256Mi"}  # of the container that KubeRay puts before a worker's


@dataclass(frozen=True, slots=True)
class Room:
    """How many fit.

    Attributes:
        fit: The number, and what the next one would lack.
        known: Whether nodes could be looked at. Where not, the number is what was asked for, or what quotas allow.
        unseen: What could not be looked at, in words.
    """

    fit: Fit
    known: bool = True
    unseen: str = ""


def pod_specs(raycluster: Document) -> tuple[Document, Document]:
    """The pods that KubeRay makes of a RayCluster: the head's, a sandbox's; with the containers that it adds."""
    spec = raycluster["spec"]
    head = deepcopy(spec["headGroupSpec"]["template"]["spec"])
    worker = deepcopy(spec["workerGroupSpecs"][0]["template"]["spec"])
    options, ray = spec["autoscalerOptions"], worker["containers"][0]
    head["containers"].append(
        {
            "name": "autoscaler",
            "image": head["containers"][0]["image"],
            "resources": options["resources"],
            "securityContext": options["securityContext"],
        }
    )
    worker["initContainers"].append(
        {
            "name": "wait-gcs-ready",
            "image": ray["image"],
            "resources": {"requests": dict(_WAITS), "limits": dict(_WAITS)},
            "securityContext": ray["securityContext"],
        }
    )
    return head, worker


def measure(api: Api, namespace: str, raycluster: Document) -> Room:
    """How many of the sandbox pods that a RayCluster asks for have room. Raises PoolUnavailable."""
    asked = raycluster["spec"]["workerGroupSpecs"][0]["replicas"]
    head, worker = pod_specs(raycluster)
    room = _on_nodes(api, namespace, head, worker, asked)
    quotas = if_allowed(lambda: api.items(f"/api/v1/namespaces/{namespace}/resourcequotas"))
    if quotas is None:
        return replace(room, unseen=_and(room.unseen, "quotas"))
    if quotas:
        ours = [pod for pod in api.items(f"/api/v1/namespaces/{namespace}/pods") if is_ours(pod, namespace)]
        by_quota = quota.by_quota(quotas, ours, head=head, sandbox=worker, most=asked, number=number)
        if by_quota.sandboxes < room.fit.sandboxes:
            return replace(room, fit=by_quota)
    return room


def is_ours(pod: Document, namespace: str) -> bool:
    """Whether a pod is one of the RayCluster's."""
    meta = pod["metadata"]
    cluster: object = meta.get("labels", {}).get("ray.io/cluster")
    return bool(meta["namespace"] == namespace and cluster == RAYCLUSTER)


def if_allowed(look: Callable[[], list[Document]]) -> list[Document] | None:
    """What a look gives; None where this user may not. Raises PoolUnavailable."""
    try:
        return look()
    except Refused as error:
        if error.status == _FORBIDDEN:
            return None
        raise


def _on_nodes(api: Api, namespace: str, head: Document, worker: Document, asked: int) -> Room:
    nodes = if_allowed(lambda: api.items("/api/v1/nodes"))
    if nodes is None:
        return Room(Fit(asked, ""), known=False, unseen="nodes")
    pods = if_allowed(lambda: api.items("/api/v1/pods"))
    rest = fit.rest_of(nodes, [pod for pod in pods or [] if not is_ours(pod, namespace)], resources_of)
    kinds: dict[str, Any] = {
        name: fit.Kind(asks=fit.request_of(spec, resources_of), spec=spec)
        for name, spec in (("head", head), ("sandbox", worker))
    }
    found = fit.fitting(rest, **kinds, most=asked)
    return Room(found, unseen="" if pods is not None else "what else runs on the nodes")


def _and(first: str, second: str) -> str:
    return f"{first} and {second}" if first else second
