"""The settings of the Kubernetes backend: environment variables, checked before anything is created.

Which cluster is the decision that must not go wrong. With LIVECODEBENCH_K8S_LOCAL unset or true it is a cluster that is
made for this purpose on this machine, whatever contexts the user has; with false it is LIVECODEBENCH_K8S_CONTEXT, else
the kubeconfig's current context. Wishes that contradict each other are refused.
"""

from __future__ import annotations

import math
import os
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from pathlib import Path
from typing import TypeVar

from lcb_ray.cluster_files import AGENT_SOCKET, GATEWAY_TOKEN_FILE, RESULTS_FOLDER
from lcb_ray.kuberay.scheduling import Selector, Toleration, parse_selector, parse_tolerations

T = TypeVar("T")

PREFIX = "LIVECODEBENCH_K8S_"
KUBERAY_VERSION = "v1.6.0"
KUBERAY_MANIFESTS = f"https://github.com/ray-project/kuberay/ray-operator/config/default?ref={KUBERAY_VERSION}"
NODE_IMAGE = "kindest/node:v1.34.4"  # kind v0.20's own is older than native sidecars
IDLE_S, UP_IDLE_S = 1800.0, 28800.0  # half an hour; a working day for what somebody has brought up by hand
_LEAST_IDLE_S, _MOST_IDLE_S = 10, 30 * 86400
_LEAST_RAY_CPUS = 0.25  # at a tenth of a CPU it never came up
_NAME = re.compile(r"[a-z0-9]([-a-z0-9]{0,38}[a-z0-9])?")
_OBJECT = re.compile(r"[a-z0-9]([-a-z0-9.]*[a-z0-9])?")
_NAME_LENGTH = 253
_QUANTITY = re.compile(r"[0-9]+(\.[0-9]+)?(m|k|M|G|T|Ki|Mi|Gi|Ti)?")


# Set by ray-cluster/base/raycluster.yaml in the Ray containers, and by nobody else.
_MARKS = (GATEWAY_TOKEN_FILE, AGENT_SOCKET)


class SettingError(ValueError):
    """A setting that cannot be. The message names the variable and the fix."""


class Provider(StrEnum):
    """What makes a local cluster."""

    KIND = "kind"
    MINIKUBE = "minikube"


class Images(StrEnum):
    """Which images the pods run.

    Attributes:
        OWN: Built here from ray-cluster/ and loaded into the nodes: our code and numpy are in them.
        STOCK: Public ones; our code travels with the job, the agent in a ConfigMap, and programs have no numpy.
    """

    OWN = "own"
    STOCK = "stock"


class Replace(StrEnum):
    """What becomes of a RayCluster of another version.

    Attributes:
        WAIT: It is replaced once nobody uses it any more.
        NOW: It is replaced at once, and what runs there is lost.
    """

    WAIT = "wait"
    NOW = "now"


