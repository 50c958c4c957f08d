"""The pool's rules, one at a time: who gets which slot, who waits, what is reset, and when it ends."""

from __future__ import annotations

from dataclasses import replace

import pytest

from lcb_ray.rules import events as ev
from lcb_ray.rules.events import (
    End,
    Grant,
    Priority,
    Refusal,
    Refuse,
    Reset,
    Revoke,
    RunningLease,
    Start,
    Stop,
)
from lcb_ray.rules.state import PoolRules, PoolState

RULES = PoolRules(lease_s=120, silence_s=60, grace_s=60, start_again_s=10)


class Told:
    """A pool that is told events at a time of the test's choosing; its rules are checked after each, while few."""

    def __init__(self, rules=RULES):
        self.now = 0.0
        self.told = 0
        self.state = PoolState(rules, at=0.0)

    def __call__(self, event):
        out = self.state.handle(event)
        self.told += 1
        if self.told < 300:
            self.state.validate()
        return out

    def joins(self, driver, pool_size=None, priority=Priority.EVALUATION, keeps=()):
        kept = frozenset(keeps)
        return self(ev.DriverJoined(at=self.now, driver=driver, pool_size=pool_size, priority=priority, keeps=kept))

    def leaves(self, driver):
        return self(ev.DriverLeft(at=self.now, driver=driver))

    def heard(self, driver, *held):
        return self(ev.DriverHeard(at=self.now, driver=driver, held=frozenset(held)))

    def up(self, sandbox, slots=1, **more):
        return self(ev.SandboxJoined(at=self.now, sandbox=sandbox, slots=slots, **more))

    def asks(self, lease, *, alone=False, avoid=(), within=1e9):
        driver = lease.partition("/")[0]
        asked = ev.LeaseAsked(
            at=self.now, lease=lease, driver=driver, alone=alone, avoid=frozenset(avoid), until=self.now + within
        )
        return self(asked)

    def releases(self, lease, *, dirty=False):
        return self(ev.LeaseReleased(at=self.now, lease=lease, dirty=dirty))

    def clean(self, sandbox, lease):
        return self(ev.SlotReset(at=self.now, sandbox=sandbox, lease=lease))

    def after(self, seconds):
        self.now += seconds
        return self(ev.TimePassed(at=self.now))


def a_pool(*slots, drivers=("a",), rules=RULES):
    """A pool with sandboxes 1, 2, … of so many slots each."""
    pool = Told(rules)
    for driver in drivers:
        pool.joins(driver, len(slots))
    for number, count in enumerate(slots, start=1):
        pool.up(number, count)
    return pool


def given(driver_lease, sandbox):
    return Grant(driver_lease.partition("/")[0], driver_lease, sandbox)


# Sizes


def test_a_driver_starts_as_many_sandboxes_as_it_wants():
    pool = Told()
    assert pool.joins("a", 2) == [Start(1), Start(2)]
    assert pool.joins("b", 3) == [Start(3)]
    assert pool.joins("c", 1) == []


def test_who_does_not_say_gets_the_default_and_nobody_more_than_the_maximum():
    pool = Told(replace(RULES, default_size=2, max_size=4))
    assert pool.joins("a") == [Start(1), Start(2)]
    assert pool.joins("b", 30) == [Start(3), Start(4)]


def test_the_pool_shrinks_to_what_those_who_stay_want_and_takes_nothing_away():
    pool = a_pool(1, 1, 1, drivers=("a", "b"))
    pool.joins("b", 1)
    for number in range(3):
        pool.asks(f"b/{number}")
    assert pool.leaves("a") == []  # all three work
    assert pool.releases("b/1") == [Stop(2)]
    assert pool.releases("b/2") == [Stop(3)]
    assert pool.releases("b/0") == []


def test_what_is_idle_or_only_starts_goes_first_when_the_pool_shrinks():
    pool = Told()
    pool.joins("a", 3)
    pool.joins("b", 1)
    pool.up(1, 1)
    pool.up(2, 1)
    pool.asks("b/1")
    assert set(pool.leaves("a")) == {Stop(3), Stop(2)}


def test_a_drained_sandbox_goes_when_it_is_empty_and_is_replaced():
    pool = a_pool(2)
    pool.asks("a/1")
    assert pool(ev.DrainAsked(at=0, sandbox=1)) == [Start(2)]
    assert pool.asks("a/2") == []
    assert pool.releases("a/1") == [Stop(1)]
    assert pool.up(2, 2) == [given("a/2", 2)]


def test_capacity_counts_what_is_still_to_come():
    pool = Told()
    assert pool.state.capacity() == 1
    pool.joins("a", 3)
    assert pool.state.capacity() == 3
    pool.up(1, 4)
    assert pool.state.capacity() == 12


