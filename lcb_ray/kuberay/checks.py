"""Whether a cluster will take what is to be applied, asked of its API server; nothing is created.

Each check looks at one thing, and says so where this user may not look: then what comes later tells, at the latest the
pods' self-test.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

from lcb_ray.kuberay import operator, quota, rights, room
from lcb_ray.kuberay.access import Access
from lcb_ray.kuberay.api import MINIMUM, Api, Refused, number
from lcb_ray.kuberay.findings import Finding, Health
from lcb_ray.kuberay.settings import PREFIX, Images, Settings
from lcb_ray.kuberay.template import RAYCLUSTER, Document, images_of, raycluster_in

MINIMUM_OPERATOR = (1, 6)
_FORBIDDEN, _MISSING, _CONFLICT = 403, 404, 409
_LEVEL = "pod-security.kubernetes.io/enforce"
_OPERATOR_PODS = "app.kubernetes.io/component=kuberay-operator"
# Programs of networks that are known to enforce policies, by the names of their pods' applications
_ENFORCING = ("cilium", "calico-node", "canal", "antrea", "kube-router", "weave-net", "anetd", "azure-npm", "kindnet")


@dataclass(frozen=True, slots=True, kw_only=True)
class Scene:
    """What is looked at.

    Attributes:
        settings: What is wished for.
        access: The way in.
        api: The API server.
        documents: What is to be applied, with sizes and places set.
        namespace: As it is; None where there is none, where it ends just now, or where it may not be looked at.
        sees_namespace: Whether it may be looked at.
        install_operator: It is to be installed.
    """

    settings: Settings
    access: Access
    api: Api
    documents: list[Document]
    namespace: Document | None
    sees_namespace: bool
    install_operator: bool

    @property
    def raycluster(self) -> Document:
        """The one that is to be applied."""
        return raycluster_in(self.documents)

    @property
    def path(self) -> str:
        """Of the namespace, in the API."""
        return f"/api/v1/namespaces/{self.settings.namespace}"


def look(settings: Settings, access: Access, api: Api, documents: list[Document], *, install_operator: bool) -> Scene:
    """What is there. Raises PoolUnavailable where the API server does not answer."""
    try:
        namespace, sees = api.find("v1", "Namespace", settings.namespace), True
    except Refused as error:
        if error.status != _FORBIDDEN:
            raise
        namespace, sees = None, False
    if namespace is not None and "deletionTimestamp" in namespace["metadata"]:
        namespace = None  # its end is waited for, and it is made anew
    return Scene(
        settings=settings,
        access=access,
        api=api,
        documents=documents,
        namespace=namespace,
        sees_namespace=sees,
        install_operator=install_operator,
    )


def version(scene: Scene) -> Finding:
    """Native sidecars need a new enough Kubernetes."""
    found = scene.api.version()
    words = f"Kubernetes {found[0]}.{found[1]}"
    if found < MINIMUM:
        return Finding(
            "version", Health.FAIL, words, f"native sidecars need {MINIMUM[0]}.{MINIMUM[1]}: a newer cluster"
        )
    return Finding("version", Health.OK, words)


def allowed(scene: Scene) -> Finding:
    """What this user may do in the namespace, and whether that is enough."""
    wanted = rights.needed(scene.documents)
    denied = rights.lacking(scene.api, scene.settings.namespace, wanted)
    if denied:
        fix = "an administrator applies what `livecodebench cluster rbac` prints"
        vital = {(one.resource, verb) for one in rights.vital(scene.documents) for verb in one.verbs}
        if any((one.resource, verb) in vital for one in denied for verb in one.verbs):
            return Finding("rights", Health.FAIL, f"this user may not {rights.words(denied)}", fix)
        words = f"what runs in the cluster gets no rights of its own: this user may not {rights.words(denied)}"
        return Finding("rights", Health.NOTE, words, f"it works without; for all of it {fix}")
    return Finding("rights", Health.OK, f"all {len(wanted)} that are needed in namespace {scene.settings.namespace}")


def namespace(scene: Scene) -> Finding:
    """Whether it is there or can be made, what it enforces, and whether others are in it."""
    name, found = scene.settings.namespace, scene.namespace
    if not scene.sees_namespace:
        return Finding("namespace", Health.UNKNOWN, f"this user may not look at {name}", "it is tried")
    if found is None:
        if rights.may(scene.api, "create", "", "namespaces"):
            return Finding("namespace", Health.OK, f"{name} will be made, with Pod Security restricted")
        fix = "an administrator applies what `livecodebench cluster rbac` prints, which has it"
        return Finding("namespace", Health.FAIL, f"there is no {name}, and this user may make none", fix)
    pods = room.if_allowed(lambda: scene.api.items(f"{scene.path}/pods"))
    if others := [pod["metadata"]["name"] for pod in pods or [] if not _part_of_ours(pod)]:
        return Finding(
            "namespace",
            Health.SETTING,
            f"{name} has {len(others)} pods that are not ours ({', '.join(others[:3])}), and our network policies, "
            "which deny by default, would cut them off",
            f"set {PREFIX}NAMESPACE to one that nobody else uses",
        )
    level = (found["metadata"].get("labels") or {}).get(_LEVEL)
    if level != "restricted":
        words = f"{name} is there; Pod Security enforced: {level or 'none'}"
        return Finding("namespace", Health.NOTE, words, "our pods keep to `restricted` by themselves")
    return Finding("namespace", Health.OK, f"{name} is there, Pod Security restricted")


def has_operator(scene: Scene) -> Finding:
    """Whether KubeRay's operator is there, and new enough."""
    if not operator.served(scene.api):
        if scene.install_operator or scene.settings.local:
            return Finding("operator", Health.OK, "will be installed")
        return Finding("operator", Health.FAIL, *operator.ways_to_install(scene.settings, scene.access))
    pods = room.if_allowed(lambda: scene.api.items("/api/v1/pods", labelSelector=_OPERATOR_PODS))
    if pods is None:
        return Finding(
            "operator",
            Health.UNKNOWN,
            "RayClusters are known here; this user may not see which operator runs",
            "1.6 or newer is needed: each pod's self-test finds out whether it set a token",
        )
    if not pods:
        words = "RayClusters are known here, but no pod of the operator was found"
        return Finding("operator", Health.NOTE, words, "where none runs, no pod will come: see its administrator")
    image = str(pods[0]["spec"]["containers"][0]["image"])
    number_of = re.search(r":v?(\d+)\.(\d+)", image)
    if number_of is None:
        return Finding("operator", Health.UNKNOWN, f"runs as {image}", "1.6 or newer is needed")
    if (int(number_of[1]), int(number_of[2])) < MINIMUM_OPERATOR:
        fix = "an older one drops authOptions without a word: 1.6 or newer is needed"
        return Finding("operator", Health.FAIL, f"runs as {image}", fix)
    return Finding("operator", Health.OK, f"runs as {image}")


