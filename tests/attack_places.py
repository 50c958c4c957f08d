"""Where the attacks are run: on this machine, in a container, in a pod, in gVisor; and what each of these needs.

this-kernel …  this machine, as root (tests/attack_target.py)
docker         an engine: its default seccomp profile, the product's own container
pod            a RayCluster that is up (`livecodebench cluster up`), in the context kind-livecodebench or the one
               that LIVECODEBENCH_K8S_CONTEXT names
gvisor         an engine with a runtime `runsc`, or the one that LIVECODEBENCH_SANDBOX_RUNTIME names
"""

from __future__ import annotations

import contextlib
import json
import os
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, closing
from dataclasses import replace
from functools import partial
from typing import Protocol

from livecodebench.judging.sandbox_settings import docker_settings
from tests import kind_cluster
from tests.attack_target import CONFIGURATIONS, Target
from tests.attacks import Attack
from tests.container_target import docker_target, pod_target
from tests.k8s.pods import Pods


class Attacked(Protocol):
    """A target of attacks.

    Attributes:
        properties: That the agent has proven, with the layers that give each.
    """

    properties: dict[str, list[str]]

    def attack(self, attack: Attack) -> list[str]:
        """Run an attack; what it did that it must not."""


@contextlib.contextmanager
def _here(name: str) -> Iterator[Target]:
    if lacks := CONFIGURATIONS[name].lacks():
        raise SystemExit(f"{name}: {lacks}")
    with closing(Target(CONFIGURATIONS[name])) as target:
        yield target


def _gvisor() -> AbstractContextManager[Attacked]:
    settings = docker_settings()
    return docker_target(replace(settings, runtime=settings.runtime or "runsc", profile="gvisor"))


@contextlib.contextmanager
def _pod() -> Iterator[Attacked]:
    context = os.environ.get("LIVECODEBENCH_K8S_CONTEXT") or kind_cluster.CONTEXT
    pods = Pods(context, kind_cluster.NAMESPACE)
    with _kept(pods), pod_target(pods, pods.sandboxes()[0]) as target:
        yield target


@contextlib.contextmanager
def _kept(pods: Pods) -> Iterator[None]:
    """No pod goes because nobody uses it."""

    def keep(least: int) -> None:
        change = [{"op": "replace", "path": "/spec/workerGroupSpecs/0/minReplicas", "value": least}]
        pods.kubectl("patch", "raycluster", "livecodebench", "--type", "json", "--patch", json.dumps(change))

    keep(len(pods.sandboxes()))
    try:
        yield
    finally:
        keep(0)


PLACES: dict[str, Callable[[], AbstractContextManager[Attacked]]] = {
    **{name: partial(_here, name) for name in CONFIGURATIONS},
    "docker": lambda: docker_target(docker_settings()),
    "pod": _pod,
    "gvisor": _gvisor,
}


def opened(name: str) -> AbstractContextManager[Attacked]:
    """The target of a place."""
    return PLACES[name]()
