"""What a user needs to be allowed in the namespace, and nowhere else: derived from what is applied there.

`cluster rbac` prints it as a Role, and preflight asks the API server for each of it: one table, so that a Role that was
applied as printed is enough.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import Any

from lcb_ray.kuberay.api import Api, plural_of

Document = Mapping[str, Any]

_ASK_AT_ONCE = 8
_OWNED = ("get", "list", "create", "patch", "delete")
# group, resource, verbs: what is only looked at, and the ways in
_LOOKED_AT: tuple[tuple[str, str, tuple[str, ...]], ...] = (
    ("", "configmaps", _OWNED),  # the agent, where images are stock ones
    ("", "secrets", _OWNED),  # the gateway's token; Ray's own, which KubeRay makes
    ("", "pods", ("get", "list", "watch")),
    ("", "pods/log", ("get",)),
    ("", "pods/portforward", ("get", "create")),  # kubectl asks by the one, older ones by the other
    ("", "events", ("get", "list")),
    ("", "resourcequotas", ("get", "list")),
    ("", "limitranges", ("get", "list")),
    ("", "persistentvolumeclaims", ("get", "list")),
)


@dataclass(frozen=True, slots=True, order=True)
class Right:
    """What may be done to one kind of object of a namespace, or to the namespace itself.

    Attributes:
        group: Of the API; "" for the core.
        resource: Plural, with its part, "pods/log".
        verbs: What may be done.
    """

    group: str
    resource: str
    verbs: tuple[str, ...]

    def as_rule(self) -> dict[str, list[str]]:
        """As a Role has it."""
        return {"apiGroups": [self.group], "resources": [self.resource], "verbs": list(self.verbs)}


def needed(documents: Iterable[Document]) -> tuple[Right, ...]:
    """What is needed to apply these documents, to use what comes of them, and to take it away again.

    Whoever makes a Role must have what that grants, so such rules are needed, too.
    """
    verbs: dict[tuple[str, str], dict[str, None]] = {("", "namespaces"): {"get": None}}
    for group, resource, wanted in _LOOKED_AT:
        verbs.setdefault((group, resource), {}).update(dict.fromkeys(wanted))
    for document in documents:
        if document["kind"] == "Namespace":
            continue
        version = document["apiVersion"]
        kind = (version.partition("/")[0] if "/" in version else "", plural_of(document["kind"]))
        verbs.setdefault(kind, {}).update(dict.fromkeys(_OWNED))
        for rule in document.get("rules", ()) if document["kind"] == "Role" else ():
            for group in rule["apiGroups"]:
                for resource in rule["resources"]:
                    verbs.setdefault((group, resource), {}).update(dict.fromkeys(rule["verbs"]))
    return tuple(sorted(Right(group, resource, tuple(all)) for (group, resource), all in verbs.items()))


def vital(documents: Iterable[Document]) -> tuple[Right, ...]:
    """The same without what Roles among the documents need: what those give is a help, and can be done without."""
    return needed(one for one in documents if one["kind"] not in ("Role", "RoleBinding"))


def lacking(api: Api, namespace: str, wanted: Sequence[Right]) -> tuple[Right, ...]:
    """What of it this user may not do, as the API server says. Raises PoolUnavailable."""
    if may(api, "*", "*", "*", namespace):
        return ()
    asked = [(right, verb) for right in wanted for verb in right.verbs]
    with ThreadPoolExecutor(_ASK_AT_ONCE) as beside:
        answers = list(beside.map(lambda one: may(api, one[1], one[0].group, one[0].resource, namespace), asked))
    denied: dict[Right, list[str]] = {}
    for (right, verb), allowed in zip(asked, answers, strict=True):
        if not allowed:
            denied.setdefault(right, []).append(verb)
    return tuple(Right(right.group, right.resource, tuple(verbs)) for right, verbs in denied.items())


def may(api: Api, verb: str, group: str, resource: str, namespace: str | None = None) -> bool:
    """Whether this user may do something; None as the namespace: in all, or to what is in none."""
    plural, _, part = resource.partition("/")
    attributes = {"verb": verb, "group": group, "resource": plural} | ({"subresource": part} if part else {})
    if namespace is not None:
        attributes["namespace"] = namespace
        if resource == "namespaces":
            attributes["name"] = namespace
    review = {
        "apiVersion": "authorization.k8s.io/v1",
        "kind": "SelfSubjectAccessReview",
        "spec": {"resourceAttributes": attributes},
    }
    answer = api.request("POST", "/apis/authorization.k8s.io/v1/selfsubjectaccessreviews", review)
    return bool(answer.get("status", {}).get("allowed"))


def words(denied: Sequence[Right]) -> str:
    """Rights for people, the first few."""
    shown = [f"{'/'.join(right.verbs)} {right.resource}" for right in denied[:6]]
    more = len(denied) - len(shown)
    return ", ".join(shown) + (f" and {more} more" if more else "")
