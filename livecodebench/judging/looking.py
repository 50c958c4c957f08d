"""The way to look at pools that others use: of a Ray cluster, behind a gateway, on Kubernetes. Nothing is changed."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from importlib.util import find_spec

from lcb_ray.errors import PoolUnavailable, SandboxUnusable
from lcb_ray.kuberay.settings import SettingError, in_the_cluster, read_settings
from lcb_ray.pool_view import PoolView
from livecodebench.errors import InputError
from livecodebench.judging.backend import ADDRESS_VARIABLE

Look = Callable[[], list[PoolView]]
BACKENDS = ("ray", "kubernetes")


@contextmanager
def looking(backend: str | None = None) -> Iterator[Look]:
    """A function that looks at all pools there are, each time it is called; it raises SandboxError.

    Args:
        backend: "kubernetes": the RayCluster that `cluster up` has made. "ray": what LIVECODEBENCH_RAY_ADDRESS names, a
            cluster or a gateway, else RAY_ADDRESS. None: "ray" where such an address is set, else "kubernetes".

    Raises:
        InputError: No such backend, or no address.
        PoolUnavailable: Nothing answers there.
        SandboxUnusable: A library is missing, or a token.
    """
    if backend is not None and backend not in BACKENDS:
        raise InputError(
            f"--backend {backend!r} has no pool that could be looked at: choose ray or kubernetes; a local run shows "
            "its own progress"
        )
    address = os.environ.get(ADDRESS_VARIABLE) or _cluster_address() or ("auto" if in_the_cluster() else None)
    if backend is None:
        backend = "ray" if address else "kubernetes"
    if backend == "kubernetes" and not in_the_cluster():
        with _kubernetes() as look:
            yield look
    elif address is None:
        raise InputError(
            f"--backend ray: set {ADDRESS_VARIABLE} to the cluster (host:6379) or to a gateway (http://host:port) "
            "whose pools you want to see"
        )
    elif address.startswith(("http://", "https://")):
        from lcb_ray.gateway.looking import look_through_gateway

        yield lambda: look_through_gateway(address)
    else:
        with _ray(address) as look:
            yield look


def _cluster_address() -> str | None:
    """RAY_ADDRESS, unless it is that of Ray's dashboard, for `ray job`."""
    address = os.environ.get("RAY_ADDRESS", "")
    return address if address and not address.startswith("http") else None


@contextmanager
def _ray(address: str) -> Iterator[Look]:
    if find_spec("ray") is None:
        raise SandboxUnusable("looking at a Ray cluster needs Ray: pip install 'lcb-ray[ray]', or name a gateway")
    from lcb_ray.ray_pool.connection import connect, disconnect
    from lcb_ray.ray_pool.looking import look_at_pools

    connect(address, code=())
    try:
        yield lambda: [PoolView.of(one) for one in look_at_pools()]
    finally:
        disconnect()


@contextmanager
def _kubernetes() -> Iterator[Look]:
    try:
        settings = read_settings()
    except SettingError as error:
        raise InputError(str(error)) from error
    if find_spec("kubernetes") is None:
        raise SandboxUnusable("looking at Kubernetes needs its client: pip install 'lcb-ray[kubernetes]'")
    from lcb_ray.gateway.looking import look_through_gateway
    from lcb_ray.kuberay.gateway_start import gateway_there, gateway_token
    from lcb_ray.kuberay.status import standing

    found = standing(settings)
    token = gateway_token(found)

    def look() -> list[PoolView]:
        try:
            return look_through_gateway(forward.url, token)
        except PoolUnavailable as error:
            raise PoolUnavailable(
                f"{error}; the gateway starts with the first command that uses --backend kubernetes, and a job in the "
                "cluster can run `livecodebench top` itself"
            ) from error

    with gateway_there(found) as forward:
        yield look
