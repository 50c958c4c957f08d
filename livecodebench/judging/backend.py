"""From a backend's name to a pool. The one place that knows which backends there are."""

from __future__ import annotations

import os
import sys
from importlib.util import find_spec

from lcb_ray.errors import SandboxUnusable
from lcb_ray.pool import Pool
from livecodebench.errors import InputError

BACKENDS = ("local", "docker", "ray", "kubernetes")
ADDRESS_VARIABLE = "LIVECODEBENCH_RAY_ADDRESS"  # RAY_ADDRESS may be that of Ray's dashboard, for `ray job`
_CODE = ("lcb_ray", "livecodebench")


def open_pool(
    backend: str = "local", *, slots: int | None = None, pool_size: int | None = None, address: str | None = None
) -> Pool:
    """A pool of the named backend; nothing is started before its first batch. Close it when done.

    Args:
        backend: One of BACKENDS.
        slots: Concurrent executions per sandbox; for "local", in all (default: the cores).
        pool_size: Sandboxes; "local" has one, whatever is asked.
        address: For "ray": of the cluster, "host:6379" or "auto"; or of a gateway to it, "http://host:port", with its
            token in the environment's LIVECODEBENCH_GATEWAY_TOKEN. None: LIVECODEBENCH_RAY_ADDRESS, then RAY_ADDRESS,
            and without those a Ray of one's own on this machine.

    Raises:
        InputError: No such backend, or a size below 1.
        SandboxUnusable: This machine, or this version, cannot have it; or there is no token for a gateway.
    """
    check_pool_options(backend, slots=slots, pool_size=pool_size)
    if backend == "ray":
        address = address or os.environ.get(ADDRESS_VARIABLE) or None
        if address is not None and address.startswith(("http://", "https://")):
            return _gateway_pool(slots, pool_size, address)
        return _ray_pool(slots, pool_size, address)
    if backend != "local":
        raise SandboxUnusable(f"the {backend} backend is not part of this version: use --backend local")
    if sys.platform != "linux":
        raise SandboxUnusable("the local backend needs Linux: use --backend docker on this machine")
    from lcb_ray.local import LocalPool

    return LocalPool(slots)


def _ray_pool(slots: int | None, pool_size: int | None, address: str | None) -> Pool:
    if find_spec("ray") is None:
        raise SandboxUnusable("the ray backend needs Ray: pip install 'lcb-ray[ray]', or use --backend local")
    from lcb_ray.ray_pool.driver import RayPool

    return RayPool(slots, pool_size=pool_size, address=address, code=_CODE)


def _gateway_pool(slots: int | None, pool_size: int | None, address: str) -> Pool:
    from lcb_ray.gateway.client import GatewayPool
    from livecodebench.judging.travel import travel_codec

    return GatewayPool(address, codec=travel_codec(), code=_CODE, slots=slots, pool_size=pool_size)


def check_pool_options(backend: str, *, slots: int | None = None, pool_size: int | None = None) -> None:
    """Refuse options that no pool can have, without opening one. Raises InputError."""
    if backend not in BACKENDS:
        raise InputError(f"--backend {backend!r} is unknown: choose one of {', '.join(BACKENDS)}")
    for name, value in (("--slots", slots), ("--pool-size", pool_size)):
        if value is not None and value < 1:
            raise InputError(f"{name} must be at least 1, not {value}")
