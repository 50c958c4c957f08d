"""All pools of a Ray cluster, looked at from within it: nothing is started, joined or changed."""

from __future__ import annotations

from typing import Any

import ray
from ray.exceptions import RayError

from lcb_ray.ray_pool.pool_actor import NAMESPACE

_PREFIX = "pool:"
_ANSWER_S = 10.0


def look_at_pools() -> list[dict[str, Any]]:
    """Each pool as lcb_ray.pool_view.PoolView has it, as JSON. This process must be connected to Ray.

    A pool actor that does not answer is left out: it is starting, or ending.
    """
    asked = []
    for actor in ray.util.list_named_actors(all_namespaces=True):
        if actor["namespace"] == NAMESPACE and actor["name"].startswith(_PREFIX):
            try:
                handle: Any = ray.get_actor(actor["name"], NAMESPACE)
            except ValueError:  # it has ended meanwhile
                continue
            asked.append(handle.overview.remote())
    answered, _ = ray.wait(asked, num_returns=len(asked), timeout=_ANSWER_S) if asked else ([], [])
    found = []
    for one in answered:
        try:
            found.append(ray.get(one))
        except RayError:
            continue
    return found
