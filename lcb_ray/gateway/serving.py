"""Start a gateway on a cluster, or find the one that is there; replace it where its code, address or token differs."""

from __future__ import annotations

import logging
import os
import time
from dataclasses import replace
from typing import Any

import ray
from ray.actor import ActorHandle
from ray.exceptions import GetTimeoutError, RayError, RayTaskError

from lcb_ray.errors import PoolUnavailable, SandboxError
from lcb_ray.gateway.actor import GatewayActor, GatewayConfig
from lcb_ray.gateway.protocol import TOKEN_VARIABLE
from lcb_ray.ray_pool.connection import connect, disconnect
from lcb_ray.ray_pool.messages import NAMESPACE

GATEWAY_NAME = "gateway"
_ANSWER_S = 120.0  # for a gateway to start
_DRAIN_S = 60.0  # for one that is replaced to hand over what has ended
_AGAIN_S = 0.2

log = logging.getLogger(__name__)


def serve(config: GatewayConfig, *, name: str = GATEWAY_NAME, address: str | None = None) -> str:
    """The URL of a gateway that answers, as the head node sees it. It goes on when this process ends.

    Args:
        config: For a gateway that is made here. One that is there already stays if its code, address and token agree.
        name: Of its actor.
        address: Of the cluster; see lcb_ray.ray_pool.connection.connect.

    Raises:
        SandboxUnusable: There is no token.
        PoolUnavailable: The cluster does not answer, or the gateway does not start.
    """
    if config.token_file is None and not config.token:
        config = replace(config, token=os.environ.get(TOKEN_VARIABLE))
    connect(address, code=config.code)
    try:
        return _serve(config, name)
    finally:
        disconnect()


def stop(*, name: str = GATEWAY_NAME, code: tuple[str, ...] = ("lcb_ray",), address: str | None = None) -> None:
    """End a gateway, if there is one."""
    connect(address, code=code)
    try:
        _end(name)
    finally:
        disconnect()


def _serve(config: GatewayConfig, name: str) -> str:
    try:
        actor = _made(config, name)
        if _asked(actor.fingerprint.remote(), _ANSWER_S) != config.fingerprint():
            log.warning("the gateway has other code, or another address or token: it is replaced")
            _drain(actor)
            _end(name)
            actor = _made(config, name)
        url: str = _asked(actor.url.remote(), _ANSWER_S)
    except RayTaskError as error:
        _end(name)
        if isinstance(error.cause, SandboxError):
            raise error.cause from error
        raise PoolUnavailable(f"the gateway does not start: {error.cause!r}") from error
    except RayError as error:
        raise PoolUnavailable(f"the gateway does not start: {error}") from error
    return url


def _made(config: GatewayConfig, name: str) -> ActorHandle[GatewayActor]:
    options: dict[str, Any] = {
        "name": name,
        "namespace": NAMESPACE,
        "get_if_exists": True,
        "lifetime": "detached",
        "max_restarts": -1,
        "max_task_retries": 0,
        "num_cpus": 0,
        "resources": {"node:__internal_head__": 0.001},
    }
    made: Any = ray.remote(GatewayActor).options(**options).remote(config)
    actor: ActorHandle[GatewayActor] = made
    return actor


def _drain(actor: ActorHandle[GatewayActor]) -> None:
    try:
        _asked(actor.drain.remote(_DRAIN_S), 2 * _DRAIN_S)
    except RayError as error:
        log.warning("the gateway could not hand over: %s", error)


def _end(name: str) -> None:
    """End it, and return when its name is free."""
    until = time.monotonic() + _ANSWER_S
    while True:
        try:
            actor = ray.get_actor(name, NAMESPACE)
        except ValueError:
            return
        ray.kill(actor, no_restart=True)
        if time.monotonic() > until:
            raise PoolUnavailable(f"the gateway {name!r} does not end")
        time.sleep(_AGAIN_S)


def _asked(call: Any, within_s: float) -> Any:  # noqa: ANN401 - what the actor's method returns
    try:
        return ray.get(call, timeout=within_s)
    except GetTimeoutError as error:
        raise PoolUnavailable(f"the gateway did not answer within {within_s:.0f} s") from error