# Leases


def test_requests_are_served_in_order_as_slots_come_free():
    pool = a_pool(2)
    assert pool.asks("a/1") == [given("a/1", 1)]
    assert pool.asks("a/2") == [given("a/2", 1)]
    assert pool.asks("a/3") == []
    assert pool.asks("a/4") == []
    assert pool.releases("a/2") == [given("a/3", 1)]
    assert pool.releases("a/1") == [given("a/4", 1)]


def test_a_lease_goes_to_the_sandbox_with_the_fewest_neighbours():
    pool = a_pool(2, 2)
    assert [pool.asks(f"a/{number}")[0].sandbox for number in range(4)] == [1, 2, 1, 2]


def test_asking_twice_for_one_lease_gives_one():
    pool = a_pool(2)
    pool.asks("a/1")
    assert pool.asks("a/1") == []
    assert pool.releases("a/1") == []
    assert pool.state.leases == {}


def test_a_request_is_withdrawn_by_releasing_it():
    pool = a_pool(1)
    pool.asks("a/1")
    pool.asks("a/2")
    assert pool.releases("a/2") == []
    assert pool.releases("a/1") == []
    assert not pool.state.waiting


def test_a_dirty_slot_is_lent_to_nobody_before_it_is_reset():
    pool = a_pool(1)
    pool.asks("a/1")
    pool.asks("a/2")
    assert pool.releases("a/1", dirty=True) == [Reset(1, "a/1")]
    assert pool.after(1) == []
    assert pool.clean(1, "a/1") == [given("a/2", 1)]
    assert pool.clean(1, "a/1") == []  # said twice, counted once


def test_a_slot_that_cannot_be_reset_takes_its_sandbox_with_it():
    pool = a_pool(2)
    pool.asks("a/1")
    pool.asks("a/2")
    pool.releases("a/1", dirty=True)
    gone = pool(ev.SandboxGone(at=0, sandbox=1, reason="no answer"))
    assert gone == [Revoke("a", "a/2", "no answer"), Stop(1), Start(2)]
    assert pool.releases("a/2", dirty=True) == []  # its driver notices later
    assert pool.clean(1, "a/1") == []


def test_whoever_avoids_a_sandbox_waits_for_another():
    pool = a_pool(1, 1)
    pool.asks("a/1")
    assert pool.asks("a/2", avoid=[2]) == []
    assert pool.asks("a/3") == [given("a/3", 2)]
    assert pool.releases("a/1") == [given("a/2", 1)]


def test_whoever_avoids_the_only_sandbox_gets_it_all_the_same():
    pool = Told()
    pool.joins("a", 2)
    pool.up(1)  # the other one may never come
    assert pool.asks("a/1", avoid=[1]) == [given("a/1", 1)]


def test_alone_means_all_slots_of_a_sandbox():
    pool = a_pool(2)
    assert pool.asks("a/1", alone=True) == [given("a/1", 1)]
    assert pool.asks("a/2") == []
    assert pool.releases("a/1", dirty=True) == [Reset(1, "a/1"), given("a/2", 1)]  # the other slot was empty all along


def test_who_waits_to_be_alone_is_not_overtaken_for_ever():
    pool = a_pool(2)
    pool.asks("a/1")
    pool.asks("a/2")
    assert pool.asks("a/3", alone=True) == []
    assert pool.asks("a/4") == []
    assert pool.releases("a/1") == []  # kept for a/3
    assert pool.releases("a/2") == [given("a/3", 1)]
    assert pool.releases("a/3") == [given("a/4", 1)]


def test_a_sandbox_is_not_kept_for_one_who_no_longer_waits():
    pool = a_pool(2)
    pool.asks("a/1")
    pool.asks("a/2", alone=True)
    assert pool.asks("a/3") == []
    assert pool.releases("a/2") == [given("a/3", 1)]


def test_who_waits_to_be_alone_gets_another_sandbox_where_the_kept_one_goes():
    pool = a_pool(2, 2)
    for number in range(4):
        pool.asks(f"a/{number}")
    pool.asks("a/alone", alone=True)
    pool.releases("a/1")  # on sandbox 2, which is kept from now on
    assert pool(ev.SandboxGone(at=0, sandbox=2, reason="lost"))[-2:] == [Stop(2), Start(3)]
    assert pool.up(3, 2) == [given("a/alone", 3)]


def test_others_go_on_elsewhere_while_a_sandbox_is_kept():
    pool = a_pool(1, 1)
    pool.asks("a/1")
    pool.asks("a/2")
    pool.asks("a/3", alone=True)
    pool.asks("a/4")
    assert pool.releases("a/2") == [given("a/3", 2)]
    assert pool.releases("a/1") == [given("a/4", 1)]