@dataclass(frozen=True, slots=True, kw_only=True)
class Settings:
    """What the environment says.

    Attributes:
        local: Use a cluster of ours on this machine; otherwise one that the kubeconfig names.
        provider: What makes the local one.
        context: Of the kubeconfig, for a remote one; None: the current context.
        delete_on_cleanup: Delete the local cluster when the last pool of this process closes.
        namespace: Where everything lies.
        images: Which kind of images; None: own for a local cluster, stock for a remote one.
        ray_image: The Ray container's, instead of what `images` says.
        sandbox_image: The sandbox container's, likewise.
        node_image: Of kind's nodes.
        kuberay_manifests: A kustomize folder or address with KubeRay's operator.
        sandbox_cpu: Of each sandbox container, for each of its slots; None: as the YAML has it.
        sandbox_memory: Likewise.
        ray_cpu: Of the Ray container beside it; None: as the YAML has it.
        ray_memory: Likewise.
        head_cpu: Of the head's Ray container; None: as the YAML has it.
        head_memory: Likewise.
        watchdog_cpu: Of the watchdog beside it; None: as the YAML has it.
        runtime_class: Of the sandbox pods; None: the nodes' own.
        node_selector: Labels of the nodes that sandbox pods may go to.
        tolerations: Taints that sandbox pods bear.
        head_node_selector: For the head.
        head_tolerations: For the head.
        pull_secrets: Secrets of the namespace by which nodes get images.
        results_claim: A PersistentVolumeClaim of the namespace that the head has as its folder for results.
        grace_s: How long the pool stays after its last driver has left; its pods go some minutes later.
        strict: Fewer sandboxes than asked for is an error.
        timeout_s: For each step of bringing up.
        idle_timeout_s: After which the head removes its RayCluster where nobody has used it; infinite: never. None:
            IDLE_S, or UP_IDLE_S where `cluster up` asked for it.
        replace: What to do with a RayCluster of another version that others use.
    """

    local: bool = True
    provider: Provider = Provider.KIND
    context: str | None = None
    delete_on_cleanup: bool = False
    namespace: str = "livecodebench"
    images: Images | None = None
    ray_image: str | None = None
    sandbox_image: str | None = None
    node_image: str = NODE_IMAGE
    kuberay_manifests: str = KUBERAY_MANIFESTS
    sandbox_cpu: str | None = None
    sandbox_memory: str | None = None
    ray_cpu: str | None = None
    ray_memory: str | None = None
    head_cpu: str | None = None
    head_memory: str | None = None
    watchdog_cpu: str | None = None
    runtime_class: str | None = None
    node_selector: Selector = ()
    tolerations: tuple[Toleration, ...] = ()
    head_node_selector: Selector = ()
    head_tolerations: tuple[Toleration, ...] = ()
    pull_secrets: tuple[str, ...] = ()
    results_claim: str | None = None
    grace_s: float = 60.0
    strict: bool = False
    timeout_s: float = 900.0
    idle_timeout_s: float | None = None
    replace: Replace = Replace.WAIT

    @property
    def wanted_images(self) -> Images:
        """Which kind of images the pods run."""
        return self.images or (Images.OWN if self.local else Images.STOCK)


@dataclass(frozen=True, slots=True)
class Variable:
    """One environment variable, for documents and --help.

    Attributes:
        name: Of the variable.
        meaning: What it does, with its default.
    """

    name: str
    meaning: str
    _field: str = field(repr=False)
    _parse: Callable[[str, str], object] = field(repr=False)


def _text(_: str, value: str) -> str:
    return value


def _flag(name: str, value: str) -> bool:
    match value.lower():
        case "true" | "1" | "yes" | "on":
            return True
        case "false" | "0" | "no" | "off":
            return False
    raise SettingError(f"{name}={value!r}: set it to true or false")


def _one_of(kind: type[StrEnum]) -> Callable[[str, str], object]:
    def parse(name: str, value: str) -> object:
        try:
            return kind(value.lower())
        except ValueError:
            raise SettingError(f"{name}={value!r}: set it to {' or '.join(kind)}") from None

    return parse


def _name(name: str, value: str) -> str:
    if not _NAME.fullmatch(value):
        raise SettingError(f"{name}={value!r}: use at most 40 of a-z, 0-9 and -, a letter or digit first and last")
    return value


def _object(name: str, value: str) -> str:
    if len(value) > _NAME_LENGTH or not _OBJECT.fullmatch(value):
        raise SettingError(f"{name}={value!r}: use a name as Kubernetes has them: a-z, 0-9, - and .")
    return value


def _objects(name: str, value: str) -> tuple[str, ...]:
    return tuple(dict.fromkeys(_object(name, one.strip()) for one in value.split(",") if one.strip()))


def _by(parse: Callable[[str], object]) -> Callable[[str, str], object]:
    def parsed(name: str, value: str) -> object:
        try:
            return parse(value)
        except ValueError as error:
            raise SettingError(f"{name}: {error}") from None

    return parsed


def _quantity(name: str, value: str) -> str:
    if not _QUANTITY.fullmatch(value):
        raise SettingError(f"{name}={value!r}: write it as Kubernetes does, such as 500m or 2Gi")
    return value


def _cpus_for_ray(name: str, value: str) -> str:
    quantity = _quantity(name, value)
    number = quantity.removesuffix("m")
    if quantity[-1] in "m0123456789" and float(number) / (1000 if quantity.endswith("m") else 1) < _LEAST_RAY_CPUS:
        raise SettingError(
            f"{name}={value!r}: with so little Ray does not start before Kubernetes gives it up, and its pods are made "
            f"again and again; set it to {1000 * _LEAST_RAY_CPUS:.0f}m or more"
        )
    return quantity


