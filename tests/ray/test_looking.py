"""What `top` sees of a real pool: what runs, for whom, and what came out."""

from __future__ import annotations

import pytest

from lcb_ray.agent.protocol import Limits, Program
from lcb_ray.batch import Batch, Case
from lcb_ray.pool_view import PoolView
from tests.contract.conftest import see
from tests.ray_cluster import LONG_S, until

pytestmark = pytest.mark.ray

ENDLESS = b"while True: pass"


def batch(source, key):
    return Batch(
        Program(source=source),
        lambda: [Case(b"", b"1\n")],
        see,
        Limits(cpu_s=LONG_S, overload_wall_s=10 * LONG_S),
        key=key,
    )


def test_what_goes_on(open_pool, pool_name):
    from lcb_ray.ray_pool.looking import look_at_pools

    def ours():
        [found] = [one for one in look_at_pools() if one["pool"] == pool_name]
        return PoolView.of(found)

    pool = open_pool()
    pool.submit(batch(b"print(1)", "right#0")).result(LONG_S)
    pool.submit(batch(b"print(2)", "wrong#0")).result(LONG_S)
    running = pool.submit(batch(ENDLESS, "endless#0"))
    until(lambda: ours().sandboxes[0].running, "one runs")
    waiting = open_pool().submit(batch(ENDLESS, "endless#1"))  # one driver asks for no more than the pool has
    view = until(lambda: (now := ours()).waiting and now.sandboxes[0].running and now, "one runs and one waits")
    [sandbox] = view.sandboxes
    assert (sandbox.state, sandbox.slots, sandbox.taken) == ("up", 1, 1)
    assert [one.key for one in sandbox.running] == ["endless#0"]
    drivers = sorted((one.held, one.waiting, one.priority) for one in view.drivers)
    assert drivers == [(0, 1, "evaluation"), (1, 0, "evaluation")]
    assert view.slots == {"free": 0, "lent": 1, "dirty": 0, "draining": 0}
    assert [(one.key, one.verdict) for one in view.recent] == [("wrong#0", "not_passed"), ("right#0", "accepted")]
    assert view.verdicts == {"accepted": 1, "not_passed": 1}
    assert sandbox.last_minute == 2
    for future in (waiting, running):
        future.cancel()
    until(lambda: not ours().sandboxes[0].running, "nothing runs")