# What ends by itself


def test_the_queue_is_bounded():
    pool = a_pool(1, rules=replace(RULES, queue_limit=1))
    pool.asks("a/1")
    pool.asks("a/2")
    [refused] = pool.asks("a/3")
    assert isinstance(refused, Refuse)
    assert (refused.lease, refused.refusal) == ("a/3", Refusal.QUEUE_FULL)


def test_a_request_times_out_and_says_why():
    pool = Told()
    pool.joins("a", 2)
    pool.asks("a/1", within=5)
    pool(ev.SandboxFailed(at=0, sandbox=1, reason="no room"))
    assert pool.after(4) == []
    [refused] = pool.after(1)
    assert refused.refusal is Refusal.TIMED_OUT
    assert "0 of 2 sandboxes are up" in refused.reason
    assert "no room" in refused.reason


def test_a_lease_that_is_not_prolonged_ends_and_its_slot_is_reset():
    pool = a_pool(1, 1)
    pool.asks("a/1")
    pool.asks("a/2")
    for _ in range(4):
        pool.now += 30
        pool.heard("a", "a/1")
    ended = pool.after(0)
    assert ended[0] == Reset(2, "a/2")
    assert isinstance(ended[1], Revoke)
    assert pool.state.leases.keys() == {"a/1"}


def test_nobody_prolongs_the_lease_of_another():
    pool = a_pool(1, drivers=("a", "b"))
    pool.asks("a/1")
    pool.now = 59
    pool.heard("b", "a/1")
    assert pool.state.leases["a/1"].expires == RULES.lease_s


def test_a_driver_s_end_gives_everything_back():
    pool = a_pool(2, drivers=("a", "b"))
    for lease in ("a/1", "a/2", "a/3", "b/1"):
        pool.asks(lease)
    assert pool.leaves("a") == [Reset(1, "a/1"), Reset(1, "a/2")]
    assert pool.clean(1, "a/1") == [given("b/1", 1)]
    assert pool.leaves("a") == []


def test_a_silent_driver_has_ended():
    pool = a_pool(1, drivers=("a", "b"))
    pool.asks("a/1")
    pool.now = 30
    pool.heard("b")
    assert pool.after(30) == [Reset(1, "a/1")]
    assert pool.state.drivers.keys() == {"b"}


def test_a_pool_that_nobody_uses_ends_after_the_grace():
    pool = a_pool(1, 1)
    pool.leaves("a")
    assert pool.after(59) == []
    assert pool.after(1) == [Stop(1), Stop(2), End()]
    assert pool.joins("b") == []


def test_whoever_comes_within_the_grace_finds_the_sandboxes():
    pool = a_pool(1)
    pool.leaves("a")
    pool.after(59)
    assert pool.joins("b", 1) == []
    assert pool.asks("b/1") == [given("b/1", 1)]
    assert pool.after(59) == []


def test_a_pool_that_never_had_a_driver_ends_too():
    assert Told().after(60) == [End()]


# Failures


def test_a_sandbox_that_fails_to_start_is_tried_again_after_a_while():
    pool = Told()
    pool.joins("a", 1)
    pool.asks("a/1")
    assert pool(ev.SandboxFailed(at=0, sandbox=1, reason="bad luck")) == [Stop(1)]
    assert pool.after(9) == []
    assert pool.after(1) == [Start(2)]
    assert pool.up(2) == [given("a/1", 2)]


def test_where_no_sandbox_can_be_had_requests_are_refused_at_once():
    pool = Told()
    pool.joins("a", 2)
    pool.asks("a/1")
    assert pool(ev.SandboxFailed(at=0, sandbox=1, reason="no seccomp", final=True)) == [Stop(1)]
    failed = pool(ev.SandboxFailed(at=0, sandbox=2, reason="no seccomp", final=True))
    assert failed == [Stop(2), Refuse("a", "a/1", Refusal.UNUSABLE, "no seccomp")]
    assert pool.asks("a/2") == [Refuse("a", "a/2", Refusal.UNUSABLE, "no seccomp")]
    assert pool.after(10) == [Start(3), Start(4)]


def test_one_machine_that_cannot_have_a_sandbox_does_not_stop_the_others():
    pool = Told()
    pool.joins("a", 2)
    pool.asks("a/1")
    pool(ev.SandboxFailed(at=0, sandbox=1, reason="no seccomp", final=True))
    assert pool.up(2) == [given("a/1", 2)]


def test_a_late_word_of_a_forgotten_sandbox_changes_nothing():
    pool = Told()
    pool.joins("a", 1)
    pool(ev.SandboxGone(at=0, sandbox=1, reason="lost"))
    assert pool.up(1) == []
    assert 1 not in pool.state.sandboxes


