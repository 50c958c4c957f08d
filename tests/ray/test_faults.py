"""Real faults: whatever is killed, every batch comes to its end once, and no fault is scored."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from contextlib import suppress
from pathlib import Path

import pytest

from lcb_ray.agent.protocol import Limits, Program
from lcb_ray.batch import Batch, Case
from tests import processes
from tests.contract.conftest import see
from tests.ray_cluster import LONG_S, RayHost, kill, until

pytestmark = pytest.mark.ray

BUSY = "import time\nwhile time.process_time() < 1.0: pass\nprint(input())"
ECHO = "print(input())"
LIMITS = Limits(cpu_s=20)


def batch(source, count, *, limits=LIMITS):
    cases = [Case(b"%d\n" % number, b"%d\n" % number) for number in range(count)]
    return Batch(Program(source=source.encode()), lambda: cases, see, limits, stop_at_failure=False)


def leases(pool):
    return pool.status()["leases"]


def passed(future, count):
    done = future.result(LONG_S)
    return [seen.passed for seen in done.checked] == [True] * count


def test_a_killed_agent(open_pool):
    pool = open_pool()
    running = pool.submit(batch(BUSY, 4))
    host = RayHost(pool)
    until(lambda: processes.programs(host.agent), "the agent has the batch: before that its end costs no attempt")
    host.kill_agents()
    assert passed(running, 4)
    assert running.result().attempts == 2


def test_an_agent_that_hangs_is_replaced_long_before_its_program_s_limits(open_pool):
    pool = open_pool()
    running = pool.submit(batch(BUSY, 4, limits=Limits(cpu_s=20, overload_wall_s=10 * LONG_S)))
    until(lambda: leases(pool), "the batch runs")
    agent = RayHost(pool).agent
    for pid in (agent, *processes.descendants(agent)):
        os.kill(pid, signal.SIGSTOP)
    assert passed(running, 4)
    assert running.result().attempts == 2


def test_a_killed_sandbox_actor(open_pool):
    pool = open_pool(slots=2)
    running = [pool.submit(batch(BUSY, 3)) for _ in range(4)]
    until(lambda: len(leases(pool)) == 2, "two batches run")
    kill(RayHost(pool).sandboxes())
    assert all(passed(future, 3) for future in running)
    assert max(future.result().attempts for future in running) == 2


def test_a_killed_pool_actor(open_pool):
    pool = open_pool(slots=2)
    running = [pool.submit(batch(BUSY, 3)) for _ in range(4)]
    until(lambda: len(leases(pool)) == 2, "two batches run")
    before = pool.status()
    kill([before["pid"]])
    assert all(passed(future, 3) for future in running)
    after = pool.status()
    assert after["epoch"] > before["epoch"]
    assert after["sandboxes"].keys() == before["sandboxes"].keys(), "the sandboxes were found again"
    assert passed(pool.submit(batch(ECHO, 1)), 1)
    assert until(lambda: not leases(pool), "all leases were given back") is True


DRIVER = """
import sys
from lcb_ray.agent.protocol import Limits, Program
from lcb_ray.batch import Batch, Case
from lcb_ray.ray_pool.driver import RayPool
address, name = sys.argv[1:]
pool = RayPool(2, pool_size=1, name=name, address=address, code=("lcb_ray",))
endless = Batch(Program(source=b"while True: pass"), lambda: [Case(b"")], bool, Limits(cpu_s=1000))
futures = [pool.submit(endless) for _ in range(6)]
print("submitted", flush=True)
futures[0].result()
"""


def test_a_killed_driver_s_leases_are_given_back(open_pool, pool_name):
    import ray

    pool = open_pool(slots=2)
    assert passed(pool.submit(batch(ECHO, 1)), 1)
    address = ray.get_runtime_context().gcs_address
    driver = subprocess.Popen([sys.executable, "-c", DRIVER, address, pool_name], stdout=subprocess.PIPE)
    try:
        assert driver.stdout.readline() == b"submitted\n"
        until(lambda: len(leases(pool)) == 2, "the other driver has both slots")
        ours = pool.submit(batch(ECHO, 1))
    finally:
        os.kill(driver.pid, signal.SIGKILL)
        driver.communicate()
    assert passed(ours, 1)
    assert until(lambda: len(pool.status()["drivers"]) == 1, "the other driver is forgotten") is True


LOST_HEAD = """
from lcb_ray.agent.protocol import Limits, Program
from lcb_ray.batch import Batch, Case
from lcb_ray.ray_pool.driver import RayPool
pool = RayPool(1, pool_size=1, address="local", code=("lcb_ray",))
limits = Limits(cpu_s=1000, overload_wall_s=5000)
endless = Batch(Program(source=b"while True: pass"), lambda: [Case(b"")], bool, limits)
running, waiting = pool.submit(endless), pool.submit(endless)
while not pool.status()["leases"]:
    pass
print("running", flush=True)
print([type(future.exception()).__name__ for future in (running, waiting)], flush=True)
pool.close()
"""


def test_a_lost_head_is_an_error_before_ray_ends_the_process():
    patience = {"RAY_gcs_rpc_server_reconnect_timeout_s": "40"}  # Ray's; the driver's is half of it
    driver = subprocess.Popen([sys.executable, "-c", LOST_HEAD], stdout=subprocess.PIPE, env=os.environ | patience)
    try:
        assert driver.stdout.readline() == b"running\n"
        kill([pid for pid in processes.descendants(driver.pid) if name_of(pid) == "gcs_server"])
        assert driver.stdout.readline() == b"['PoolUnavailable', 'PoolUnavailable']\n"
        assert driver.wait(LONG_S) == 0
    finally:
        driver.kill()
        driver.communicate()


def name_of(pid):
    with suppress(OSError):  # it has ended meanwhile
        return Path(f"/proc/{pid}/comm").read_text().strip()
    return ""


def test_two_drivers_share_one_pool(open_pool):
    one, other = open_pool(slots=2), open_pool(slots=2)
    futures = [pool.submit(batch(ECHO, 3)) for _ in range(10) for pool in (one, other)]
    assert all(passed(future, 3) for future in futures)
    assert all(future.result().attempts == 1 for future in futures)
    status = one.status()
    assert len(status["drivers"]) == 2
    assert len(status["sandboxes"]) == 1


def test_a_hopeless_sandbox_is_an_error_and_no_verdict(open_pool):
    from lcb_ray.errors import SandboxUnusable

    pool = open_pool(source=_refuse)
    with pytest.raises(SandboxUnusable, match="no jail here"):
        pool.submit(batch(ECHO, 1)).result(LONG_S)
    with pytest.raises(SandboxUnusable, match="no jail here"):
        pool.info()


def _refuse():
    from lcb_ray.errors import SandboxUnusable

    raise SandboxUnusable("no jail here")
