"""What lies in our namespace: applied from the template, with as many sandbox pods as the nodes have room for."""

from __future__ import annotations

import base64
import secrets
from collections.abc import Callable

from lcb_ray import archive
from lcb_ray.errors import PoolUnavailable
from lcb_ray.kuberay import room, template
from lcb_ray.kuberay.api import Api, Refused
from lcb_ray.kuberay.room import Room
from lcb_ray.kuberay.settings import Images, Settings
from lcb_ray.kuberay.steps import Steps
from lcb_ray.kuberay.template import Document

MADE_HERE = "livecodebench/made-here"  # an annotation: this namespace is ours to delete
_LOOK_S = 0.5
_FORBIDDEN = 403


def apply(
    settings: Settings,
    steps: Steps,
    api: Api,
    documents: list[Document],
    *,
    by_hand: bool = False,
    before_replacing: Callable[[Document], None] = lambda _: None,
) -> Room:
    """Apply all, the RayCluster last and with as many pods as fit. Returns how many that are.

    Args:
        settings: What it is to be like.
        steps: Hears of it.
        api: Of the Kubernetes cluster.
        documents: The rendered overlay.
        by_hand: Somebody asks for the RayCluster itself, not only a program for a pool.
        before_replacing: Called with a RayCluster of other images before that is deleted.
    """
    raycluster = template.raycluster_in(documents)
    for document in sorted(documents, key=lambda one: one["kind"] != "Namespace"):
        if document["kind"] == "Namespace":
            _have_namespace(api, document, steps)
        elif document["kind"] in ("Role", "RoleBinding"):
            _apply_right(api, document, steps)
        elif document is not raycluster:
            api.apply(document)
    _have_gateway_token(api, settings.namespace)
    if settings.wanted_images is Images.STOCK:
        api.apply(_agent(settings.namespace))
    has_room = _how_many_fit(settings, steps, api, raycluster)
    existing = _existing(api, settings.namespace, steps)
    template.grow(raycluster, existing)
    template.annotate(raycluster, existing, idle_s=settings.idle_timeout_s, by_hand=by_hand)
    if existing is not None and template.images_of(existing) != template.images_of(raycluster):
        before_replacing(existing)
        _replace(api, settings.namespace, steps)
    api.apply(raycluster)
    return has_room


def find_raycluster(api: Api, namespace: str) -> Document | None:
    """The RayCluster of a namespace; None where there is none."""
    return api.find("ray.io/v1", "RayCluster", template.RAYCLUSTER, namespace)


def _existing(api: Api, namespace: str, steps: Steps) -> Document | None:
    """The RayCluster that is there; one that is being deleted is waited for."""
    while (found := find_raycluster(api, namespace)) is not None and "deletionTimestamp" in found["metadata"]:
        steps.waits_for("the earlier RayCluster to end, which is being deleted")
        steps.pause(_LOOK_S)
    return found


def _apply_right(api: Api, document: Document, steps: Steps) -> None:
    """What the watchdog needs; whoever may not give rights here can do without it."""
    try:
        api.apply(document)
    except Refused as error:
        if error.status != _FORBIDDEN:
            raise
        steps.note(
            f"no {document['kind']} {document['metadata']['name']}: the RayCluster stays when nobody uses it, until "
            f"`livecodebench cluster down`: {error}"
        )


def _have_namespace(api: Api, document: Document, steps: Steps) -> None:
    """Make it, and mark it as made here: another one is never deleted. One that ends just now is waited for."""
    meta = document["metadata"]
    while (found := _looked_at(api, meta["name"])) and "deletionTimestamp" in found["metadata"]:
        steps.waits_for(f"the namespace {meta['name']} to end, which is being deleted")
        steps.pause(_LOOK_S)
    try:
        if found or not api.create({**document, "metadata": {**meta, "annotations": {MADE_HERE: "true"}}}):
            api.apply(document)
    except Refused as error:
        if error.status != _FORBIDDEN or found is None:
            raise
        steps.note(f"the namespace {meta['name']} stays as its administrator has it")


def _looked_at(api: Api, name: str) -> Document | None:
    """The namespace, or an empty one where this user may not look at it: then it is there, or cannot be made."""
    try:
        return api.find("v1", "Namespace", name)
    except Refused as error:
        if error.status != _FORBIDDEN:
            raise
        return {"metadata": {}}


def _replace(api: Api, namespace: str, steps: Steps) -> None:
    """KubeRay changes no pod that runs: a RayCluster of other images is deleted first, and its pods with it."""
    steps.note("the RayCluster runs other images than this version's: it is replaced")
    api.delete("ray.io/v1", "RayCluster", template.RAYCLUSTER, namespace)
    while True:
        left = our_pods(api, namespace)
        if not left and find_raycluster(api, namespace) is None:
            return
        steps.waits_for(f"{len(left)} pods of the earlier one to end")
        steps.pause(_LOOK_S)


def _how_many_fit(settings: Settings, steps: Steps, api: Api, raycluster: Document) -> Room:
    """Ask for as many pods as have room. Raises PoolUnavailable where that is too few."""
    group = raycluster["spec"]["workerGroupSpecs"][0]
    asked = group["replicas"]
    found = room.measure(api, settings.namespace, raycluster)
    if found.fit.sandboxes < asked:
        words = f"{found.fit.sandboxes} of {asked} sandbox pods fit: {found.fit.lacking}"
        if settings.strict or not found.fit.sandboxes:
            raise PoolUnavailable(f"{words}: {room.FIX}")
        steps.note(f"{words}; the pool starts with {found.fit.sandboxes}")
        group["replicas"] = group["maxReplicas"] = found.fit.sandboxes
    return found


def _have_gateway_token(api: Api, namespace: str) -> None:
    token = base64.b64encode(secrets.token_urlsafe(32).encode()).decode()
    api.create(_labelled("Secret", template.GATEWAY, namespace) | {"type": "Opaque", "data": {"token": token}})


def _agent(namespace: str) -> Document:
    data = base64.b64encode(archive.build()).decode()
    return _labelled("ConfigMap", template.AGENT, namespace) | {"binaryData": {"agent.pyz": data}}


def _labelled(kind: str, name: str, namespace: str) -> Document:
    labels = {"app.kubernetes.io/part-of": "livecodebench"}
    return {
        "apiVersion": "v1",
        "kind": kind,
        "metadata": {"name": name, "namespace": namespace, "labels": labels},
    }


def our_pods(api: Api, namespace: str) -> list[Document]:
    """The RayCluster's pods."""
    selector = f"ray.io/cluster={template.RAYCLUSTER}"
    return api.items(f"/api/v1/namespaces/{namespace}/pods", labelSelector=selector)
