"""Pools on one Ray for the whole session; each test has a pool name of its own, so that what it breaks is its own."""

from __future__ import annotations

import uuid
from collections.abc import Callable, Iterator
from contextlib import ExitStack, closing

import pytest

from tests import ray_cluster


@pytest.fixture(scope="session")
def cluster() -> Iterator[None]:
    ray_cluster.start()
    yield
    ray_cluster.stop()


@pytest.fixture
def pool_name() -> str:
    return f"test-{uuid.uuid4().hex[:8]}"


@pytest.fixture
def open_pool(cluster: None, pool_name: str) -> Iterator[Callable]:
    """Opens pools of this test's name; all are closed at the end, and the pool with them."""
    from lcb_ray.ray_pool.driver import RayPool
    from lcb_ray.rules.state import PoolRules

    with ExitStack() as opened:

        def open_pool(slots: int = 1, *, pool_size: int = 1, **more: object) -> RayPool:
            settings = {"name": pool_name, "rules": PoolRules(grace_s=1), **more}
            return opened.enter_context(closing(RayPool(slots, pool_size=pool_size, **settings)))

        yield open_pool
