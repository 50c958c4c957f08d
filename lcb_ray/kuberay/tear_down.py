"""The way back: nothing is left of what was brought up, and nothing else is touched."""

from __future__ import annotations

from lcb_ray.kuberay.access import Access, remote_access
from lcb_ray.kuberay.api import Api
from lcb_ray.kuberay.local_cluster import LocalCluster
from lcb_ray.kuberay.namespace import MADE_HERE, our_pods
from lcb_ray.kuberay.settings import Settings
from lcb_ray.kuberay.steps import Steps
from lcb_ray.kuberay.sweep import ours_in, sweep, what_is_left
from lcb_ray.kuberay.template import PART_OF, kind_config
from lcb_ray.kuberay.use import Place, described
from lcb_ray.swept import Swept

_LOOK_S = 0.5
_OWN = (
    ("ray.io/v1", "RayCluster", "/apis/ray.io/v1", "rayclusters"),
    ("v1", "Service", "/api/v1", "services"),
    ("v1", "ConfigMap", "/api/v1", "configmaps"),
    ("v1", "Secret", "/api/v1", "secrets"),
    ("networking.k8s.io/v1", "NetworkPolicy", "/apis/networking.k8s.io/v1", "networkpolicies"),
    ("policy/v1", "PodDisruptionBudget", "/apis/policy/v1", "poddisruptionbudgets"),
    ("rbac.authorization.k8s.io/v1", "RoleBinding", "/apis/rbac.authorization.k8s.io/v1", "rolebindings"),
    ("rbac.authorization.k8s.io/v1", "Role", "/apis/rbac.authorization.k8s.io/v1", "roles"),
)


def tear_down(settings: Settings, steps: Steps, *, keep_nodes: bool = False) -> None:
    """Delete what bring_up has made: for a local cluster that was made here, the whole of it.

    Args:
        settings: Which cluster.
        steps: Hears of it.
        keep_nodes: Leave the local cluster with KubeRay's operator, and delete the namespace only.

    Raises SandboxUnusable, PoolUnavailable.
    """
    if not settings.local:
        access = remote_access(settings.context)
        steps.note(f"using {access}, namespace {settings.namespace}")
        _delete_ours(access, settings.namespace, steps)
        return
    local = LocalCluster(settings, kind_config())
    with local.locked(steps):
        if not local.exists():
            local.forget()
            steps.note(f"there is no {local.word}: nothing to delete")
        elif local.made_here and not keep_nodes:
            with steps.step(f"deleting the {local.word}"):
                local.delete()
        else:
            _delete_ours(local.open(), settings.namespace, steps)
            steps.note(f"the {local.word} stays" + ("" if keep_nodes else ": it was not made by livecodebench here"))


def delete_local(settings: Settings, steps: Steps) -> None:
    """Delete the local cluster if it is there, was made here, and nobody else uses it; otherwise it stays."""
    local = LocalCluster(settings, kind_config())
    with local.locked(steps):
        if not (local.exists() and local.made_here):
            return
        api = Api(local.open())
        for found in ours_in(api, settings.namespace):
            place = Place(local.access, api, found["metadata"]["namespace"])
            if who := described(place, found):
                steps.note(f"the {local.word} stays: {place} is used by {who}: `livecodebench cluster down` deletes it")
                return
        with steps.step(f"deleting the {local.word}"):
            local.delete()


def clean_up(settings: Settings, steps: Steps, *, everything: bool = False, dry_run: bool = False) -> Swept:
    """Remove RayClusters that nobody uses, and what an interrupted `up` has left of a local cluster.

    With DELETE_CLUSTER_ON_CLEANUP set, a local cluster that was made here goes, too, once nothing in it is in use.

    Args:
        settings: Which cluster.
        steps: Hears of it.
        everything: RayClusters that are in use, too.
        dry_run: Remove nothing.

    Raises SandboxUnusable, PoolUnavailable where the cluster cannot be asked.
    """
    if not settings.local:
        access = remote_access(settings.context)
        steps.note(f"using {access}, namespace {settings.namespace}")
        return sweep(Place(access, Api(access), settings.namespace), steps, everything=everything, dry_run=dry_run)
    local = LocalCluster(settings, kind_config())
    with local.locked(steps):
        if not local.exists():
            if not dry_run:
                local.forget()
            return Swept()
        if local.half_made:
            swept = Swept()
        else:
            place = Place(local.open(), Api(local.access), settings.namespace)
            swept = sweep(place, steps, everything=everything, dry_run=dry_run)
        if local.half_made or (settings.delete_on_cleanup and local.made_here and not (swept.kept or swept.failed)):
            swept.removed.append(local.word)
            if not dry_run:
                with steps.step(f"deleting the {local.word}"):
                    local.delete()
    return swept


def _delete_ours(access: Access, namespace: str, steps: Steps) -> None:
    api = Api(access)
    found = api.find("v1", "Namespace", namespace)
    if found is None:
        steps.note(f"there is no namespace {namespace}: nothing to delete")
        return
    if MADE_HERE in (found["metadata"].get("annotations") or {}):
        with steps.step(f"deleting the namespace {namespace}"):
            api.delete("v1", "Namespace", namespace)
            while api.find("v1", "Namespace", namespace) is not None:
                steps.waits_for(what_is_left(api, namespace))
                steps.pause(_LOOK_S)
        return
    with steps.step(f"deleting what is ours in namespace {namespace}, which was there before"):
        for version, kind, root, plural in _OWN:
            for one in api.items(f"{root}/namespaces/{namespace}/{plural}", labelSelector=PART_OF):
                api.delete(version, kind, one["metadata"]["name"], namespace)
        while our_pods(api, namespace):
            steps.waits_for(what_is_left(api, namespace))
            steps.pause(_LOOK_S)