def accepted(scene: Scene) -> Finding:
    """Whether the API server takes the RayCluster with every field of it."""
    where = scene.settings.namespace
    if scene.namespace is None or not operator.served(scene.api):
        return Finding("RayCluster", Health.UNKNOWN, "cannot be tried before namespace and operator are there")
    if not rights.may(scene.api, "create", "ray.io", "rayclusters", where):
        return Finding("RayCluster", Health.UNKNOWN, "this user may make none")
    try:
        scene.api.would_create(scene.raycluster)
    except Refused as error:
        if error.status != _CONFLICT:
            fix = "the definitions may be older than KubeRay 1.6, or a policy of the cluster refuses it"
            return Finding("RayCluster", Health.FAIL, str(error), fix)
        return Finding("RayCluster", Health.OK, "one is there")
    return Finding("RayCluster", Health.OK, "would be taken, with every field")


def images(scene: Scene) -> Finding:
    """Which images, and whether the secrets for them are there. Whether a node gets them, only a node knows."""
    own = scene.settings.wanted_images is Images.OWN
    given = scene.settings.ray_image is not None and scene.settings.sandbox_image is not None
    if own and not scene.settings.local and not given:
        return Finding(
            "images",
            Health.SETTING,
            "images of our own are wished for in a remote cluster, and no registry is named",
            f"`livecodebench cluster images push` gives them to a registry and prints {PREFIX}RAY_IMAGE and "
            f"{PREFIX}SANDBOX_IMAGE; or leave {PREFIX}IMAGES unset",
        )
    for name in scene.settings.pull_secrets:
        try:
            found = scene.api.find("v1", "Secret", name, scene.settings.namespace)
        except Refused as error:
            return Finding("images", Health.UNKNOWN, f"pull secret {name}: {error}", "pods say when they start")
        if found is None and scene.namespace is not None:
            fix = f"kubectl create secret docker-registry {name} -n {scene.settings.namespace} --docker-server=…"
            return Finding("images", Health.SETTING, f"{PREFIX}PULL_SECRET: there is no secret {name}", fix)
    if scene.settings.local:
        return Finding("images", Health.OK, "built here and loaded into the nodes" if own else "loaded into the nodes")
    names = ", ".join(images_of(scene.raycluster))
    return Finding("images", Health.UNKNOWN, names, "whether nodes can get them is seen when pods start, and said then")


