"""All pools of a Ray cluster, looked at from within it: nothing is started, joined or changed."""

from __future__ import annotations

import os
import socket
from contextlib import suppress
from typing import Any

import ray
from ray.exceptions import RayError

from lcb_ray.ray_pool.messages import NAMESPACE

_PREFIX = "pool:"
_ANSWER_S = 10.0


def look_at_pools() -> list[dict[str, Any]]:
    """Each pool as lcb_ray.pool_view.PoolView has it, as JSON. This process must be connected to Ray.

    A pool actor that does not answer is left out: it is starting, or ending.
    """
    return _answers([actor.overview.remote() for actor in _pool_actors()])


def drivers_elsewhere() -> list[str]:
    """Drivers of any pool that are not in this process: host and process of each. As look_at_pools."""
    found = _answers([actor.status.remote() for actor in _pool_actors()])
    return [label for pool in found for label in pool["drivers"].values() if label != process_label()]


def process_label() -> str:
    """This process, for people."""
    return f"{socket.gethostname()} pid {os.getpid()}"


def _pool_actors() -> list[Any]:
    found: list[Any] = []
    for actor in ray.util.list_named_actors(all_namespaces=True):
        if actor["namespace"] == NAMESPACE and actor["name"].startswith(_PREFIX):
            with suppress(ValueError):  # it has ended meanwhile
                found.append(ray.get_actor(actor["name"], NAMESPACE))
    return found


def _answers(asked: list[Any]) -> list[dict[str, Any]]:
    answered, _ = ray.wait(asked, num_returns=len(asked), timeout=_ANSWER_S) if asked else ([], [])
    found: list[dict[str, Any]] = []
    for one in answered:
        with suppress(RayError):
            found.append(ray.get(one))
    return found
