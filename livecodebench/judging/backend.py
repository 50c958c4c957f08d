"""From a backend's name to a pool. The one place that knows which backends there are."""

from __future__ import annotations

import sys
from importlib.util import find_spec

from lcb_ray.errors import SandboxUnusable
from lcb_ray.pool import Pool
from livecodebench.errors import InputError

BACKENDS = ("local", "docker", "ray", "kubernetes")


def open_pool(
    backend: str = "local", *, slots: int | None = None, pool_size: int | None = None, address: str | None = None
) -> Pool:
    """A pool of the named backend; nothing is started before its first batch. Close it when done.

    Args:
        backend: One of BACKENDS.
        slots: Concurrent executions per sandbox; for "local", in all (default: the cores); for "docker" one by default.
        pool_size: Sandboxes; "local" has one, whatever is asked; for "docker" by default as many as there are cores.
        address: For "ray": of the cluster, "host:6379" or "auto". None: the environment's RAY_ADDRESS, and without that
            a Ray of one's own on this machine.

    Raises:
        InputError: No such backend, or a size below 1.
        SandboxUnusable: This machine, or this version, cannot have it.
    """
    check_pool_options(backend, slots=slots, pool_size=pool_size)
    if backend == "ray":
        return _ray_pool(slots, pool_size, address)
    if backend == "docker":
        return _docker_pool(slots, pool_size)
    if backend != "local":
        raise SandboxUnusable(f"the {backend} backend is not part of this version: use --backend local")
    if sys.platform != "linux":
        raise SandboxUnusable("the local backend needs Linux, natively or in a virtual machine or container")
    from lcb_ray.local import LocalPool

    return LocalPool(slots)


def _ray_pool(slots: int | None, pool_size: int | None, address: str | None) -> Pool:
    if find_spec("ray") is None:
        raise SandboxUnusable("the ray backend needs Ray: pip install 'lcb-ray[ray]', or use --backend local")
    from lcb_ray.ray_pool.driver import RayPool

    return RayPool(slots, pool_size=pool_size, address=address, code=("lcb_ray", "livecodebench"))


def _docker_pool(slots: int | None, pool_size: int | None) -> Pool:
    from livecodebench.judging.sandbox_settings import docker_settings

    settings = docker_settings()
    if sys.platform != "linux":
        raise SandboxUnusable("the docker backend needs Linux, with Docker's engine on the same machine")
    if find_spec("docker") is None:
        raise SandboxUnusable("the docker backend needs Docker's SDK: pip install 'lcb-ray[docker]'")
    from lcb_ray.docker_pool.pool import DockerPool

    return DockerPool(slots, pool_size=pool_size, settings=settings)


def check_pool_options(backend: str, *, slots: int | None = None, pool_size: int | None = None) -> None:
    """Refuse options that no pool can have, without opening one. Raises InputError."""
    if backend not in BACKENDS:
        raise InputError(f"--backend {backend!r} is unknown: choose one of {', '.join(BACKENDS)}")
    for name, value in (("--slots", slots), ("--pool-size", pool_size)):
        if value is not None and value < 1:
            raise InputError(f"{name} must be at least 1, not {value}")
