"""What a pod says of itself: whether it is ready, and what it waits for, in words that lead to the fix."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

Document = Mapping[str, Any]

# What a container waits for -> what to do about it
_FIXES = {
    "ErrImagePull": "the node cannot get the image: see its name, and the pull secret",
    "ImagePullBackOff": "the node cannot get the image: see its name, and the pull secret",
    "ErrImageNeverPull": "the image is not on the node: `livecodebench cluster up` loads it",
    "CrashLoopBackOff": "the container ends again and again: see `kubectl logs`",
}


def is_head(pod: Document) -> bool:
    """Whether it is the head of a RayCluster."""
    return bool(pod["metadata"].get("labels", {}).get("ray.io/node-type") == "head")


def is_ready(pod: Document) -> bool:
    """Whether all of its containers serve."""
    conditions = pod.get("status", {}).get("conditions") or ()
    return "deletionTimestamp" not in pod["metadata"] and any(
        one["type"] == "Ready" and one["status"] == "True" for one in conditions
    )


def why_not_ready(pod: Document) -> str:
    """What it waits for, in words."""
    if "deletionTimestamp" in pod["metadata"]:
        return "is being deleted"
    status = pod.get("status", {})
    for one in status.get("conditions") or ():
        if one["type"] == "PodScheduled" and one["status"] == "False":
            return f"has no node: {one.get('message', one.get('reason', ''))}"
    for name, reason, message in _waiting(status):
        if reason in ("PodInitializing", "ContainerCreating"):
            continue
        fix = f" ({_FIXES[reason]})" if reason in _FIXES else ""
        return f"container {name}: {reason}{': ' if message else ''}{message[:300]}{fix}"
    if status.get("phase") in ("Failed", "Succeeded"):
        return f"has ended: {status.get('message', status.get('reason', 'its containers ended'))}"
    return "starts"


def _waiting(status: Mapping[str, Any]) -> Iterator[tuple[str, str, str]]:
    for kind in ("initContainerStatuses", "containerStatuses"):
        for one in status.get(kind) or ():
            waiting, ended = one["state"].get("waiting"), one["state"].get("terminated")
            if waiting:
                yield one["name"], waiting.get("reason", ""), waiting.get("message", "")
            elif ended and ended.get("exitCode"):
                yield one["name"], f"ended with status {ended['exitCode']}", ended.get("message", "")
