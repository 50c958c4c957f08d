"""What ResourceQuotas and LimitRanges of a namespace say of our pods. Pure: all comes in as documents of the API."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from lcb_ray.kuberay.fit import Fit

Document = Mapping[str, Any]
Number = Callable[[str], float]  # of an amount as Kubernetes writes it

_RESOURCES = ("cpu", "memory", "ephemeral-storage")
_LIMITS = {f"limits.{name}": ("limits", name) for name in _RESOURCES}
# A quota's key -> which amounts of a container it counts
_COUNTED = {
    **{name: ("requests", name) for name in _RESOURCES},
    **{f"requests.{name}": ("requests", name) for name in _RESOURCES},
    **_LIMITS,
}
_PODS = ("pods", "count/pods")
_OURS = ("NotTerminating", "NotBestEffort")  # scopes that our pods are in


@dataclass(frozen=True, slots=True)
class Asked:
    """What a pod counts for under one key of a quota.

    Attributes:
        amount: So much.
        unsaid: Containers that do not say it: a quota on it then refuses the pod.
    """

    amount: float
    unsaid: tuple[str, ...]


def asked_by(pod_spec: Document, key: str, number: Number) -> Asked:
    """What a pod counts for."""
    if key in _PODS:
        return Asked(1, ())
    where, name = _COUNTED[key]
    running = starting = 0.0
    unsaid = []
    for container, is_init in _containers(pod_spec):
        amount = _amount(container, where, name)
        if amount is None:
            unsaid.append(container["name"])
            continue
        if is_init and container.get("restartPolicy") != "Always":
            starting = max(starting, running + number(amount))
        else:
            running += number(amount)
    return Asked(max(running, starting), tuple(unsaid))


def by_quota(
    quotas: Sequence[Document],
    ours: Sequence[Document],
    *,
    head: Document,
    sandbox: Document,
    most: int,
    number: Number,
) -> Fit:
    """How many sandbox pods quotas leave room for, beside the head.

    Args:
        quotas: Of the namespace.
        ours: Pods that are ours already, and counted as used.
        head: The head's pod specification.
        sandbox: A sandbox's.
        most: So many are asked for.
        number: Reads amounts.
    """
    found = Fit(most, "")
    for quota in quotas:
        spec = quota["spec"]
        if not set(spec.get("scopes") or ()) <= set(_OURS) or spec.get("scopeSelector"):
            continue
        for key, hard in (quota.get("status", {}).get("hard") or spec.get("hard") or {}).items():
            if key not in _COUNTED and key not in _PODS:
                continue
            name = f"quota {quota['metadata']['name']}"
            asked = asked_by(sandbox, key, number)
            if asked.unsaid or asked_by(head, key, number).unsaid:
                unsaid = {*asked.unsaid, *asked_by(head, key, number).unsaid}
                return Fit(0, f"{name} counts {key}, which {', '.join(sorted(unsaid))} of our pods do not say")
            used = number((quota.get("status", {}).get("used") or {}).get(key, "0"))
            mine = sum(asked_by(pod["spec"], key, number).amount for pod in ours)
            left = number(hard) - max(used - mine, 0.0) - asked_by(head, key, number).amount
            fits = int(left / asked.amount + 1e-9) if asked.amount else most
            if left < 0 or fits < found.sandboxes:
                words = f"{name} allows {key}={hard}, of which others use {_short(max(used - mine, 0.0))}"
                found = Fit(max(fits, 0) if left >= 0 else 0, words)
    return found


def broken_ranges(ranges: Sequence[Document], pods: Mapping[str, Document], number: Number) -> list[str]:
    """What of our pods LimitRanges refuse, in words.

    Args:
        ranges: Of the namespace.
        pods: Pod specifications, by what they are.
        number: Reads amounts.
    """
    found = []
    for one in ranges:
        name = one["metadata"]["name"]
        for item in one["spec"]["limits"]:
            for what, spec in pods.items():
                if item["type"] == "Container":
                    parts = {
                        f"container {container['name']} of the {what}": container for container, _ in _containers(spec)
                    }
                    for part, container in parts.items():
                        found += [f"LimitRange {name}: {part} {wrong}" for wrong in _wrong(container, item, number)]
                elif item["type"] == "Pod":
                    found += [f"LimitRange {name}: the {what} {wrong}" for wrong in _wrong_pod(spec, item, number)]
    return found


def _wrong(container: Document, item: Document, number: Number) -> Iterator[str]:
    for key in _RESOURCES:
        limit = _amount(container, "limits", key) or (item.get("default") or {}).get(key)
        request = _amount(container, "requests", key) or (item.get("defaultRequest") or {}).get(key) or limit
        most, least = (item.get("max") or {}).get(key), (item.get("min") or {}).get(key)
        ratio = (item.get("maxLimitRequestRatio") or {}).get(key)
        if most is not None and limit is not None and number(limit) > number(most):
            yield f"may take {limit} {key}, and the most is {most}"
        if least is not None and request is not None and number(request) < number(least):
            yield f"asks for {request} {key}, and the least is {least}"
        if ratio is not None and limit and request and number(limit) > number(ratio) * number(request):
            yield f"may take {limit} {key} and asks for {request}: at most {ratio} times that is allowed"


def _wrong_pod(spec: Document, item: Document, number: Number) -> Iterator[str]:
    for key in _RESOURCES:
        most, least = (item.get("max") or {}).get(key), (item.get("min") or {}).get(key)
        if most is not None and asked_by(spec, f"limits.{key}", number).amount > number(most):
            yield f"may take more {key} than {most}"
        if least is not None and asked_by(spec, f"requests.{key}", number).amount < number(least):
            yield f"asks for less {key} than {least}"


def _containers(pod_spec: Document) -> Iterator[tuple[Document, bool]]:
    for container in pod_spec.get("initContainers") or ():
        yield container, True
    for container in pod_spec["containers"]:
        yield container, False


def _amount(container: Document, where: str, name: str) -> str | None:
    resources = container.get("resources") or {}
    found = (resources.get(where) or {}).get(name)
    if found is None and where == "requests":  # a limit without a request is the request
        found = (resources.get("limits") or {}).get(name)
    return None if found is None else str(found)


def _short(amount: float) -> str:
    return f"{amount / 2**30:.1f}Gi" if amount >= 2**24 else f"{amount:g}"
