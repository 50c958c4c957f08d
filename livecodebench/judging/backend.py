"""From a backend's name to a pool. The one place that knows which backends there are."""

from __future__ import annotations

import sys

from lcb_ray.errors import SandboxUnusable
from lcb_ray.pool import Pool
from livecodebench.errors import InputError

BACKENDS = ("local", "docker", "ray", "kubernetes")


def open_pool(backend: str = "local", *, slots: int | None = None, pool_size: int | None = None) -> Pool:
    """A pool of the named backend; nothing is started before its first batch. Close it when done.

    Args:
        backend: One of BACKENDS.
        slots: Concurrent executions per sandbox; for "local", in all (default: the cores).
        pool_size: Sandboxes; "local" has one, whatever is asked.

    Raises:
        InputError: No such backend, or a size below 1.
        SandboxUnusable: This machine, or this version, cannot have it.
    """
    check_pool_options(backend, slots=slots, pool_size=pool_size)
    if backend != "local":
        raise SandboxUnusable(f"the {backend} backend is not part of this version: use --backend local")
    if sys.platform != "linux":
        raise SandboxUnusable("the local backend needs Linux: use --backend docker on this machine")
    from lcb_ray.local import LocalPool

    return LocalPool(slots)


def check_pool_options(backend: str, *, slots: int | None = None, pool_size: int | None = None) -> None:
    """Refuse options that no pool can have, without opening one. Raises InputError."""
    if backend not in BACKENDS:
        raise InputError(f"--backend {backend!r} is unknown: choose one of {', '.join(BACKENDS)}")
    for name, value in (("--slots", slots), ("--pool-size", pool_size)):
        if value is not None and value < 1:
            raise InputError(f"{name} must be at least 1, not {value}")
