"""From a backend's name to a pool. The one place that knows which backends there are."""

from __future__ import annotations

import os
import sys
from importlib.util import find_spec

from lcb_ray.errors import SandboxUnusable
from lcb_ray.kuberay.settings import SettingError, in_the_cluster, read_settings
from lcb_ray.pool import Pool
from lcb_ray.rules.events import Priority
from livecodebench.errors import InputError

BACKENDS = ("local", "docker", "ray", "kubernetes")
ADDRESS_VARIABLE = "LIVECODEBENCH_RAY_ADDRESS"  # RAY_ADDRESS may be that of Ray's dashboard, for `ray job`
CODE = ("lcb_ray", "livecodebench")  # what runs in a cluster
PRIORITIES = tuple(Priority)
CODEC = "livecodebench.judging.travel:travel_codec"  # what may travel to a gateway, for its side


def open_pool(
    backend: str = "local",
    *,
    slots: int | None = None,
    pool_size: int | None = None,
    address: str | None = None,
    priority: str = Priority.EVALUATION,
) -> Pool:
    """A pool of the named backend; nothing is started before its first batch. Close it when done.

    Args:
        backend: One of BACKENDS.
        slots: Concurrent executions per sandbox; for "local", in all (default: the cores); for "docker" one by default.
        pool_size: Sandboxes; "local" has one, whatever is asked; for "docker" by default as many as there are cores.
        address: For "ray": of the cluster, "host:6379" or "auto"; or of a gateway to it, "http://host:port", whose
            token is the environment's LIVECODEBENCH_GATEWAY_TOKEN. None: the environment's LIVECODEBENCH_RAY_ADDRESS,
            then RAY_ADDRESS, and without those a Ray of one's own on this machine.
        priority: What it is for, one of PRIORITIES: where a pool is shared by several processes ("ray", "kubernetes"),
            evaluations get three times what training gets while both want all.

    Raises:
        InputError: No such backend or priority, or a size below 1.
        SandboxUnusable: This machine, or this version, cannot have it; or there is no token for a gateway.
    """
    check_pool_options(backend, slots=slots, pool_size=pool_size, priority=priority)
    purpose = Priority(priority)
    if backend == "ray":
        address = address or os.environ.get(ADDRESS_VARIABLE) or None
        if address is not None and address.startswith(("http://", "https://")):
            return _gateway_pool(slots, pool_size, address, purpose)
        return _ray_pool(slots, pool_size, address, purpose)
    if backend == "docker":
        return _docker_pool(slots, pool_size)
    if backend == "kubernetes":
        return _kubernetes_pool(slots, pool_size, purpose)
    if sys.platform != "linux":
        raise SandboxUnusable("the local backend needs Linux: use --backend docker on this machine")
    from lcb_ray.local import LocalPool

    return LocalPool(slots)


def _ray_pool(slots: int | None, pool_size: int | None, address: str | None, priority: Priority) -> Pool:
    if find_spec("ray") is None:
        raise SandboxUnusable("the ray backend needs Ray: pip install 'lcb-ray[ray]', or use --backend local")
    from lcb_ray.ray_pool.driver import RayPool

    return RayPool(slots, pool_size=pool_size, address=address, code=CODE, priority=priority)


def _gateway_pool(slots: int | None, pool_size: int | None, address: str, priority: Priority) -> Pool:
    from lcb_ray.gateway.client import GatewayPool
    from livecodebench.judging.travel import travel_codec

    return GatewayPool(address, codec=travel_codec(), code=CODE, slots=slots, pool_size=pool_size, priority=priority)


def _kubernetes_pool(slots: int | None, pool_size: int | None, priority: Priority) -> Pool:
    if in_the_cluster():
        from lcb_ray.ray_pool.driver import RayPool

        return RayPool(slots, pool_size=pool_size, address="auto", code=CODE, backend="kubernetes", priority=priority)
    if find_spec("kubernetes") is None:
        raise SandboxUnusable("the kubernetes backend needs its client: pip install 'lcb-ray[kubernetes]'")
    from lcb_ray.kuberay.pool import KubernetesPool
    from livecodebench.judging.travel import travel_codec

    return KubernetesPool(
        slots, pool_size=pool_size, codec=travel_codec(), codec_name=CODEC, code=CODE, priority=priority
    )


def _docker_pool(slots: int | None, pool_size: int | None) -> Pool:
    from livecodebench.judging.sandbox_settings import docker_settings

    settings = docker_settings()
    if sys.platform == "win32":
        raise SandboxUnusable("the docker backend needs Linux or macOS: on Windows, use it in WSL 2")
    if find_spec("docker") is None:
        raise SandboxUnusable("the docker backend needs Docker's SDK: pip install 'lcb-ray[docker]'")
    from lcb_ray.docker_pool.pool import DockerPool

    return DockerPool(slots, pool_size=pool_size, settings=settings)


def check_pool_options(
    backend: str, *, slots: int | None = None, pool_size: int | None = None, priority: str = Priority.EVALUATION
) -> None:
    """Refuse options and settings that no pool can have, without opening one. Raises InputError."""
    if backend not in BACKENDS:
        raise InputError(f"--backend {backend!r} is unknown: choose one of {', '.join(BACKENDS)}")
    for name, value in (("--slots", slots), ("--pool-size", pool_size)):
        if value is not None and value < 1:
            raise InputError(f"{name} must be at least 1, not {value}")
    if priority not in PRIORITIES:
        raise InputError(f"priority {priority!r} is unknown: choose one of {', '.join(PRIORITIES)}")
    if backend == "kubernetes":
        try:
            read_settings()
        except SettingError as error:
            raise InputError(str(error)) from error
