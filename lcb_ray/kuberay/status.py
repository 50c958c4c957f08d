"""What is there, for people and scripts: nothing is made or changed to find out."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from lcb_ray.errors import PoolUnavailable
from lcb_ray.kuberay import pods, template
from lcb_ray.kuberay.access import Access, remote_access
from lcb_ray.kuberay.api import Api
from lcb_ray.kuberay.bring_up import Standing
from lcb_ray.kuberay.local_cluster import LocalCluster
from lcb_ray.kuberay.namespace import our_pods
from lcb_ray.kuberay.settings import Settings


@dataclass(frozen=True, slots=True, kw_only=True)
class PodStatus:
    """One pod.

    Attributes:
        name: Of the pod.
        role: "head" or "sandbox".
        node: Where it is; empty where it has no node yet.
        ready: Whether it serves.
        word: "ready", or what it waits for.
        restarts: Of its containers.
    """

    name: str
    role: str
    node: str
    ready: bool
    word: str
    restarts: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Status:
    """All of it.

    Attributes:
        context: Of the kubeconfig.
        namespace: Where all lies.
        raycluster: Whether there is one.
        wanted: Sandbox pods that the RayCluster wants now.
        most: Sandbox pods that it may have.
        pods: The head first.
    """

    context: str
    namespace: str
    raycluster: bool
    wanted: int
    most: int
    pods: tuple[PodStatus, ...]

    @property
    def ready(self) -> bool:
        """Whether the head serves: sandboxes come when they are asked for."""
        return any(pod.role == "head" and pod.ready for pod in self.pods)


def find_access(settings: Settings) -> Access:
    """The way into the cluster that is there. Raises PoolUnavailable where none is, SandboxUnusable."""
    if not settings.local:
        return remote_access(settings.context)
    local = LocalCluster(settings, template.kind_config())
    if not local.exists():
        raise PoolUnavailable(f"there is no {local.word}: `livecodebench cluster up` makes it")
    return local.open()


def look(settings: Settings) -> Status:
    """How it is. Raises PoolUnavailable where there is no cluster, SandboxUnusable."""
    access = find_access(settings)
    api = Api(access)
    found = api.find("ray.io/v1", "RayCluster", template.RAYCLUSTER, settings.namespace) if _knows(api) else None
    group: dict[str, Any] = found["spec"]["workerGroupSpecs"][0] if found else {}
    seen = [_pod(pod) for pod in our_pods(api, settings.namespace)]
    return Status(
        context=access.context,
        namespace=settings.namespace,
        raycluster=found is not None,
        wanted=group.get("replicas", 0),
        most=group.get("maxReplicas", 0),
        pods=tuple(sorted(seen, key=lambda pod: (pod.role != "head", pod.name))),
    )


def standing(settings: Settings) -> Standing:
    """A RayCluster that has been brought up before. Raises PoolUnavailable where none serves."""
    seen = look(settings)
    if not seen.ready:
        raise PoolUnavailable(
            f"no RayCluster serves in namespace {settings.namespace} (context {seen.context}): "
            "`livecodebench cluster up` makes one"
        )
    access = find_access(settings)
    return Standing(access=access, api=Api(access), namespace=settings.namespace, sandboxes=seen.most, slots=1)


def _knows(api: Api) -> bool:
    from lcb_ray.kuberay.operator import served

    return served(api)


def _pod(pod: dict[str, Any]) -> PodStatus:
    status = pod.get("status", {})
    every = [*(status.get("initContainerStatuses") or ()), *(status.get("containerStatuses") or ())]
    ready = pods.is_ready(pod)
    return PodStatus(
        name=pod["metadata"]["name"],
        role="head" if pods.is_head(pod) else "sandbox",
        node=pod["spec"].get("nodeName", ""),
        ready=ready,
        word="ready" if ready else pods.why_not_ready(pod),
        restarts=sum(one.get("restartCount", 0) for one in every),
    )
