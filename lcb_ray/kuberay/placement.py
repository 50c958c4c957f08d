"""What the settings say of pods beyond images and sizes: nodes, runtime class, pull secrets, storage, Ray's amounts.

Fields of the template are set where a setting says so, and left as they are elsewhere. What a Kustomize overlay of the
user's own has added (further tolerations, say) stays.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from lcb_ray.cluster_files import RESULTS_FOLDER, WATCHDOG
from lcb_ray.kuberay.scheduling import Selector, Toleration
from lcb_ray.kuberay.settings import Settings

Document = dict[str, Any]
_RESULTS = "results"


def place(raycluster: Document, settings: Settings) -> None:
    """Set all of it in a RayCluster."""
    head = raycluster["spec"]["headGroupSpec"]["template"]["spec"]
    [group] = raycluster["spec"]["workerGroupSpecs"]
    worker = group["template"]["spec"]
    _to_nodes(head, settings.head_node_selector, settings.head_tolerations)
    _to_nodes(worker, settings.node_selector, settings.tolerations)
    if settings.runtime_class is not None:
        worker["runtimeClassName"] = settings.runtime_class
    for spec in (head, worker):
        known = [one["name"] for one in spec.get("imagePullSecrets", ())]
        if names := list(dict.fromkeys([*known, *settings.pull_secrets])):
            spec["imagePullSecrets"] = [{"name": name} for name in names]
    _amounts(head["containers"][0], settings.head_cpu, settings.head_memory)
    for one in head.get("initContainers", ()):
        if one["name"] == WATCHDOG:  # which an overlay may leave out
            _amounts(one, settings.watchdog_cpu, None)
    _amounts(worker["containers"][0], settings.ray_cpu, settings.ray_memory)
    if settings.results_claim is not None:
        claim = {"claimName": settings.results_claim}
        head["volumes"].append({"name": _RESULTS, "persistentVolumeClaim": claim})
        head["containers"][0]["volumeMounts"].append({"name": _RESULTS, "mountPath": RESULTS_FOLDER})


def _to_nodes(spec: Document, selector: Selector, tolerations: Sequence[Toleration]) -> None:
    if selector:
        spec["nodeSelector"] = {**spec.get("nodeSelector", {}), **dict(selector)}
    if tolerations:
        spec["tolerations"] = [*spec.get("tolerations", ()), *(one.as_document() for one in tolerations)]


def _amounts(container: Document, cpu: str | None, memory: str | None) -> None:
    """Requests and limits alike: what is asked for is what may be taken."""
    for name, amount in (("cpu", cpu), ("memory", memory)):
        if amount is not None:
            for kind in ("requests", "limits"):
                container["resources"][kind][name] = amount