def _seconds(name: str, value: str) -> float:
    try:
        seconds = float(value)
    except ValueError:
        seconds = 0.0
    if not 1 <= seconds <= 86400:
        raise SettingError(f"{name}={value!r}: set it to a number of seconds, 1 to 86400")
    return seconds


def _idle(name: str, value: str) -> float:
    if value.lower() in ("0", "never"):
        return math.inf
    try:
        seconds = float(value)
    except ValueError:
        seconds = 0.0
    if not _LEAST_IDLE_S <= seconds <= _MOST_IDLE_S:
        raise SettingError(
            f"{name}={value!r}: set it to a number of seconds, {_LEAST_IDLE_S} to {_MOST_IDLE_S}, or to `never`"
        )
    return seconds


VARIABLES = (
    Variable(
        f"{PREFIX}LOCAL",
        "true (default): a cluster of ours on this machine; false: one that the kubeconfig names",
        "local",
        _flag,
    ),
    Variable(f"{PREFIX}PROVIDER", "kind (default) or minikube: makes the local one", "provider", _one_of(Provider)),
    Variable(
        f"{PREFIX}CONTEXT",
        "the kubeconfig's context for a remote one (default: its current context)",
        "context",
        _text,
    ),
    Variable(f"{PREFIX}NAMESPACE", "the namespace (default: livecodebench)", "namespace", _name),
    Variable(
        f"{PREFIX}IMAGES",
        "own (default where local): built here, with numpy; stock (default where remote): public ones, without",
        "images",
        _one_of(Images),
    ),
    Variable(f"{PREFIX}RAY_IMAGE", "the Ray container's image", "ray_image", _text),
    Variable(f"{PREFIX}SANDBOX_IMAGE", "the sandbox container's image", "sandbox_image", _text),
    Variable(
        f"{PREFIX}PULL_SECRET",
        "secrets of the namespace by which nodes get images from a private registry, such as a,b",
        "pull_secrets",
        _objects,
    ),
    Variable(f"{PREFIX}NODE_IMAGE", f"of kind's nodes (default: {NODE_IMAGE})", "node_image", _text),
    Variable(
        f"{PREFIX}KUBERAY_MANIFESTS",
        f"a kustomize folder or address with KubeRay's operator (default: its release {KUBERAY_VERSION})",
        "kuberay_manifests",
        _text,
    ),
    Variable(f"{PREFIX}SANDBOX_CPU", "CPUs for each slot of a sandbox, such as 500m", "sandbox_cpu", _quantity),
    Variable(f"{PREFIX}SANDBOX_MEMORY", "memory for each slot of a sandbox, such as 2Gi", "sandbox_memory", _quantity),
    Variable(f"{PREFIX}RAY_CPU", "CPUs for the Ray container beside it, requests and limits", "ray_cpu", _cpus_for_ray),
    Variable(f"{PREFIX}RAY_MEMORY", "memory for the Ray container beside it", "ray_memory", _quantity),
    Variable(f"{PREFIX}HEAD_CPU", "CPUs for the head's Ray container, requests and limits", "head_cpu", _cpus_for_ray),
    Variable(f"{PREFIX}HEAD_MEMORY", "memory for the head's Ray container", "head_memory", _quantity),
    Variable(
        f"{PREFIX}WATCHDOG_CPU",
        "CPUs for the watchdog beside it, requests and limits, such as 50m where a LimitRange wants that",
        "watchdog_cpu",
        _quantity,
    ),
    Variable(f"{PREFIX}RUNTIME_CLASS", "the RuntimeClass of sandbox pods, such as kata", "runtime_class", _object),
    Variable(
        f"{PREFIX}NODE_SELECTOR",
        "labels of the nodes for sandbox pods, such as pool=sandbox,disk=ssd",
        "node_selector",
        _by(parse_selector),
    ),
    Variable(
        f"{PREFIX}TOLERATIONS",
        "taints that sandbox pods bear, such as dedicated=sandbox:NoSchedule,spot",
        "tolerations",
        _by(parse_tolerations),
    ),
    Variable(f"{PREFIX}HEAD_NODE_SELECTOR", "the same for the head", "head_node_selector", _by(parse_selector)),
    Variable(f"{PREFIX}HEAD_TOLERATIONS", "the same for the head", "head_tolerations", _by(parse_tolerations)),
    Variable(
        f"{PREFIX}RESULTS_CLAIM",
        f"a PersistentVolumeClaim of the namespace: the head has it at {RESULTS_FOLDER}, for results of Ray jobs",
        "results_claim",
        _object,
    ),
    Variable(f"{PREFIX}GRACE", "seconds that a pool stays after its last user (default: 60)", "grace_s", _seconds),
    Variable(f"{PREFIX}STRICT", "true: fewer sandboxes than --pool-size is an error (default: said)", "strict", _flag),
    Variable(f"{PREFIX}TIMEOUT", "seconds for each step of bringing up (default: 900)", "timeout_s", _seconds),
    Variable(
        f"{PREFIX}IDLE_TIMEOUT",
        f"seconds after which the head removes its RayCluster where nobody has used it (default: {IDLE_S:.0f}; after "
        f"`cluster up` {UP_IDLE_S:.0f}); 0 or never: it stays",
        "idle_timeout_s",
        _idle,
    ),
    Variable(
        f"{PREFIX}REPLACE",
        "wait (default): a RayCluster of another version is replaced once nobody uses it; now: at once",
        "replace",
        _one_of(Replace),
    ),
)
KUBECONFIG = ("KUBECONFIG", "the kubeconfig, as kubectl has it (default: ~/.kube/config)")
SIZES = (  # of all backends, read by the commands
    ("LIVECODEBENCH_POOL_SIZE", "the most sandbox pods, where --pool-size is not given (default: 10)"),
    ("LIVECODEBENCH_SLOTS", "executions at once in each pod, where --slots is not given (default: 1)"),
)
DELETE = ("DELETE_CLUSTER_ON_CLEANUP", "any value: delete the local cluster that was made here when its pool closes")


