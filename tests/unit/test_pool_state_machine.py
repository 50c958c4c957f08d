"""The pool's rules under any order of events: whatever happens, no slot is lent twice and no request is lost.

The machine keeps its own books, from the instructions alone, as the drivers and the sandboxes of a real pool would see
them: what was granted, what is dirty, what was asked and not answered. After each step they are compared with the
rules' own.
"""

from __future__ import annotations

from collections import Counter

from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule

from lcb_ray.rules import events as ev
from lcb_ray.rules.events import Priority
from lcb_ray.rules.state import PoolRules, PoolState

RULES = PoolRules(default_size=2, max_size=4, queue_limit=6, lease_s=20, silence_s=12, grace_s=15, start_again_s=3)
DRIVERS = ("a", "b", "c")
SLOTS = {number: 1 + number % 3 for number in range(200)}  # by sandbox


class PoolMachine(RuleBasedStateMachine):
    """A pool, three drivers that may do anything at any time, sandboxes that come and go."""

    def __init__(self):
        super().__init__()
        self.now = 0.0
        self.state = PoolState(RULES, at=0.0)
        self.number = 0
        self.starting, self.up = set(), set()
        self.asked = {}  # lease -> (driver, alone): no answer yet
        self.lent = {}  # lease -> (sandbox, alone)
        self.dirty = set()  # (sandbox, lease)
        self.over = []  # leases that have ended: events about them come late
        self.ended = False

    def tell(self, event):
        for instruction in self.state.handle(event):
            self.carry_out(instruction)

    def carry_out(self, instruction):
        assert not self.ended, "nothing happens after the end"
        match instruction:
            case ev.Start(sandbox):
                assert sandbox not in self.starting | self.up
                self.starting.add(sandbox)
            case ev.Stop(sandbox):
                assert sandbox in self.starting | self.up
                assert not [lease for lease, (where, _) in self.lent.items() if where == sandbox]
                self.starting.discard(sandbox)
                self.up.discard(sandbox)
                self.dirty = {one for one in self.dirty if one[0] != sandbox}
            case ev.Grant(driver, lease, sandbox):
                asker, alone = self.asked.pop(lease)
                assert driver == asker
                assert sandbox in self.up
                self.lent[lease] = (sandbox, alone)
            case ev.Refuse(driver, lease, _, _):
                assert self.asked.pop(lease)[0] == driver
                self.over.append(lease)
            case ev.Revoke(_, lease, _):
                self.lent.pop(lease, None)
                self.over.append(lease)
            case ev.Reset(sandbox, lease):
                self.lent.pop(lease, None)
                self.over.append(lease)
                self.dirty.add((sandbox, lease))
            case ev.End():
                assert not self.lent
                assert not self.asked
                self.ended = True

    # What happens all the time

    @initialize(sizes=st.lists(st.integers(1, 5), min_size=2, max_size=2), up=st.integers(0, 3))
    def begin(self, sizes, up):
        for driver, size in zip(DRIVERS, sizes, strict=False):
            self.tell(ev.DriverJoined(at=self.now, driver=driver, pool_size=size))
        for _ in range(up):
            self.comes_up()

    @rule(
        driver=st.sampled_from(DRIVERS),
        kinds=st.lists(st.booleans(), min_size=1, max_size=4),
        avoid=st.frozensets(st.integers(1, 6), max_size=2),
        patience=st.integers(1, 30),
    )
    def ask(self, driver, kinds, avoid, patience):
        for alone in kinds:
            self.number += 1
            lease = f"{driver}/{self.number}"
            if driver in self.state.drivers and not self.ended:
                self.asked[lease] = (driver, alone)
            asked = ev.LeaseAsked(
                at=self.now, lease=lease, driver=driver, alone=alone, avoid=avoid, until=self.now + patience
            )
            self.tell(asked)
            if lease in self.asked or lease in self.lent:
                self.tell(asked)  # said twice, counted once

    @precondition(lambda self: self.lent)
    @rule(data=st.data(), dirty=st.booleans())
    def release(self, data, dirty):
        lease = data.draw(st.sampled_from(sorted(self.lent)))
        if not dirty:
            del self.lent[lease]
        self.tell(ev.LeaseReleased(at=self.now, lease=lease, dirty=dirty))
        assert lease not in self.lent

    @precondition(lambda self: self.dirty)
    @rule(data=st.data(), times=st.integers(1, 2))
    def slot_is_reset(self, data, times):
        one = data.draw(st.sampled_from(sorted(self.dirty)))
        self.dirty.remove(one)
        for _ in range(times):
            self.tell(ev.SlotReset(at=self.now, sandbox=one[0], lease=one[1]))

    @precondition(lambda self: self.starting)
    @rule()
    def comes_up(self):
        if self.starting:
            sandbox = min(self.starting)
            self.starting.remove(sandbox)
            self.up.add(sandbox)
            self.tell(ev.SandboxJoined(at=self.now, sandbox=sandbox, slots=SLOTS[sandbox]))

    @rule(drivers=st.lists(st.sampled_from(DRIVERS), max_size=3), with_leases=st.booleans())
    def hear(self, drivers, with_leases):
        for driver in drivers:
            held = frozenset(lease for lease in self.lent if with_leases and lease.startswith(driver))
            self.tell(ev.DriverHeard(at=self.now, driver=driver, held=held))

    @rule(seconds=st.integers(1, 10))
    def time_passes(self, seconds):
        self.now += seconds
        for driver, known in self.state.drivers.items():
            if known.heard + RULES.silence_s <= self.now:
                self.forget_requests(driver, waiting_until=self.now)
        self.tell(ev.TimePassed(at=self.now))

    # What happens now and then, one kind at a time: otherwise no pool would ever get to work

    @rule(
        what=st.sampled_from(["join", "leave", "cancel", "late", "drain", "gone", "fails", "restart"]), data=st.data()
    )
    def incident(self, what, data):
        getattr(self, what)(data)

    def join(self, data):
        driver, priority = data.draw(st.sampled_from(DRIVERS)), data.draw(st.sampled_from(Priority))
        size = data.draw(st.none() | st.integers(1, 6))
        keeps = frozenset((*self.lent, *self.asked))
        self.tell(ev.DriverJoined(at=self.now, driver=driver, pool_size=size, priority=priority, keeps=keeps))

    def leave(self, data):
        driver = data.draw(st.sampled_from(DRIVERS))
        self.forget_requests(driver)
        self.tell(ev.DriverLeft(at=self.now, driver=driver))

    def forget_requests(self, driver, waiting_until=float("-inf")):
        """Nobody is there to hear of them; except of those that have timed out before."""
        for lease, (asker, _) in list(self.asked.items()):
            if asker == driver and self.state.waiting[lease].until > waiting_until:
                del self.asked[lease]

    def cancel(self, data):
        if self.asked:
            lease = data.draw(st.sampled_from(sorted(self.asked)))
            del self.asked[lease]
            self.tell(ev.LeaseReleased(at=self.now, lease=lease, dirty=True))

    def late(self, data):
        """Words about what is over: a lease, or a sandbox."""
        if self.over:
            lease = data.draw(st.sampled_from(self.over))
            self.tell(ev.LeaseReleased(at=self.now, lease=lease, dirty=True))
            self.tell(ev.SlotReset(at=self.now, sandbox=data.draw(st.integers(1, 6)), lease=f"{lease}, another"))
        sandbox = data.draw(st.integers(1, 8))
        if sandbox not in self.starting | self.up:
            self.tell(ev.SandboxJoined(at=self.now, sandbox=sandbox, slots=3))
            self.tell(ev.SandboxGone(at=self.now, sandbox=sandbox, reason="it went before"))

    def drain(self, data):
        if self.up:
            self.tell(ev.DrainAsked(at=self.now, sandbox=data.draw(st.sampled_from(sorted(self.up)))))

    def gone(self, data):
        if self.up:
            sandbox = data.draw(st.sampled_from(sorted(self.up)))
            self.tell(ev.SandboxGone(at=self.now, sandbox=sandbox, reason="it went"))
            assert sandbox not in self.up

    def fails(self, data):
        if self.starting:
            sandbox = data.draw(st.sampled_from(sorted(self.starting)))
            self.tell(
                ev.SandboxFailed(at=self.now, sandbox=sandbox, reason="it failed", final=data.draw(st.booleans()))
            )
            assert sandbox not in self.starting

    def restart(self, data):
        """All that the pool actor knew is forgotten. Sandboxes say what they do, drivers what they wait for."""
        if self.ended:
            return
        known, waiting = list(self.state.drivers), dict(self.state.waiting)
        self.state = PoolState(RULES, at=self.now)
        self.starting.clear()
        self.dirty.clear()
        for sandbox in sorted(self.up):
            running = tuple(
                ev.RunningLease(lease=lease, driver=lease.partition("/")[0], alone=alone)
                for lease, (where, alone) in self.lent.items()
                if where == sandbox
            )
            joined = ev.SandboxJoined(at=self.now, sandbox=sandbox, slots=SLOTS[sandbox], found=True, running=running)
            self.tell(joined)
        for driver in known:
            keeps = {lease for lease in sorted(self.lent) if data.draw(st.booleans())} | self.asked.keys()
            size = data.draw(st.integers(1, 5))
            self.tell(ev.DriverJoined(at=self.now, driver=driver, pool_size=size, keeps=frozenset(keeps)))
            assert not {lease for lease in self.lent if lease.startswith(driver)} - keeps
        for lease, request in waiting.items():
            self.tell(
                ev.LeaseAsked(at=self.now, lease=lease, driver=request.driver, alone=request.alone, until=request.until)
            )

    # What holds

    @invariant()
    def rules_agree_with_themselves(self):
        self.state.validate()

    @invariant()
    def rules_agree_with_the_books(self):
        if self.ended:
            return
        assert self.state.leases.keys() == self.lent.keys()
        assert self.state.waiting.keys() == self.asked.keys(), "every request waits, or was answered once"
        assert {one.id for one in self.state.sandboxes} == self.starting | self.up

    @invariant()
    def no_slot_is_lent_twice_and_alone_is_alone(self):
        taken = Counter(where for where, _ in self.lent.values()) + Counter(where for where, _ in self.dirty)
        for sandbox, count in taken.items():
            assert count <= SLOTS[sandbox]
        for sandbox, alone in self.lent.values():
            assert not alone or taken[sandbox] == 1

    def teardown(self):
        """Whatever came before: with sandboxes that work and time, everybody is answered."""
        for _ in range(60):
            if self.ended or not (self.asked or self.lent or self.dirty):
                break
            self.hear(DRIVERS, with_leases=True)
            for _ in list(self.starting):
                self.comes_up()
            for lease in sorted(self.lent):
                if self.lent.pop(lease, None):
                    self.tell(ev.LeaseReleased(at=self.now, lease=lease))
            for one in sorted(self.dirty):
                self.dirty.discard(one)
                self.tell(ev.SlotReset(at=self.now, sandbox=one[0], lease=one[1]))
            self.time_passes(1)
            self.rules_agree_with_themselves()
        assert self.ended or not (self.asked or self.lent or self.dirty)


TestPoolMachine = PoolMachine.TestCase
TestPoolMachine.settings = settings(max_examples=4 * settings().max_examples, stateful_step_count=30)
