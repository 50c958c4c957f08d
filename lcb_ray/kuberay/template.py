"""The YAML of ray-cluster/, which is the only template: rendered by kubectl, then given sizes, images and resources."""

from __future__ import annotations

import json
import math
import os
import tempfile
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

import yaml

from lcb_ray import owner
from lcb_ray.cluster_files import WATCHDOG, cluster_folder
from lcb_ray.errors import SandboxUnusable
from lcb_ray.kuberay import commands
from lcb_ray.kuberay.settings import IDLE_S, UP_IDLE_S, Images, Settings

Document = dict[str, Any]  # a Kubernetes object

RAYCLUSTER = "livecodebench"
GATEWAY = "livecodebench-gateway"  # the Service and the Secret
AGENT = "livecodebench-agent"  # the ConfigMap
IDLE, WANTED, MAKER = "livecodebench/idle-timeout", "livecodebench/wanted-at", "livecodebench/made-by"  # annotations
BY_HAND = "livecodebench/by-hand"  # the same: somebody has brought it up by a command of its own
PART_OF = "app.kubernetes.io/part-of=livecodebench"  # the label of all that is ours
_GRACE = "LIVECODEBENCH_K8S_GRACE"  # of the head whose image has this code


@dataclass(frozen=True, slots=True, kw_only=True)
class Shape:
    """What is set in the template.

    Attributes:
        sandboxes: Pods to have at once, and the most that there may be.
        slots: Of each.
        ray_image: Of the head and of the Ray containers; None: as the YAML has it.
        sandbox_image: Of the sandbox containers; None: as the YAML has it.
        cpu: Of a sandbox container for each slot; None: as the YAML has it.
        memory: Likewise.
        grace_s: How long a pool of the gateway that the head starts by itself stays after its last client.
    """

    sandboxes: int
    slots: int = 1
    ray_image: str | None = None
    sandbox_image: str | None = None
    cpu: str | None = None
    memory: str | None = None
    grace_s: float = 60.0


def yaml_folder() -> Path:
    """The folder ray-cluster/. Raises SandboxUnusable where this installation lacks it."""
    try:
        return cluster_folder()
    except FileNotFoundError as error:
        raise SandboxUnusable(str(error)) from error


def kind_config() -> Path:
    """The nodes of a kind cluster."""
    return yaml_folder() / "kind.yaml"


def render(settings: Settings) -> list[Document]:
    """The overlay that the settings ask for, as kubectl renders it, in their namespace."""
    overlay = str(settings.provider) if settings.local else "remote"
    with tempfile.TemporaryDirectory() as folder:
        base = Path(os.path.relpath(yaml_folder().resolve(), Path(folder).resolve()))
        wanted: Document = {"namespace": settings.namespace, "resources": [str(base / "overlays" / overlay)]}
        if settings.wanted_images is Images.OWN:
            wanted["components"] = [str(base / "components" / "own-images")]
        (Path(folder) / "kustomization.yaml").write_text(yaml.safe_dump(wanted), encoding="utf-8")
        text = commands.run("kubectl", "kustomize", folder)
        return [document for document in yaml.safe_load_all(text) if document]


def raycluster_in(documents: list[Document]) -> Document:
    """The one RayCluster among documents."""
    [found] = [document for document in documents if document["kind"] == "RayCluster"]
    return found


def shape(raycluster: Document, wanted: Shape) -> None:
    """Set sizes, images and resources in a RayCluster."""
    head, [group] = raycluster["spec"]["headGroupSpec"], raycluster["spec"]["workerGroupSpecs"]
    group["replicas"] = group["maxReplicas"] = wanted.sandboxes
    group["minReplicas"] = 0
    sandbox = sandbox_container(raycluster)
    set_images(raycluster, wanted)
    for variable in head["template"]["spec"]["containers"][0]["env"]:
        if variable["name"] == _GRACE:
            variable["value"] = f"{wanted.grace_s:g}"
    asked = sandbox["resources"]["requests"]
    each = {"cpu": wanted.cpu or asked["cpu"], "memory": wanted.memory or asked["memory"]}
    amounts = {**asked, **{name: times(amount, wanted.slots) for name, amount in each.items()}}
    sandbox["resources"] = {"requests": amounts, "limits": dict(amounts)}


