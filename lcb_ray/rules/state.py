"""The pool's rules, as a state machine: events in, instructions out. No Ray, no clock, no input or output.

    sandbox   (Start) starting --joined--> up --drain--> draining --empty--> (Stop)
                          failed, gone: forgotten (Stop), and another is started where one is missing
    slot      free --Grant--> lent --release--> free
                                lent --dirty release, expiry, driver's end--> (Reset) dirty --reset--> free
    request   waiting --Grant--> lent      waiting --Refuse--> forgotten

`lcb_ray.ray_pool.pool_actor` carries the instructions out and says what came of them. A pool actor that was restarted
learns from the sandboxes what runs on them (SandboxJoined.running), and from the drivers what they wait for.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from itertools import chain
from types import MappingProxyType
from typing import Any

from lcb_ray.rules import events
from lcb_ray.rules.events import DriverId, Event, Instruction, LeaseId, Priority, Refusal, SandboxId
from lcb_ray.rules.fair_share import Account
from lcb_ray.rules.placement import Lease, Request, Sandbox, Sandboxes


@dataclass(frozen=True, slots=True, kw_only=True)
class PoolRules:
    """What may differ from pool to pool.

    Attributes:
        slots: Of a sandbox, before the first has said how many it has.
        default_size: Sandboxes for drivers that do not say how many they want.
        max_size: The most sandboxes, whatever drivers want.
        queue_limit: The most requests that wait.
        lease_s: A lease whose driver is not heard of ends so long after the last word of it.
        silence_s: A driver that is not heard of for so long has ended.
        grace_s: A pool that no driver has used for so long ends.
        start_again_s: After a sandbox failed to start, so long passes before the next is tried.
        shares: Weight of each priority where both want everything.
    """

    slots: int = 1
    default_size: int = 1
    max_size: int = 1024
    queue_limit: int = 10_000
    lease_s: float = 120.0
    silence_s: float = 60.0
    grace_s: float = 60.0
    start_again_s: float = 10.0
    shares: Mapping[Priority, float] = field(
        default_factory=lambda: MappingProxyType({Priority.EVALUATION: 3.0, Priority.TRAINING: 1.0})
    )


_CHANGES_NO_SIZE = (events.DriverHeard, events.LeaseAsked, events.LeaseReleased, events.SlotReset)


@dataclass(slots=True)
class _Driver:
    priority: Priority
    pool_size: int | None
    heard: float
    account: Account = field(default_factory=Account)
    alone: dict[LeaseId, Request] = field(default_factory=dict)
    beside: dict[LeaseId, Request] = field(default_factory=dict)

    def waiting(self) -> Iterator[Request]:
        """Its requests in the order in which they are served: to run alone is the rest of something that has begun."""
        return chain(self.alone.values(), self.beside.values())

    def asks(self, request: Request) -> None:
        """It waits with this one, too."""
        (self.alone if request.alone else self.beside)[request.lease] = request

    def forget(self, request: Request) -> None:
        """It no longer waits with this one."""
        del (self.alone if request.alone else self.beside)[request.lease]


class PoolState:
    """All that a pool knows, and what follows from it.

    Args:
        rules: Sizes and times.
        at: Now.
    """

    def __init__(self, rules: PoolRules, *, at: float) -> None:
        self.rules = rules
        self.drivers: dict[DriverId, _Driver] = {}
        self.sandboxes = Sandboxes()
        self.leases: dict[LeaseId, Lease] = {}
        self.waiting: dict[LeaseId, Request] = {}
        self.shares = {priority: Account(weight=rules.shares[priority]) for priority in Priority}
        self.target: int | None = None  # not known before the first driver has come
        self.ended = False
        self.failure, self.unusable = "", False
        self._start_from = self._settled_from = -math.inf
        self._settled = True
        self._capacity: int | None = None  # as it was computed last, until a size changes
        self._idle_since: float | None = at
        self._last_sandbox = 0
        self._out: list[Instruction] = []
        self._handlers: dict[type[Event], Callable[[Any], None]] = {
            events.DriverJoined: self._driver_joined,
            events.DriverHeard: self._driver_heard,
            events.DriverLeft: self._driver_left,
            events.LeaseAsked: self._lease_asked,
            events.LeaseReleased: self._lease_released,
            events.SandboxJoined: self._sandbox_joined,
            events.SandboxFailed: self._sandbox_failed,
            events.SandboxGone: self._sandbox_gone,
            events.SlotReset: self._slot_reset,
            events.DrainAsked: self._drain_asked,
            events.TimePassed: self._time_passed,
        }

    def handle(self, event: Event) -> list[Instruction]:
        """Take note of an event; what is to be done now, in this order. What concerns the forgotten changes nothing."""
        if self.ended:
            return []
        self._capacity = self._capacity if isinstance(event, _CHANGES_NO_SIZE) else None
        self._handlers[type(event)](event)
        if not self.ended:
            self._resize(event.at)
            self._serve(event.at)
        out, self._out = self._out, []
        return out

    def capacity(self) -> int:
        """Slots, once all sandboxes that are wanted are up; at least 1."""
        if self._capacity is None:
            slots = [sandbox.slots for sandbox in self.sandboxes if sandbox.up and not sandbox.draining]
            missing = max((self.target or 0) - len(slots), 0)
            self._capacity = max(sum(slots) + missing * max(slots, default=self.rules.slots), 1)
        return self._capacity

    # Drivers

    def _driver_joined(self, event: events.DriverJoined) -> None:
        driver = self._driver(event.driver, event.at)
        driver.heard, driver.pool_size = event.at, event.pool_size
        if driver.priority is not event.priority:
            held, waiting = driver.account.held, driver.account.waiting
            self._count(driver, held=-held, waiting=-waiting)
            driver.priority = event.priority
            self._count(driver, held=held, waiting=waiting)
        for lease in self._leases_of(event.driver):
            if lease.id not in event.keeps:
                self._take_back(lease, event.at, dirty=True)
        self._aim()

    def _driver(self, id: DriverId, at: float) -> _Driver:
        self._idle_since = None
        return self.drivers.setdefault(id, _Driver(Priority.EVALUATION, None, heard=at))

    def _driver_heard(self, event: events.DriverHeard) -> None:
        if driver := self.drivers.get(event.driver):
            driver.heard = event.at
        for lease in map(self.leases.get, event.held):
            if lease is not None and lease.driver == event.driver:
                lease.expires = event.at + self.rules.lease_s

    def _driver_left(self, event: events.DriverLeft) -> None:
        driver = self.drivers.get(event.driver)
        if driver is None:
            return
        for waiting in list(driver.waiting()):
            self._forget_request(waiting.lease)
        for lease in self._leases_of(event.driver):
            self._take_back(lease, event.at, dirty=True)
        del self.drivers[event.driver]
        self._aim()
        if not self.drivers:
            self._idle_since = event.at

    def _aim(self) -> None:
        """The largest wish counts; the last one stands while there is no driver."""
        if self.drivers:
            wishes = [driver.pool_size or self.rules.default_size for driver in self.drivers.values()]
            self.target = min(max(wishes), self.rules.max_size)

    # Leases

    def _lease_asked(self, event: events.LeaseAsked) -> None:
        driver = self.drivers.get(event.driver)
        if driver is None or event.lease in self.leases or event.lease in self.waiting:
            return
        if len(self.waiting) >= self.rules.queue_limit:
            reason = f"{len(self.waiting)} requests wait already"
            self._out.append(events.Refuse(event.driver, event.lease, Refusal.QUEUE_FULL, reason))
            return
        self._wake(driver)
        request = self.waiting[event.lease] = Request(
            lease=event.lease, driver=event.driver, alone=event.alone, avoid=event.avoid, until=event.until
        )
        driver.asks(request)
        self._count(driver, waiting=1)

    def _lease_released(self, event: events.LeaseReleased) -> None:
        if event.lease in self.waiting:
            self._forget_request(event.lease)
        elif lease := self.leases.get(event.lease):
            self._take_back(lease, event.at, dirty=event.dirty)

    def _forget_request(self, lease: LeaseId) -> Request:
        request = self.waiting.pop(lease)
        driver = self.drivers[request.driver]
        driver.forget(request)
        self._count(driver, waiting=-1)
        self.sandboxes.forget_request(lease)
        return request

    def _refuse(self, lease: LeaseId, refusal: Refusal, reason: str) -> None:
        request = self._forget_request(lease)
        self._out.append(events.Refuse(request.driver, lease, refusal, reason))

    def _leases_of(self, driver: DriverId) -> list[Lease]:
        return [lease for lease in self.leases.values() if lease.driver == driver]

    def _lend(self, id: LeaseId, driver: DriverId, sandbox: Sandbox, *, alone: bool, at: float) -> None:
        lease = Lease(
            id=id,
            driver=driver,
            sandbox=sandbox.id,
            alone=alone,
            slots=sandbox.slots if alone else 1,
            since=at,
            expires=at + self.rules.lease_s,
        )
        self.leases[id] = lease
        self.sandboxes.lend(lease)
        self._count(self.drivers[driver], held=lease.slots)

    def _take_back(self, lease: Lease, at: float, *, dirty: bool) -> None:
        del self.leases[lease.id]
        self.sandboxes.take_back(lease, dirty=dirty)
        self._count(self.drivers[lease.driver], held=-lease.slots, used=lease.slots * (at - lease.since))
        if dirty:
            self._out.append(events.Reset(lease.sandbox, lease.id))

    def _count(self, driver: _Driver, *, held: int = 0, waiting: int = 0, used: float = 0.0) -> None:
        for account in (driver.account, self.shares[driver.priority]):
            account.held += held
            account.waiting += waiting
            account.used += used

    def _wake(self, driver: _Driver) -> None:
        share = self.shares[driver.priority]
        if not share.active:
            share.wake(self.shares.values())
        if not driver.account.active:
            siblings = (other.account for other in self.drivers.values() if other.priority is driver.priority)
            driver.account.wake(siblings)

    # Sandboxes

    def _sandbox_joined(self, event: events.SandboxJoined) -> None:
        sandbox = self.sandboxes.get(event.sandbox)
        if sandbox is None and event.found:
            self._last_sandbox = max(self._last_sandbox, event.sandbox)
            sandbox = self.sandboxes.add(event.sandbox)
            self._settled_from = event.at + self.rules.silence_s  # its drivers have until then to say what they want
        if sandbox is None or sandbox.up:
            return
        self.sandboxes.join(sandbox, event.slots)
        self.unusable, self.failure = False, ""
        for running in event.running:
            if running.lease not in self.leases:
                self._driver(running.driver, event.at)  # unknown so far: it is given the time to come back
                self._lend(running.lease, running.driver, sandbox, alone=running.alone, at=event.at)

    def _sandbox_failed(self, event: events.SandboxFailed) -> None:
        if sandbox := self.sandboxes.get(event.sandbox):
            self._start_from = event.at + self.rules.start_again_s
            self.failure, self.unusable = event.reason, event.final
            self._forget_sandbox(sandbox, event.at, event.reason)

    def _sandbox_gone(self, event: events.SandboxGone) -> None:
        self._last_sandbox = max(self._last_sandbox, event.sandbox)  # a number is never used again
        if sandbox := self.sandboxes.get(event.sandbox):
            self._forget_sandbox(sandbox, event.at, event.reason)

    def _forget_sandbox(self, sandbox: Sandbox, at: float, reason: str) -> None:
        for lease in list(sandbox.leases.values()):
            self._out.append(events.Revoke(lease.driver, lease.id, reason))
            del self.leases[lease.id]
            self._count(self.drivers[lease.driver], held=-lease.slots, used=lease.slots * (at - lease.since))
        self.sandboxes.remove(sandbox)
        self._out.append(events.Stop(sandbox.id))

    def _slot_reset(self, event: events.SlotReset) -> None:
        if sandbox := self.sandboxes.get(event.sandbox):
            self.sandboxes.clean(sandbox, event.lease)

    def _drain_asked(self, event: events.DrainAsked) -> None:
        if sandbox := self.sandboxes.get(event.sandbox):
            self.sandboxes.drain(sandbox)

    # Time

    def _time_passed(self, event: events.TimePassed) -> None:
        for lease in [lease for lease in self.leases.values() if lease.expires <= event.at]:
            self._take_back(lease, event.at, dirty=True)
            reason = f"its driver did not prolong it within {self.rules.lease_s:g} s"
            self._out.append(events.Revoke(lease.driver, lease.id, reason))
        for request in [request for request in self.waiting.values() if request.until <= event.at]:
            self._refuse(request.lease, Refusal.TIMED_OUT, self._why_none())
        for silent in [id for id, one in self.drivers.items() if one.heard + self.rules.silence_s <= event.at]:
            self._driver_left(events.DriverLeft(at=event.at, driver=silent))
        if self._idle_since is not None and self._idle_since + self.rules.grace_s <= event.at:
            self._end(event.at)

    def _why_none(self) -> str:
        up = sum(sandbox.up for sandbox in self.sandboxes)
        words = f"{up} of {self.target or 0} sandboxes are up, with {len(self.leases)} leases on them"
        return f"{words}; one that failed to start: {self.failure}" if self.failure else words

    def _end(self, at: float) -> None:
        for sandbox in self.sandboxes:
            self._forget_sandbox(sandbox, at, "the pool has ended")
        self._out.append(events.End())
        self.ended = True

    # What follows from any event

    def _resize(self, at: float) -> None:
        """Drain what is too much, forget what is drained, start what is missing."""
        staying = len(self.sandboxes) - self.sandboxes.draining
        self._settled = at >= self._settled_from
        if self._settled and self.target is not None and staying > self.target:
            going = (one for one in self.sandboxes if not one.draining)
            choice = sorted(going, key=lambda one: (one.up, one.taken, -one.id))
            for sandbox in choice[: staying - self.target]:
                self.sandboxes.drain(sandbox)
        if self.sandboxes.draining:
            for sandbox in self.sandboxes:
                if sandbox.draining and not sandbox.taken:
                    self._forget_sandbox(sandbox, at, "drained")
        if self.target is not None and self.drivers and at >= self._start_from:
            for _ in range(self.target - staying):
                self._last_sandbox += 1
                self._out.append(events.Start(self.sandboxes.add(SandboxId(self._last_sandbox)).id))
        if self.unusable and not len(self.sandboxes):
            for lease in list(self.waiting):
                self._refuse(lease, Refusal.UNUSABLE, self.failure)

    def _serve(self, at: float) -> None:
        """Lend what is free to those who wait."""
        while self.waiting and not self.sandboxes.nothing_to_lend() and (found := self._next()):
            request, sandbox = found
            self._forget_request(request.lease)
            self._lend(request.lease, request.driver, sandbox, alone=request.alone, at=at)
            self._out.append(events.Grant(request.driver, request.lease, sandbox.id))

    def _next(self) -> tuple[Request, Sandbox] | None:
        """The request whose turn it is, of those that can be served, and its place."""
        rank = {priority: number for number, priority in enumerate(Priority)}
        drivers = sorted(
            (driver for driver in self.drivers.values() if driver.account.waiting),
            key=lambda one: (self.shares[one.priority].turn(), rank[one.priority], one.account.turn()),
        )
        for driver in drivers:
            for request in driver.waiting():
                if sandbox := self.sandboxes.place(request):
                    return request, sandbox
        return None

    def validate(self) -> None:
        """Check what must hold after every event; for tests."""
        on_sandboxes = {id: lease for sandbox in self.sandboxes for id, lease in sandbox.leases.items()}
        assert on_sandboxes == self.leases, "a lease is on its sandbox and nowhere else"
        assert not self.leases.keys() & self.waiting.keys(), "who waits has nothing yet"
        for sandbox in self.sandboxes:
            lent = sum(lease.slots for lease in sandbox.leases.values())
            assert sandbox.taken == lent + len(sandbox.dirty) <= sandbox.slots, "no slot is lent twice, or dirty"
            assert sandbox.taken or not sandbox.draining, "what is drained goes"
            if sandbox.kept_for is not None:
                assert self.waiting[sandbox.kept_for].alone, "sandboxes are kept for those who wait to be alone"
                assert not sandbox.draining, "nobody waits for what will not be lent"
        for id, driver in self.drivers.items():
            waiting = {request.lease: request for request in driver.waiting()}
            assert waiting == {lease: one for lease, one in self.waiting.items() if one.driver == id}
            held = sum(lease.slots for lease in self.leases.values() if lease.driver == id)
            assert (driver.account.held, driver.account.waiting) == (held, len(waiting)), "accounts are right"
        assert {lease.driver for lease in self.leases.values()} <= self.drivers.keys(), "leases end with their driver"
        for priority, share in self.shares.items():
            accounts = [driver.account for driver in self.drivers.values() if driver.priority is priority]
            assert share.held == sum(one.held for one in accounts), "accounts add up"
            assert share.waiting == sum(one.waiting for one in accounts), "accounts add up"
        assert len(self.waiting) <= self.rules.queue_limit, "the queue is bounded"
        staying = sum(not sandbox.draining for sandbox in self.sandboxes)
        assert staying == len(self.sandboxes) - self.sandboxes.draining, "the drained are counted"
        too_many = self.target is not None and not staying <= self.target <= self.rules.max_size
        assert not (self._settled and too_many), "pool_size is the most"
        remembered, self._capacity = self.capacity(), None
        assert self.capacity() == remembered, "what is remembered is still so"
        assert not self.waiting or self._next() is None, "nobody waits for what is free"
