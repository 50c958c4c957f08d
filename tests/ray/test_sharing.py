"""Drivers that all want everything get as much as each other."""

from __future__ import annotations

import threading

import pytest

from lcb_ray.agent.protocol import Program
from lcb_ray.batch import Batch, Case
from lcb_ray.rules.events import Priority
from tests.contract.conftest import see
from tests.ray_cluster import LONG_S

pytestmark = pytest.mark.ray

SLEEP = Program(source=b"import time\ntime.sleep(float(input()))")


class Greedy:
    """A driver that has several batches with the pool all the time, and counts those that end.

    Args:
        pool: Its own.
        turn: Called with each end.
        sleep_s: How long each of its programs takes.
    """

    def __init__(self, pool, turn, *, sleep_s):
        self.pool, self.turn, self.sleep_s = pool, turn, sleep_s
        self.had_s = 0.0
        self.over = False

    def start(self):
        for _ in range(4):
            self.submit()

    def submit(self):
        case = Case(b"%f\n" % self.sleep_s)
        self.pool.submit(Batch(SLEEP, lambda: [case], see)).add_done_callback(self.ended)

    def ended(self, future):
        if not self.over and not future.cancelled() and future.exception() is None:
            self.had_s += future.result().checked[0].result.usage.wall_s
            self.turn()
            self.submit()


def saturate(pools, *, sleeps, ends):
    """What each of the drivers had, by its programs' own time, when so many of all their batches have ended."""
    left = threading.Semaphore(0)
    drivers = [Greedy(pool, left.release, sleep_s=sleep_s) for pool, sleep_s in zip(pools, sleeps, strict=True)]
    for pool in pools:
        pool.info()
    for driver in drivers:
        driver.start()
    for _ in range(ends):
        assert left.acquire(timeout=LONG_S)
    for driver in drivers:
        driver.over = True
    return [driver.had_s for driver in drivers]


def test_drivers_with_short_and_long_programs_get_equal_time(open_pool):
    had = saturate([open_pool(slots=2) for _ in range(4)], sleeps=(0.1, 0.2, 0.3, 0.4), ends=100)
    mean = sum(had) / len(had)
    assert all(0.5 * mean < one < 1.5 * mean for one in had), had


def test_neither_evaluation_nor_training_starves(open_pool):
    pools = [open_pool(priority=priority) for priority in (Priority.EVALUATION, Priority.TRAINING)]
    evaluation, training = saturate(pools, sleeps=(0.1, 0.1), ends=60)
    assert evaluation > training > 0.1 * evaluation