def _of_ray(head: Document) -> list[Document]:
    """The containers of the head's pod that run Ray's image: Ray, and the watchdog, which needs its Python only."""
    return [head["containers"][0], *(one for one in head.get("initContainers", ()) if one["name"] == WATCHDOG)]


def set_images(raycluster: Document, wanted: Shape) -> None:
    """Set images only; what was not wished for stays."""
    head, [group] = raycluster["spec"]["headGroupSpec"], raycluster["spec"]["workerGroupSpecs"]
    if wanted.ray_image is not None:
        for container in (*_of_ray(head["template"]["spec"]), group["template"]["spec"]["containers"][0]):
            container["image"] = wanted.ray_image
    if wanted.sandbox_image is not None:
        sandbox_container(raycluster)["image"] = wanted.sandbox_image


def grow(raycluster: Document, existing: Document | None) -> None:
    """Keep at least the size that a RayCluster has already: other drivers asked for it."""
    if existing is None:
        return
    [ours], [theirs] = raycluster["spec"]["workerGroupSpecs"], existing["spec"]["workerGroupSpecs"]
    for field in ("replicas", "maxReplicas"):
        ours[field] = max(ours[field], theirs.get(field) or 0)


def annotate(raycluster: Document, existing: Document | None, *, idle_s: float | None, by_hand: bool) -> None:
    """Say who wants a RayCluster, when, and how long it may be idle: what the watchdog and sweeps go by.

    Args:
        raycluster: The one that is to be.
        existing: The one that is there. A program never shortens the time that it has; by hand anything can be said.
        idle_s: How long; infinite: it stays. None: IDLE_S, by hand UP_IDLE_S.
        by_hand: Whether somebody asks for the RayCluster itself.
    """
    before: Mapping[str, str] = (existing or {"metadata": {}})["metadata"].get("annotations") or {}
    wished = (UP_IDLE_S if by_hand else IDLE_S) if idle_s is None else idle_s
    if existing is not None and not by_hand:
        wished = max(wished, idle_of(before))
    raycluster["metadata"]["annotations"] = {
        **raycluster["metadata"].get("annotations", {}),
        IDLE: "never" if math.isinf(wished) else f"{wished:g}",
        WANTED: datetime.now(UTC).isoformat(timespec="microseconds"),
        MAKER: json.dumps(owner.labels("")),
        BY_HAND: "true" if by_hand else before.get(BY_HAND, "false"),
    }


def idle_of(annotations: Mapping[str, str]) -> float:
    """How long a RayCluster may be idle, in seconds; infinite where it stays."""
    try:
        seconds = float(annotations[IDLE])
    except (KeyError, ValueError):
        return math.inf
    return seconds if seconds > 0 else math.inf


def sandbox_container(raycluster: Mapping[str, Any]) -> Document:
    """The sandbox's container in a RayCluster."""
    [group] = raycluster["spec"]["workerGroupSpecs"]
    [found] = [one for one in group["template"]["spec"]["initContainers"] if one["name"] == "sandbox"]
    container: Document = found
    return container


def images_of(raycluster: Document) -> list[str]:
    """The images that a RayCluster's own containers run."""
    groups = [raycluster["spec"]["headGroupSpec"], *raycluster["spec"]["workerGroupSpecs"]]
    return sorted(images_in([group["template"] for group in groups]))


def images_in(documents: list[Document]) -> list[str]:
    """The images that documents name, each once, in order."""
    found: dict[str, None] = {}

    def look(node: object) -> None:
        if isinstance(node, dict):
            if isinstance(image := node.get("image"), str):
                found[image] = None
            for value in node.values():
                look(value)
        elif isinstance(node, list):
            for value in node:
                look(value)

    look(documents)
    return list(found)


def times(amount: str, factor: int) -> str:
    """An amount as Kubernetes writes it, so many times: "500m" twice is "1000m"."""
    unit = amount.lstrip("0123456789.")
    number = Decimal(amount.removesuffix(unit)) * factor
    return f"{number.normalize():f}{unit}"