def test_a_restarted_pool_actor_finds_out_what_runs():
    pool = Told()
    running = (RunningLease(lease="a/1", driver="a"), RunningLease(lease="b/7", driver="b"))
    assert pool.up(4, 2, found=True, running=running) == []
    assert pool.joins("a", 2, keeps=["a/1"]) == [Start(5)]
    assert pool.asks("a/2") == []
    assert pool.releases("a/1") == [given("a/2", 4)]
    pool.now = 30
    pool.heard("a", "a/2")
    assert pool.after(30) == [Reset(4, "b/7")]  # b never came back


def test_the_number_of_a_sandbox_that_a_dead_pool_actor_left_is_not_used_again():
    pool = Told()
    pool.up(4, found=True)
    assert pool(ev.SandboxGone(at=0, sandbox=7, reason="it does not answer")) == []
    assert pool.joins("a", 2) == [Start(8)]


def test_a_restarted_pool_actor_ends_no_sandbox_before_all_drivers_may_have_come_back():
    pool = Told()
    for sandbox in (1, 2, 3):
        pool.up(sandbox, found=True)
    assert pool.joins("small", 1) == []
    pool.now = 30
    assert pool.joins("large", 3) == []
    pool.now = 50
    pool.heard("small")
    assert pool.leaves("large") == []
    assert pool.after(9) == []
    assert pool.after(1) == [Stop(2), Stop(3)]


def test_what_was_given_back_to_a_dead_pool_actor_is_not_lost():
    pool = Told()
    running = (RunningLease(lease="a/1", driver="a"), RunningLease(lease="a/2", driver="a"))
    pool.up(1, 2, found=True, running=running)
    assert pool.joins("a", 1, keeps=["a/2", "a/3"]) == [Reset(1, "a/1")]


def test_a_driver_says_its_priority_only_when_it_comes_back():
    pool = Told()
    pool.up(1, 2, found=True, running=(RunningLease(lease="t/1", driver="t"),))
    pool.joins("t", 1, Priority.TRAINING, keeps=["t/1"])
    assert pool.state.shares[Priority.TRAINING].held == 1
    assert pool.state.shares[Priority.EVALUATION].held == 0


# Fairness


def served(pool, slots, seconds, durations):
    """Slot-seconds of each driver, all of them always wanting more, each lease taking its driver's time."""
    used, ends, number = dict.fromkeys(durations, 0.0), [], 0

    def note(out):
        for grant in out:
            ends.append((pool.now + durations[grant.driver], grant.driver, grant.lease))

    for driver in durations:
        for _ in range(2 * slots):
            number += 1
            note(pool.asks(f"{driver}/{number}"))
    while ends:
        ends.sort()
        pool.now, driver, lease = ends.pop(0)
        if pool.now > seconds:
            return used
        used[driver] += durations[driver]
        pool.heard(driver)
        note(pool.releases(lease))
        number += 1
        note(pool.asks(f"{driver}/{number}"))
    raise AssertionError("nobody waits any more")


def test_eight_drivers_on_four_slots_get_equal_time():
    drivers = {f"d{number}": 0.5 + number % 3 for number in range(8)}
    pool = a_pool(1, 1, 1, 1, drivers=tuple(drivers))
    used = served(pool, 4, 2000.0, drivers)
    assert sum(used.values()) > 0.97 * 4 * 2000
    assert all(abs(seconds - 1000) < 50 for seconds in used.values()), used


def test_evaluation_gets_three_quarters_and_training_is_not_starved():
    pool = a_pool(1, drivers=("e",))
    pool.joins("t", 1, Priority.TRAINING)
    used = served(pool, 1, 1000.0, {"e": 1.0, "t": 1.0})
    assert used["e"] == pytest.approx(750, abs=5)
    assert used["t"] == pytest.approx(250, abs=5)


def test_one_priority_alone_gets_everything():
    pool = a_pool(2, drivers=())
    pool.joins("t", 1, Priority.TRAINING)
    pool.up(1, 2)
    assert pool.asks("t/1") == [given("t/1", 1)]
    assert pool.asks("t/2") == [given("t/2", 1)]


def test_a_newcomer_gets_its_share_and_no_more():
    pool = a_pool(1, 1, 1, 1, drivers=("a", "b"))
    for number in range(8):
        pool.asks(f"a/{number}")
    pool.now = 50
    pool.heard("a", *pool.state.leases)
    for number in range(8):
        pool.asks(f"b/{number}")
    granted = [grant for number in range(4) for grant in pool.releases(f"a/{number}")]
    assert [grant.driver for grant in granted] == ["b", "b", "a", "a"]
