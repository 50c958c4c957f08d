"""Finds the pool actor of a name, or makes it."""

from __future__ import annotations

from typing import Any

import ray
from ray.actor import ActorHandle

from lcb_ray.ray_pool.messages import NAMESPACE, PoolConfig
from lcb_ray.ray_pool.pool_actor import PoolActor

_MOST_CALLS = 10_000  # at once: two long ones for each driver


def open_pool_actor(config: PoolConfig) -> ActorHandle[PoolActor]:
    """The pool actor of this name; made where there is none."""
    options: dict[str, Any] = {
        "name": f"pool:{config.name}",
        "namespace": NAMESPACE,
        "get_if_exists": True,
        "lifetime": "detached",
        "max_restarts": -1,
        "max_task_retries": 0,
        "max_concurrency": _MOST_CALLS,
        "num_cpus": 0,
        "resources": {"node:__internal_head__": 0.001},
    }
    made: Any = ray.remote(PoolActor).options(**options).remote(config)
    actor: ActorHandle[PoolActor] = made
    return actor
