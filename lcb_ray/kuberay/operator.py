"""KubeRay's operator: installed into clusters of ours, or on request; elsewhere that is the administrator's to do."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass

import yaml

from lcb_ray.errors import SandboxUnusable
from lcb_ray.kuberay import commands
from lcb_ray.kuberay.access import Access
from lcb_ray.kuberay.api import Api, Refused
from lcb_ray.kuberay.settings import Settings
from lcb_ray.kuberay.steps import Steps
from lcb_ray.kuberay.template import Document, images_in

_APPLY = ("apply", "--server-side", "--force-conflicts")
_APPLY_S = 180.0
_LOOK_S = 1
_RECORD, _RECORD_NAMESPACE = "livecodebench-operator", "kube-system"  # what was installed from here


def served(api: Api) -> bool:
    """Whether the cluster knows RayClusters at all."""
    try:
        api.request("GET", "/apis/ray.io/v1")
    except Refused as error:
        if error.status == 404:
            return False
        raise
    return True


def install_command(settings: Settings, access: Access | None = None) -> str:
    """What an administrator types."""
    words = [*_APPLY, "-k", settings.kuberay_manifests]
    return " ".join(access.command(*words) if access else ["kubectl", *words])


def ways_to_install(settings: Settings, access: Access) -> tuple[str, str]:
    """What is wrong where there is no operator, and the fix."""
    return (
        f"{access} has no KubeRay operator, and only its administrator should install one",
        f"ask for `{install_command(settings, access)}`, or do it from here with `livecodebench cluster up "
        "--install-operator`",
    )


def check_served(api: Api, settings: Settings, access: Access) -> None:
    """Raises SandboxUnusable with the administrator's command where there is no operator."""
    if not served(api):
        raise SandboxUnusable(": ".join(ways_to_install(settings, access)))


@dataclass(frozen=True, slots=True)
class Operator:
    """An operator as its manifests have it.

    Attributes:
        place: Where the manifests come from.
        text: The manifests.
        deployment: The one that runs it.
    """

    place: str
    text: str
    deployment: Document

    @property
    def images(self) -> list[str]:
        """What its pod runs."""
        return images_in([self.deployment])


def read(place: str) -> Operator:
    """The operator of a kustomize folder or address. Raises SandboxUnusable, PoolUnavailable."""
    text = commands.run("kubectl", "kustomize", place, timeout_s=_APPLY_S)
    # The definitions beside it are millions of characters, which take long to read, and are not looked at.
    parts = (one for one in text.split("\n---\n") if re.search(r"^kind: Deployment$", one, re.MULTILINE))
    found = [yaml.safe_load(one) for one in parts]
    if len(found) != 1:
        raise SandboxUnusable(
            f"{place} has {len(found)} deployments and is no folder of KubeRay's operator: see "
            "LIVECODEBENCH_K8S_KUBERAY_MANIFESTS; the release has it at ray-operator/config/default"
        )
    return Operator(place, text, found[0])


def is_installed(api: Api, place: str) -> bool:
    """Whether the operator of that place was installed from here, and works."""
    record = api.find("v1", "ConfigMap", _RECORD, _RECORD_NAMESPACE)
    if record is None or record["data"]["place"] != place:
        return False
    return not _lacks(_find(api, record["data"])) and served(api)


def what_it_lacks(api: Api) -> str:
    """What keeps the operator from working, in words; empty where it works, or was not installed from here.

    Raises PoolUnavailable.
    """
    record = api.find("v1", "ConfigMap", _RECORD, _RECORD_NAMESPACE)
    return "" if record is None else _lacks(_find(api, record["data"]))


def install(access: Access, api: Api, operator: Operator, steps: Steps) -> None:
    """Apply the manifests, and wait until the operator works. Raises PoolUnavailable."""
    # On the server's side: its definitions are too large for the other way.
    access.kubectl(*_APPLY, "-f", "-", given=operator.text, timeout_s=_APPLY_S)
    meta = operator.deployment["metadata"]
    where = {"place": operator.place, "namespace": meta.get("namespace", "default"), "name": meta["name"]}
    while lacking := _lacks(_find(api, where)):
        steps.waits_for(f"the operator: {lacking}")
        steps.pause(_LOOK_S)
    while not served(api):
        steps.waits_for("the definition of RayCluster")
        steps.pause(_LOOK_S)
    place = {"name": _RECORD, "namespace": _RECORD_NAMESPACE}
    api.apply({"apiVersion": "v1", "kind": "ConfigMap", "metadata": place, "data": where})


def _find(api: Api, where: Mapping[str, str]) -> Document | None:
    return api.find("apps/v1", "Deployment", where["name"], where["namespace"])


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
