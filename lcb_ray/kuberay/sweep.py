"""RayClusters that nobody needs any more, removed: half-made ones of a killed command, ones without a head, idle ones.

A RayCluster whose head is up removes itself when nobody uses it (ray-cluster/base/watchdog.py); what is here is for the
others, and for whoever does not want to wait.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import UTC, datetime

from lcb_ray.errors import PoolUnavailable, SandboxError
from lcb_ray.kuberay import pods, template
from lcb_ray.kuberay.api import Api, Document, Refused
from lcb_ray.kuberay.namespace import find_raycluster, our_pods
from lcb_ray.kuberay.steps import Steps
from lcb_ray.kuberay.use import Place, made_by_of, users
from lcb_ray.owner import Driver, driver_of
from lcb_ray.swept import Swept

_STALE_S = 900.0  # without a head: no driver waits for one so long
_LOST_S = 300.0  # the same for a head that was there: drivers wait for the next one
_ASKED_S = 120.0  # from when somebody asked for it: until then nobody is seen to use it
_LOOK_S = 0.5
_ALL = "/apis/ray.io/v1"


def sweep_stale(place: Place, steps: Steps) -> None:
    """Delete RayClusters of ours in other namespaces that have had no head for long; says so, and waits for nothing."""
    try:
        for found in ours_in(place.api, place.namespace):
            where = found["metadata"]["namespace"]
            there = Place(place.access, place.api, where)
            if where != place.namespace and (why := stale(found, our_pods(place.api, where), datetime.now(UTC))):
                place.api.delete("ray.io/v1", "RayCluster", found["metadata"]["name"], where)
                steps.note(f"removed {there}: {why}")
    except PoolUnavailable as error:
        steps.note(f"RayClusters that were left behind are not looked for: {error}")


def sweep(place: Place, steps: Steps, *, everything: bool = False, dry_run: bool = False) -> Swept:
    """Remove RayClusters of ours that nobody uses, and wait for their pods' end.

    Args:
        place: The namespace that is meant; others are looked at where the API server allows it.
        steps: Hears of what is waited for.
        everything: Also those that are in use.
        dry_run: Remove nothing.

    Raises SandboxError where the API server cannot be asked.
    """
    swept = Swept()
    for found in ours_in(place.api, place.namespace):
        there = Place(place.access, place.api, found["metadata"]["namespace"])
        try:
            user = "" if everything else user_of(there, found, datetime.now(UTC))
            if user:
                swept.kept[str(there)] = user
                continue
            if not dry_run:
                _remove(there, steps)
            swept.removed.append(str(there))
        except SandboxError as error:
            swept.failed[str(there)] = str(error)
    return swept


def ours_in(api: Api, namespace: str) -> list[Document]:
    """RayClusters of ours, in all namespaces where that can be asked, else in this one."""
    for path in (f"{_ALL}/rayclusters", f"{_ALL}/namespaces/{namespace}/rayclusters"):
        try:
            return api.items(path, labelSelector=template.PART_OF)
        except Refused as error:
            if error.status == 404:  # no operator has ever been here
                return []
            if error.status != 403:
                raise
    raise PoolUnavailable(f"this user may not list RayClusters in namespace {namespace}: ask for that right")


def user_of(place: Place, raycluster: Document, now: datetime) -> str:
    """Who needs a RayCluster, in words; empty where nobody does. Raises SandboxError where that cannot be told."""
    annotations = raycluster["metadata"].get("annotations") or {}
    if "deletionTimestamp" in raycluster["metadata"]:
        return ""
    if who := ", ".join(users(place, raycluster)):
        return who
    made_by = made_by_of(raycluster)
    if driver_of(made_by) is Driver.ALIVE:
        return f"process {made_by.get('livecodebench.pid', 'unknown')}, which asked for it and is running"
    if driver_of(made_by) is Driver.ELSEWHERE and _age_s(annotations.get(template.WANTED), now) < _ASKED_S:
        return f"a process of {made_by.get('livecodebench.host', 'another machine')}, which has just asked for it"
    if _lost_s(raycluster, our_pods(place.api, place.namespace), now) < _LOST_S:
        return "whoever waits for its next head: it has lost the last one within five minutes"
    if annotations.get(template.BY_HAND) == "true":
        limit = annotations.get(template.IDLE, "never")
        until = "" if limit == "never" else f", until nobody has used it for {limit} s"
        return f"whoever brought it up with `livecodebench cluster up`{until}"
    return ""


def stale(raycluster: Document, its_pods: list[Document], now: datetime) -> str:
    """Why a RayCluster can be of no use to anybody, in words; empty where it may be.

    Args:
        raycluster: As Kubernetes has it.
        its_pods: Likewise.
        now: With a time zone.
    """
    meta = raycluster["metadata"]
    if "deletionTimestamp" in meta or any(pods.is_head(pod) and pods.is_ready(pod) for pod in its_pods):
        return ""
    if driver_of(made_by_of(raycluster)) in (Driver.ALIVE, Driver.HERE):
        return ""
    wanted = (meta.get("annotations") or {}).get(template.WANTED, meta.get("creationTimestamp"))
    without_s = min(_age_s(wanted, now), _age_s(_head_condition(raycluster).get("lastTransitionTime"), now))
    if without_s < _STALE_S:
        return ""
    return f"it has had no head for {without_s / 60:.0f} minutes, and who asked for it has gone"


def _lost_s(raycluster: Document, its_pods: list[Document], now: datetime) -> float:
    """How long ago it lost a head that had served; infinite where it did not."""
    condition, made = _head_condition(raycluster), _time(raycluster["metadata"].get("creationTimestamp"))
    changed = _time(condition.get("lastTransitionTime"))
    if condition.get("status") != "False" or made is None or changed is None or (changed - made).total_seconds() < 15:
        return float("inf")
    return (now - changed).total_seconds()


def _head_condition(raycluster: Document) -> Mapping[str, str]:
    conditions = raycluster.get("status", {}).get("conditions") or ()
    return next((one for one in conditions if one["type"] == "HeadPodReady"), {})


def _age_s(text: str | None, now: datetime) -> float:
    """Since then, in seconds; infinite where no time is said."""
    time = _time(text)
    return float("inf") if time is None else (now - time).total_seconds()


def _time(text: str | None) -> datetime | None:
    try:
        time = datetime.fromisoformat(text or "")
    except ValueError:
        return None
    return time if time.tzinfo else None


def _remove(place: Place, steps: Steps) -> None:
    """Delete a RayCluster; returns when it and its pods are gone. Raises PoolUnavailable."""
    with steps.step(f"removing {place}"):
        place.api.delete("ray.io/v1", "RayCluster", template.RAYCLUSTER, place.namespace)
        wait_for_the_end(place.api, place.namespace, steps, lambda: find_raycluster(place.api, place.namespace))


def wait_for_the_end(api: Api, namespace: str, steps: Steps, find: Callable[[], Document | None]) -> None:
    """Return when something that was deleted is gone, and our pods of that namespace. Raises PoolUnavailable."""
    while find() is not None or our_pods(api, namespace):
        steps.waits_for(what_is_left(api, namespace))
        steps.pause(_LOOK_S)


def what_is_left(api: Api, namespace: str) -> str:
    """The pods that still are there, in words."""
    left = our_pods(api, namespace)
    if not left:
        return f"the namespace {namespace} to end"
    named = "; ".join(f"{pod['metadata']['name']} {pods.why_not_ready(pod)}" for pod in left[:3])
    return f"{len(left)} pods to end: {named}"