def runtime_class(scene: Scene) -> Finding | None:
    """Whether the RuntimeClass is there."""
    name = scene.settings.runtime_class
    if name is None:
        return None
    try:
        found = scene.api.find("node.k8s.io/v1", "RuntimeClass", name)
    except Refused as error:
        if error.status != _FORBIDDEN:
            raise
        words = f"{name}: this user may not look at RuntimeClasses"
        return Finding("runtime class", Health.UNKNOWN, words, "a pod that names one that is not there is refused")
    if found is None:
        return Finding("runtime class", Health.SETTING, f"{PREFIX}RUNTIME_CLASS: there is no RuntimeClass {name}")
    if "gvisor" in name or "runsc" in str(found.get("handler")):
        words = f"{name} is gVisor, where the agent refuses to start"
        return Finding("runtime class", Health.SETTING, words, "docs/limitations.md says why: take Kata, or none")
    return Finding("runtime class", Health.OK, f"{name}, by {found.get('handler')}")


def storage(scene: Scene) -> Finding | None:
    """Whether the claim for results is there."""
    name = scene.settings.results_claim
    if name is None:
        return None
    if scene.namespace is None:
        words = f"{name} cannot be there before the namespace is"
        return Finding("results", Health.SETTING, f"{PREFIX}RESULTS_CLAIM: {words}", "make both, then bring up")
    found = scene.api.find("v1", "PersistentVolumeClaim", name, scene.settings.namespace)
    if found is None:
        return Finding("results", Health.SETTING, f"{PREFIX}RESULTS_CLAIM: there is no PersistentVolumeClaim {name}")
    return Finding("results", Health.OK, f"claim {name}, {found.get('status', {}).get('phase', 'Pending')}")


def limits(scene: Scene) -> Finding | None:
    """Whether the namespace's LimitRanges let our containers be."""
    found = room.if_allowed(lambda: scene.api.items(f"{scene.path}/limitranges"))
    if found is None:
        return Finding("limits", Health.UNKNOWN, "this user may not look at LimitRanges", "pods say when they start")
    if not found:
        return None
    head, worker = room.pod_specs(scene.raycluster)
    if broken := quota.broken_ranges(found, {"head pod": head, "sandbox pod": worker}, number):
        fix = f"see {PREFIX}SANDBOX_CPU, _SANDBOX_MEMORY, _RAY_CPU, _RAY_MEMORY, _HEAD_CPU, _HEAD_MEMORY, _WATCHDOG_CPU"
        return Finding("limits", Health.SETTING, "; ".join(broken[:4]), fix)
    return Finding("limits", Health.OK, f"{len(found)} LimitRanges, which our containers keep to")


