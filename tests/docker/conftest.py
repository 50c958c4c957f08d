"""Pools of containers for tests of their faults. All that a test starts is gone at its end, or the test fails."""

from __future__ import annotations

import gc
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from typing import TYPE_CHECKING

import pytest

from tests import containers

if TYPE_CHECKING:
    from lcb_ray.docker_pool.pool import DockerPool


@pytest.fixture
def open_pool() -> Iterator[Callable[..., DockerPool]]:
    from lcb_ray.docker_pool.pool import DockerPool

    with ExitStack() as pools:

        def opened(*args: object, **options: object) -> DockerPool:
            pool = DockerPool(*args, **options)  # type: ignore[arg-type]
            pools.callback(pool.close)
            return pool

        yield opened


@pytest.fixture(autouse=True)
def _nothing_is_left() -> Iterator[None]:
    before = containers.ours()
    yield
    gc.collect()  # what a test has thrown away makes its warnings in that test
    containers.until(lambda: containers.ours() <= before, "the end of all containers that the test has started")


@pytest.fixture
def image(open_pool: Callable[..., DockerPool]) -> str:
    """The sandbox image, built where it is not there yet."""
    pool = open_pool(1, pool_size=1)
    pool.info()
    _, image = pool._containers._ready
    return image.name