def table() -> list[tuple[str, str]]:
    """Every setting, by name, and what it does: for documents and --help."""
    return [*((one.name, one.meaning) for one in VARIABLES), *SIZES, KUBECONFIG, DELETE]


def read_settings(environment: Mapping[str, str] | None = None) -> Settings:
    """The settings that the environment (default: this process') has. Empty variables count as unset.

    Raises SettingError.
    """
    given = os.environ if environment is None else environment
    values: dict[str, object] = {}
    for variable in VARIABLES:
        if value := given.get(variable.name, "").strip():
            values[variable._field] = variable._parse(variable.name, value)
    if "context" in values and "local" not in values:
        raise SettingError(
            f"{PREFIX}CONTEXT={values['context']!r} is set and {PREFIX}LOCAL is not: to use that context, set "
            f"{PREFIX}LOCAL=false; to use a local cluster made for this purpose, unset {PREFIX}CONTEXT"
        )
    if values.get("local", True) and "context" in values:
        raise SettingError(
            f"{PREFIX}CONTEXT={values['context']!r} names a remote cluster and {PREFIX}LOCAL is true: set "
            f"{PREFIX}LOCAL=false, or unset {PREFIX}CONTEXT"
        )
    if unknown := _unknown_names(given):
        raise SettingError(f"{', '.join(unknown)}: no such setting; there are {', '.join(v.name for v in VARIABLES)}")
    return Settings(delete_on_cleanup=bool(given.get(DELETE[0])), **values)  # type: ignore[arg-type]


def _unknown_names(environment: Mapping[str, str]) -> list[str]:
    """Variables that look like ours and are none: a mistyped one would be ignored in silence."""
    known = {variable.name for variable in VARIABLES}
    return sorted(name for name in environment if name.startswith(PREFIX) and name not in known)


def state_folder(environment: Mapping[str, str] | None = None) -> Path:
    """Where this machine remembers which local clusters were made here."""
    given = os.environ if environment is None else environment
    base = given.get("XDG_STATE_HOME") or str(Path.home() / ".local" / "state")
    return Path(base) / "livecodebench"


def in_the_cluster() -> bool:
    """Whether this process runs in a pod of the RayCluster."""
    return any(name in os.environ for name in _MARKS)
