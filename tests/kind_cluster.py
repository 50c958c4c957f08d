"""One kind cluster for all tests that need it: the product's own, brought up and taken down by its own commands.

What differs from machine to machine (the node image, KubeRay's manifests) comes from the environment, by the product's
settings. LIVECODEBENCH_TEST_KEEP=1 leaves it standing, for whoever works on these tests.
"""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
import uuid
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

LONG_S = 900.0
NAMESPACE = "livecodebench"
CONTEXT = "kind-livecodebench"
SANDBOXES = 4  # on two worker nodes of two cores

KEEP = bool(os.environ.get("LIVECODEBENCH_TEST_KEEP"))

_up = False
_pools: list[Any] = []


@dataclass(frozen=True)
class Ended:
    """How a command ended."""

    status: int
    out: str
    err: str


def lacks() -> str:
    """What this machine lacks, in words; empty where nothing."""
    for tool in ("docker", "kind", "kubectl"):
        if shutil.which(tool) is None:
            return f"{tool} is not installed"
    if subprocess.run(["docker", "info"], capture_output=True, check=False).returncode:
        return "Docker does not answer"
    return ""


def command(*words: object, env: Mapping[str, str] | None = None) -> Ended:
    """Run `livecodebench`."""
    done = subprocess.run(
        [sys.executable, "-m", "livecodebench", *map(str, words)],
        capture_output=True,
        text=True,
        timeout=LONG_S,
        env={**os.environ, **(env or {})},
        check=False,
    )
    return Ended(done.returncode, done.stdout, done.stderr)


def start() -> None:
    """Bring it up, at most once. One that is there already is somebody's, and is not used."""
    global _up
    if not _up:
        there = subprocess.run(["kind", "get", "clusters"], capture_output=True, text=True, check=True).stdout.split()
        assert KEEP or "livecodebench" not in there, (
            "there is a kind cluster livecodebench, which these tests would delete: `livecodebench cluster down`, or "
            "set LIVECODEBENCH_TEST_KEEP=1 to test on it"
        )
        _up = True
        ended = command("cluster", "up", "--pool-size", SANDBOXES)
        sys.stderr.write(ended.err)
        assert ended.status == 0, ended.err


def stop() -> None:
    """Take it down, if it was brought up here."""
    global _up
    if _up and not KEEP:
        _up = False
        ended = command("cluster", "down")
        assert ended.status == 0, ended.err


def open_pool(slots: int, **more: Any) -> Any:  # noqa: ANN401 - what the backend takes, and its pool
    """A pool of one sandbox, with a name of its own, that ends with its user."""
    from dataclasses import replace

    from lcb_ray.kuberay.pool import KubernetesPool
    from lcb_ray.kuberay.settings import read_settings
    from livecodebench.judging.backend import CODE

    name = f"test-{uuid.uuid4().hex[:8]}"
    settings = replace(read_settings(), grace_s=1)
    _pools.append(KubernetesPool(slots, pool_size=1, name=name, packages=CODE, settings=settings, **more))
    return _pools[-1]


def close_pools() -> None:
    """Close those pools, whoever opened them: a gateway of other code is waited for as long as it has a user."""
    while _pools:
        _pools.pop().close()


def kubectl(*words: str) -> str:
    """What kubectl says of the namespace."""
    done = subprocess.run(
        ["kubectl", "--context", CONTEXT, "--namespace", NAMESPACE, *words],
        capture_output=True,
        text=True,
        timeout=LONG_S,
        check=False,
    )
    assert done.returncode == 0, (words, done.stderr)
    return done.stdout


def sandboxes() -> list[str]:
    """Names of the sandbox pods that are there and stay."""
    pods = json.loads(kubectl("get", "pods", "--selector", "ray.io/group=sandbox", "--output", "json"))["items"]
    return [pod["metadata"]["name"] for pod in pods if "deletionTimestamp" not in pod["metadata"]]
