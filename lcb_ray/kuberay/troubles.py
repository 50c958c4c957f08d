"""What is wrong with a RayCluster while it is used, in words that lead to the fix. Pure: documents in."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from lcb_ray.kuberay.fit import is_up
from lcb_ray.kuberay.pods import is_head, is_ready, why_not_ready

Document = Mapping[str, Any]

_IMAGES = ("ErrImagePull", "ImagePullBackOff", "ErrImageNeverPull", "InvalidImageName")


@dataclass(frozen=True, slots=True)
class Trouble:
    """One of them.

    Attributes:
        what: The same as long as it lasts.
        words: What it means, and what to do.
        passing: It has happened, and is over: it is told once.
    """

    what: str
    words: str
    passing: bool = False


def troubles(
    *, raycluster: Document | None, pods: Sequence[Document], nodes: Iterable[Document] = (), operator: str = ""
) -> list[Trouble]:
    """All that can be seen.

    Args:
        raycluster: The RayCluster; None where there is none.
        pods: Its pods.
        nodes: Of Kubernetes, as far as they may be looked at.
        operator: What KubeRay's operator lacks, in words; empty where it works or may not be looked at.
    """
    if raycluster is None or "deletionTimestamp" in raycluster["metadata"]:
        return [
            Trouble(
                "the RayCluster was deleted",
                "what was under way is lost; run the same command again: it goes on where it stopped",
            )
        ]
    found = [*_head(pods), *_nodes(pods, nodes)]
    for pod in pods:
        found += _pod(pod)
    if operator:
        fix = "pods that end are not replaced until it is back: `livecodebench cluster up` installs it again where it "
        found.append(Trouble(f"KubeRay's operator does not work: {operator}", f"{fix}is ours to install"))
    return found


def _head(pods: Sequence[Document]) -> Iterator[Trouble]:
    heads = [pod for pod in pods if is_head(pod)]
    if any(map(is_ready, heads)):
        return
    why = "; ".join(f"{pod['metadata']['name']} {why_not_ready(pod)}" for pod in heads) or "there is none"
    yield Trouble(
        "no head pod serves",
        f"{why}. KubeRay starts another, and this program goes on then by itself; Ray jobs that ran on it are lost: "
        "submit them again",
    )


def _nodes(pods: Sequence[Document], nodes: Iterable[Document]) -> Iterator[Trouble]:
    for node in nodes:
        name = node["metadata"]["name"]
        here = [pod["metadata"]["name"] for pod in pods if pod["spec"].get("nodeName") == name]
        if here and not is_up(node):
            yield Trouble(
                f"node {name} does not answer",
                f"what ran in its pods ({', '.join(here[:6])}) runs elsewhere; start the node again, or, where it is "
                f"gone for good, `kubectl delete node {name}`",
            )


def _pod(pod: Document) -> Iterator[Trouble]:
    name, status = pod["metadata"]["name"], pod.get("status", {})
    if "deletionTimestamp" not in pod["metadata"]:
        if status.get("reason") == "Evicted" or status.get("phase") == "Failed":
            why = status.get("message") or status.get("reason") or "its containers ended"
            fix = "what it did runs elsewhere; where this goes on, the node lacks memory or disk: ask for fewer pods"
            yield Trouble(f"pod {name} was ended ({status.get('reason') or 'Failed'})", f"{why}: {fix}", passing=True)
        for one in status.get("conditions") or ():
            if one["type"] == "PodScheduled" and one["status"] == "False":
                yield Trouble(
                    f"pod {name} has no node",
                    f"{one.get('message', one.get('reason', ''))[:300]}. The pool works with the pods that it has: add "
                    "nodes, or ask for fewer (--pool-size) or smaller ones (LIVECODEBENCH_K8S_SANDBOX_CPU, _MEMORY)",
                )
    for kind in ("initContainerStatuses", "containerStatuses"):
        for one in status.get(kind) or ():
            yield from _container(name, one)


def _container(pod: str, status: Document) -> Iterator[Trouble]:
    container, waiting = status["name"], status.get("state", {}).get("waiting") or {}
    reason = waiting.get("reason", "")
    if reason in _IMAGES:
        yield Trouble(
            f"pod {pod} cannot get the image {status.get('image', '')} of its container {container}",
            f"{reason}: {waiting.get('message', '')[:300]}. See the image's name, the registry and the pull secret; "
            "into a local cluster `livecodebench cluster up` loads it",
        )
    elif reason == "CrashLoopBackOff":
        yield Trouble(
            f"container {container} of pod {pod} ends again and again",
            f"see `livecodebench cluster logs --grep {pod}`",
        )
    for state in ("lastState", "state"):
        ended = status.get(state, {}).get("terminated") or {}
        if ended.get("reason") == "OOMKilled":
            yield Trouble(
                f"container {container} of pod {pod} was killed for want of memory (OOMKilled, "
                f"{ended.get('finishedAt', 'just now')})",
                "it is started again, and what it did runs elsewhere; where this goes on, give each slot more: "
                "LIVECODEBENCH_K8S_SANDBOX_MEMORY",
                passing=True,
            )
