"""What lies in our namespace: applied from the template, with as many sandbox pods as the nodes have room for."""

from __future__ import annotations

import base64
import secrets
from collections.abc import Callable

from lcb_ray import archive
from lcb_ray.errors import PoolUnavailable
from lcb_ray.kuberay import fit, template
from lcb_ray.kuberay.api import Api, Refused, resources_of
from lcb_ray.kuberay.settings import Images, Settings
from lcb_ray.kuberay.steps import Steps
from lcb_ray.kuberay.template import Document

MADE_HERE = "livecodebench/made-here"  # an annotation: this namespace is ours to delete
_LOOK_S = 0.5


def apply(
    settings: Settings,
    steps: Steps,
    api: Api,
    documents: list[Document],
    *,
    by_hand: bool = False,
    before_replacing: Callable[[Document], None] = lambda _: None,
) -> int:
    """Apply all, the RayCluster last and with as many pods as fit. Returns that number.

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
    fits = _how_many_fit(settings, steps, api, raycluster)
    existing = _existing(api, settings.namespace, steps)
    template.grow(raycluster, existing)
    template.annotate(raycluster, existing, idle_s=settings.idle_timeout_s, by_hand=by_hand)
    if existing is not None and template.images_of(existing) != template.images_of(raycluster):
        before_replacing(existing)
        _replace(api, settings.namespace, steps)
    api.apply(raycluster)
    return fits


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
        if error.status != 403:
            raise
        steps.note(
            f"no {document['kind']} {document['metadata']['name']}: the RayCluster stays when nobody uses it, until "
            f"`livecodebench cluster down`: {error}"
        )


def _have_namespace(api: Api, document: Document, steps: Steps) -> None:
    """Make it, and mark it as made here: another one is never deleted. One that ends just now is waited for."""
    meta = document["metadata"]
    while "deletionTimestamp" in (api.find("v1", "Namespace", meta["name"]) or {"metadata": {}})["metadata"]:
        steps.waits_for(f"the namespace {meta['name']} to end, which is being deleted")
        steps.pause(_LOOK_S)
    if not api.create({**document, "metadata": {**meta, "annotations": {MADE_HERE: "true"}}}):
        api.apply(document)


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


def _how_many_fit(settings: Settings, steps: Steps, api: Api, raycluster: Document) -> int:
    spec = raycluster["spec"]
    asked = spec["workerGroupSpecs"][0]["replicas"]
    head = fit.request_of(spec["headGroupSpec"]["template"]["spec"], resources_of)
    head += resources_of(spec["autoscalerOptions"]["resources"]["requests"])
    sandbox = fit.request_of(spec["workerGroupSpecs"][0]["template"]["spec"], resources_of)
    others = [pod for pod in api.items("/api/v1/pods") if not _is_ours(pod, settings.namespace)]
    rest = fit.rest_of(api.items("/api/v1/nodes"), others, resources_of)
    found = fit.fitting(rest, head=head, sandbox=sandbox, most=asked)
    if found.sandboxes < asked:
        words = f"{found.sandboxes} of {asked} sandbox pods fit: {found.lacking}"
        if settings.strict or not found.sandboxes:
            raise PoolUnavailable(
                f"{words}: add nodes, ask for fewer with --pool-size, or for less with LIVECODEBENCH_K8S_SANDBOX_CPU "
                "and LIVECODEBENCH_K8S_SANDBOX_MEMORY"
            )
        steps.note(f"{words}; the pool starts with {found.sandboxes}")
        group = spec["workerGroupSpecs"][0]
        group["replicas"] = group["maxReplicas"] = found.sandboxes
    return found.sandboxes


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


def _is_ours(pod: Document, namespace: str) -> bool:
    meta = pod["metadata"]
    cluster: object = meta.get("labels", {}).get("ray.io/cluster")
    return bool(meta["namespace"] == namespace and cluster == template.RAYCLUSTER)
