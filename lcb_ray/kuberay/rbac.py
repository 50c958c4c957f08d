"""What an administrator applies so that a user without rights of that kind can have a pool: namespace, Role, binding.

A Role in one namespace is enough. Rights beyond it (to look at nodes and at what runs on them) are an extra: with them
preflight and bringing up can reckon how many pods have room, without them the scheduler tells.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

import yaml

from lcb_ray.errors import SandboxUnusable
from lcb_ray.kuberay import operator, rights
from lcb_ray.kuberay.api import Api
from lcb_ray.kuberay.settings import Settings

Document = dict[str, Any]

NAME = "livecodebench-user"
_RBAC = "rbac.authorization.k8s.io"
# Not the label of what is ours: `cluster down` deletes that, and would take its own rights away half-way.
_LABELS = {"app.kubernetes.io/name": NAME}
_NODE_RULES: Sequence[Mapping[str, list[str]]] = (
    {"apiGroups": [""], "resources": ["nodes", "pods"], "verbs": ["get", "list"]},
    {"apiGroups": ["node.k8s.io"], "resources": ["runtimeclasses"], "verbs": ["get", "list"]},
)


class SubjectKind(StrEnum):
    """Who gets rights."""

    USER = "User"
    GROUP = "Group"
    SERVICE_ACCOUNT = "ServiceAccount"


@dataclass(frozen=True, slots=True)
class Subject:
    """Who gets rights.

    Attributes:
        kind: Of whom.
        name: Of whom, as the API server knows them.
        namespace: Of a service account; None: ours.
    """

    kind: SubjectKind
    name: str
    namespace: str | None = None

    def as_document(self, namespace: str) -> dict[str, str]:
        """As a binding has it."""
        if self.kind is SubjectKind.SERVICE_ACCOUNT:
            return {"kind": str(self.kind), "name": self.name, "namespace": self.namespace or namespace}
        return {"kind": str(self.kind), "name": self.name, "apiGroup": _RBAC}


def who_am_i(api: Api) -> Subject:
    """Who the API server takes this user for. Raises PoolUnavailable, SandboxUnusable where it does not say."""
    review = {"apiVersion": "authentication.k8s.io/v1", "kind": "SelfSubjectReview"}
    answer = api.request("POST", "/apis/authentication.k8s.io/v1/selfsubjectreviews", review)
    name = str(answer.get("status", {}).get("userInfo", {}).get("username", ""))
    if not name:
        raise SandboxUnusable("the API server does not say who this user is: say it with --user")
    prefix, _, rest = name.partition("system:serviceaccount:")
    if not prefix and ":" in rest:
        namespace, _, account = rest.partition(":")
        return Subject(SubjectKind.SERVICE_ACCOUNT, account, namespace)
    return Subject(SubjectKind.USER, name)


def documents(settings: Settings, applied: Sequence[Document], subject: Subject, *, nodes: bool) -> list[Document]:
    """The objects.

    Args:
        settings: The namespace.
        applied: What the user will apply there.
        subject: The user.
        nodes: Also let them look at nodes, at pods of all namespaces and at RuntimeClasses.
    """
    where = settings.namespace
    [namespace] = [one for one in applied if one["kind"] == "Namespace"]
    found: list[Document] = [namespace]
    if subject.kind is SubjectKind.SERVICE_ACCOUNT and subject.namespace is None:
        found.append(_object("v1", "ServiceAccount", subject.name, where))
    found.append(
        _object(f"{_RBAC}/v1", "Role", NAME, where) | {"rules": [one.as_rule() for one in rights.needed(applied)]}
    )
    found.append(_binding("RoleBinding", "Role", NAME, where, subject, where))
    if nodes:
        name = f"{NAME}-{where}"
        found.append(_object(f"{_RBAC}/v1", "ClusterRole", name) | {"rules": [dict(rule) for rule in _NODE_RULES]})
        found.append(_binding("ClusterRoleBinding", "ClusterRole", name, None, subject, where))
    return found


def text(settings: Settings, found: Sequence[Document], subject: Subject) -> str:
    """The objects as YAML, with what an administrator has to do as comments before them."""
    lines = [
        f"# What an administrator does so that {subject.kind} {subject.name} can run `livecodebench cluster up`.",
        "#",
        "# 1. Once for the cluster, KubeRay's operator, 1.6 or newer, with its definitions:",
        f"#      {operator.install_command(settings)}",
        "#    An operator that watches chosen namespaces only has to watch this one.",
        "# 2. What follows: livecodebench cluster rbac ... | kubectl apply --server-side -f -",
        f"#    Pod Security `restricted` on {settings.namespace} is met by every pod of ours. Quotas and LimitRanges",
        "#    may be added: `livecodebench cluster preflight` reckons with them.",
        "# 3. For the user: LIVECODEBENCH_K8S_LOCAL=false"
        + (f" LIVECODEBENCH_K8S_NAMESPACE={settings.namespace}" if settings.namespace != "livecodebench" else "")
        + ", and a context of their kubeconfig.",
    ]
    if subject.kind is SubjectKind.SERVICE_ACCOUNT:
        where = subject.namespace or settings.namespace
        lines.append(f"#    A token: kubectl create token {subject.name} -n {where} --duration 24h")
    return "\n".join([*lines, "---", yaml.safe_dump_all(found, sort_keys=False)])


def _binding(kind: str, role: str, name: str, namespace: str | None, subject: Subject, ours: str) -> Document:
    return _object(f"{_RBAC}/v1", kind, name, namespace) | {
        "roleRef": {"apiGroup": _RBAC, "kind": role, "name": name},
        "subjects": [subject.as_document(ours)],
    }


def _object(version: str, kind: str, name: str, namespace: str | None = None) -> Document:
    meta: Document = {"name": name, "labels": dict(_LABELS)}
    if namespace is not None:
        meta["namespace"] = namespace
    return {"apiVersion": version, "kind": kind, "metadata": meta}
