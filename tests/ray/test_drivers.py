"""Whoever uses the pool, and how: threads, event loops, processes, actors; and what is left when one dies."""

from __future__ import annotations

import asyncio
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor

import pytest

from lcb_ray.agent.protocol import Limits, Program
from lcb_ray.batch import Batch, Case
from tests.contract.conftest import see
from tests.ray_cluster import LONG_S, until

pytestmark = pytest.mark.ray

ECHO = Program(source=b"import sys\nsys.stdout.write(sys.stdin.read())")
ENDLESS = Program(source=b"while True: pass")


def batch(word: bytes, program: Program = ECHO) -> Batch:
    return Batch(program, lambda: [Case(word, word)], see, Limits(cpu_s=300))


def said(result) -> bytes:
    [seen] = result.checked
    return seen.result.stdout


def test_many_threads_share_a_driver(open_pool):
    pool = open_pool(slots=2)
    words = [b"%d" % number for number in range(40)]
    with ThreadPoolExecutor(8) as threads:
        results = threads.map(lambda word: pool.submit(batch(word)).result(LONG_S), words)
        assert [said(result) for result in results] == words
    assert len(pool.status()["drivers"]) == 1


def test_event_loops_come_and_go(open_pool):
    pool = open_pool(slots=2)

    async def ask(*words: bytes) -> list[bytes]:
        futures = [asyncio.wrap_future(pool.submit(batch(word))) for word in words]
        return [said(result) for result in await asyncio.gather(*futures)]

    async def give_up() -> None:
        running = asyncio.wrap_future(pool.submit(batch(b"", ENDLESS)))
        await asyncio.to_thread(until, lambda: pool.status()["leases"], "the lease of what runs")
        running.cancel()
        with pytest.raises(asyncio.CancelledError):
            await running

    assert asyncio.run(ask(b"1", b"2", b"3")) == [b"1", b"2", b"3"]
    asyncio.run(give_up())
    assert until(lambda: not pool.status()["leases"], "the end of what was cancelled") is True
    assert asyncio.run(ask(b"4")) == [b"4"], "another loop"
    assert said(pool.submit(batch(b"5")).result(LONG_S)) == b"5", "and none"


DRIVER = """
import sys
from lcb_ray.ray_pool.driver import RayPool
from tests.ray.test_drivers import LONG_S, batch, said
pool = RayPool(address=sys.argv[1], name=sys.argv[2])
words = [b"%d" % number for number in range(10)]
assert [said(future.result(LONG_S)) for future in [pool.submit(batch(word)) for word in words]] == words
pool.close()
"""


def test_many_processes_share_a_pool(open_pool, pool_name):
    import ray

    pool = open_pool(slots=2)
    assert said(pool.submit(batch(b"first")).result(LONG_S)) == b"first"
    address = ray.get_runtime_context().gcs_address
    command = [sys.executable, "-c", DRIVER, address, pool_name]
    drivers = [subprocess.Popen(command, stderr=subprocess.PIPE, text=True) for _ in range(2)]
    ours = [pool.submit(batch(b"%d" % number)) for number in range(10)]
    assert [said(future.result(LONG_S)) for future in ours] == [b"%d" % number for number in range(10)]
    for driver in drivers:
        _, errors = driver.communicate(timeout=2 * LONG_S)
        assert driver.returncode == 0, errors
    assert until(lambda: len(pool.status()["drivers"]) == 1, "the others have left") is True


def test_actors_are_drivers_and_a_killed_one_s_lease_is_back(open_pool, pool_name):
    import ray

    @ray.remote(num_cpus=0)
    class Worker:
        def __init__(self, name):
            from lcb_ray.ray_pool.driver import RayPool

            self.pool = RayPool(name=name)

        def ask(self, one):
            return self.pool.submit(one).result(120)

        async def hold(self, one):
            self.held = self.pool.submit(one)

        async def ask_async(self, one):
            return await asyncio.wrap_future(self.pool.submit(one))

    pool = open_pool(slots=2)
    assert said(pool.submit(batch(b"first")).result(LONG_S)) == b"first"
    workers = [Worker.remote(pool_name) for _ in range(2)]
    asked = [worker.ask_async.remote(batch(b"%d" % number)) for number in range(5) for worker in workers]
    assert [said(result) for result in ray.get(asked)] == [b"%d" % number for number in range(5) for _ in range(2)]
    assert said(ray.get(workers[0].ask.remote(batch(b"sync")))) == b"sync"
    assert len(pool.status()["drivers"]) == 3
    ray.get(workers[0].hold.remote(batch(b"", ENDLESS)))
    until(lambda: pool.status()["leases"], "the lease of what runs")
    ray.kill(workers[0])
    assert until(lambda: not pool.status()["leases"], "the dead actor's lease is back") is True
    assert said(ray.get(workers[1].ask_async.remote(batch(b"on")))) == b"on"
    ray.kill(workers[1])
    assert until(lambda: len(pool.status()["drivers"]) == 1, "both are forgotten") is True
