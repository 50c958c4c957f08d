"""KubeRay's operator: installed into clusters of ours, or on request; elsewhere that is the administrator's to do."""

from __future__ import annotations

import json

import yaml

from lcb_ray.errors import SandboxUnusable
from lcb_ray.kuberay.access import Access
from lcb_ray.kuberay.api import Api, Refused
from lcb_ray.kuberay.settings import Settings
from lcb_ray.kuberay.steps import Steps
from lcb_ray.kuberay.template import Document

_APPLY_S = 180.0
_LOOK_S = 2


def served(api: Api) -> bool:
    """Whether the cluster knows RayClusters at all."""
    try:
        api.request("GET", "/apis/ray.io/v1")
    except Refused as error:
        if error.status == 404:
            return False
        raise
    return True


def check_served(api: Api, settings: Settings, access: Access) -> None:
    """Raises SandboxUnusable with the administrator's command where there is no operator."""
    if not served(api):
        command = " ".join(access.command("apply", "--server-side", "--force-conflicts", "-k", settings.kuberay_manifests))
        raise SandboxUnusable(
            f"{access} has no KubeRay operator, and only its administrator should install one: ask for `{command}`, or "
            "do it from here with `livecodebench cluster up --install-operator`"
        )


def is_as(api: Api, manifests: list[Document]) -> bool:
    """Whether the operator of these manifests is there and works."""
    wanted = _deployment(manifests)
    found = _find(api, wanted)
    return served(api) and found is not None and _image(found) == _image(wanted) and _lacks(found) == ""


def install(access: Access, manifests: list[Document]) -> None:
    """Apply the manifests. The definitions are too large for an apply on the client's side."""
    text = yaml.safe_dump_all(manifests)
    access.kubectl("apply", "--server-side", "--force-conflicts", "-f", "-", given=text, timeout_s=_APPLY_S)


def wait(api: Api, manifests: list[Document], steps: Steps) -> None:
    """Wait until the operator works. Raises PoolUnavailable."""
    wanted = _deployment(manifests)
    while lacking := _lacks(_find(api, wanted)):
        steps.waits_for(f"the operator: {lacking}")
        steps.pause(_LOOK_S)
    while not served(api):
        steps.waits_for("the definition of RayCluster")
        steps.pause(_LOOK_S)


def _deployment(manifests: list[Document]) -> Document:
    found = [one for one in manifests if one["kind"] == "Deployment"]
    if len(found) != 1:
        raise SandboxUnusable(
            "LIVECODEBENCH_K8S_KUBERAY_MANIFESTS: no folder of KubeRay's operator: it has "
            f"{len(found)} deployments; the release has it at ray-operator/config/default"
        )
    return found[0]


def _find(api: Api, deployment: Document) -> Document | None:
    meta = deployment["metadata"]
    return api.find("apps/v1", "Deployment", meta["name"], meta.get("namespace", "default"))


def _image(deployment: Document) -> str:
    return json.dumps([one["image"] for one in deployment["spec"]["template"]["spec"]["containers"]])


def _lacks(deployment: Document | None) -> str:
    if deployment is None:
        return "it is not there yet"
    status = deployment.get("status", {})
    if status.get("observedGeneration") != deployment["metadata"]["generation"]:
        return "its deployment is not seen yet"
    if not status.get("availableReplicas"):
        reasons = [one.get("message", "") for one in status.get("conditions", []) if one.get("status") == "False"]
        return f"its pod is not ready: {'; '.join(reasons)[:300]}"
    return ""