def pool(scene: Scene) -> Finding:
    """How many of the sandbox pods have room."""
    asked = scene.raycluster["spec"]["workerGroupSpecs"][0]["replicas"]
    seen = room.measure(scene.api, scene.settings.namespace, scene.raycluster)
    words = f"{seen.fit.sandboxes} of {asked} sandbox pods fit"
    if not seen.fit.sandboxes or (scene.settings.strict and seen.fit.sandboxes < asked):
        return Finding("room", Health.FAIL, f"{words}: {seen.fit.lacking}", room.FIX)
    if not seen.known:
        if seen.fit.sandboxes == asked:
            words = f"how many of {asked} sandbox pods fit: this user may not look at {seen.unseen}"
        else:
            words += f" by quota: {seen.fit.lacking}; this user may not look at {seen.unseen}"
        return Finding(
            "room", Health.UNKNOWN, words, "pods without a node are said; the pool works with those that have one"
        )
    if seen.fit.sandboxes < asked:
        return Finding("room", Health.NOTE, f"{words}: {seen.fit.lacking}", "the pool starts with those")
    if seen.unseen:
        return Finding("room", Health.NOTE, f"at most {words}: {seen.unseen} cannot be seen")
    return Finding("room", Health.OK, words)


def admission(scene: Scene) -> Finding:
    """Whether the API server would take the pods: Pod Security, quotas, LimitRanges, RuntimeClass, others' policies."""
    where = scene.settings.namespace
    if scene.namespace is None:
        return Finding("admission", Health.UNKNOWN, "pods cannot be tried before the namespace is there")
    if scene.api.find("ray.io/v1", "RayCluster", RAYCLUSTER, where) if operator.served(scene.api) else None:
        return Finding("admission", Health.OK, "a RayCluster is there")
    if not rights.may(scene.api, "create", "", "pods", where):
        return Finding(
            "admission", Health.UNKNOWN, "this user may not make pods, not even on trial", "the operator does"
        )
    head, worker = room.pod_specs(scene.raycluster)
    for what, spec in (("head", head), ("sandbox", worker)):
        labels = {"app.kubernetes.io/part-of": "livecodebench"}
        meta = {"name": f"livecodebench-preflight-{what}", "namespace": where, "labels": labels}
        spec["serviceAccountName"] = "default"  # KubeRay gives the head one of its own, which is not there yet
        try:
            scene.api.would_create({"apiVersion": "v1", "kind": "Pod", "metadata": meta, "spec": spec})
        except Refused as error:
            return Finding("admission", Health.FAIL, f"the {what} pod would be refused: {error}")
    return Finding("admission", Health.OK, "head and sandbox pod would be taken")


def network(scene: Scene) -> Finding:
    """Whether policies are enforced cannot be seen from the API; what runs may hint at it."""
    pods = room.if_allowed(lambda: scene.api.items("/api/v1/namespaces/kube-system/pods"))
    apps = {value for pod in pods or [] for value in (pod["metadata"].get("labels") or {}).values()}
    hint = sorted(name for name in _ENFORCING if name in apps)
    words = f"{hint[0]} runs, which can enforce policies" if hint else "whether policies are enforced cannot be seen"
    return Finding("network", Health.UNKNOWN, words, "each pod's self-test tries; `cluster status` says what it found")


Check = Callable[[Scene], Finding | None]
ALL: Sequence[tuple[str, Check]] = (
    ("version", version),
    ("rights", allowed),
    ("namespace", namespace),
    ("operator", has_operator),
    ("RayCluster", accepted),
    ("images", images),
    ("runtime class", runtime_class),
    ("results", storage),
    ("limits", limits),
    ("room", pool),
    ("admission", admission),
    ("network", network),
)


def _part_of_ours(pod: dict[str, Any]) -> bool:
    labels = pod["metadata"].get("labels") or {}
    return labels.get("app.kubernetes.io/part-of") == "livecodebench" or labels.get("ray.io/cluster") == RAYCLUSTER
