"""Which sandbox a lease goes to: what is lent, dirty and free on each. Part of the pool's rules: pure."""

from __future__ import annotations

import heapq
from collections.abc import Collection, Iterable, Iterator
from dataclasses import dataclass, field

from lcb_ray.rules.events import DriverId, LeaseId, SandboxId

_MOST_OUTDATED = 64  # entries of the heap beyond twice those that are right


@dataclass(frozen=True, slots=True, kw_only=True)
class Request:
    """A driver waits for a slot; see lcb_ray.rules.events.LeaseAsked."""

    lease: LeaseId
    driver: DriverId
    alone: bool
    avoid: frozenset[SandboxId]
    until: float


@dataclass(slots=True, kw_only=True)
class Lease:
    """A slot that is lent, or all of a sandbox.

    Attributes:
        slots: How many it takes.
        since: When it was granted.
        expires: When it ends unless its driver is heard of again.
    """

    id: LeaseId
    driver: DriverId
    sandbox: SandboxId
    alone: bool
    slots: int
    since: float
    expires: float


@dataclass(slots=True)
class Sandbox:
    """What the pool knows of a sandbox.

    Attributes:
        slots: 0 while it starts.
        leases: Those on it.
        dirty: Leases whose slot is being reset.
        taken: Slots that are lent or dirty.
        kept_for: A request to be alone that waits for this one to become empty: nothing else is lent meanwhile.
        draining: Nothing is lent any more; it goes when it is empty.
        turn: When something was last lent here, by count.
    """

    id: SandboxId
    slots: int = 0
    leases: dict[LeaseId, Lease] = field(default_factory=dict)
    dirty: set[LeaseId] = field(default_factory=set)
    taken: int = 0
    kept_for: LeaseId | None = None
    draining: bool = False
    turn: int = 0

    @property
    def up(self) -> bool:
        """Whether it serves."""
        return self.slots > 0

    @property
    def free(self) -> int:
        """Slots that may be lent to anybody."""
        return 0 if self.draining or self.kept_for is not None else max(self.slots - self.taken, 0)


class Sandboxes:
    """All sandboxes of a pool, with those at hand that have something free."""

    def __init__(self) -> None:
        self._all: dict[SandboxId, Sandbox] = {}
        self._free: dict[SandboxId, Sandbox] = {}
        self._order: list[tuple[int, int, SandboxId]] = []  # a heap of the free by use, with entries that are outdated
        self._kept: dict[LeaseId, Sandbox] = {}
        self._lent = 0
        self.draining = 0

    def __len__(self) -> int:
        return len(self._all)

    def __iter__(self) -> Iterator[Sandbox]:
        return iter(list(self._all.values()))

    def __contains__(self, sandbox: SandboxId) -> bool:
        return sandbox in self._all

    def __getitem__(self, sandbox: SandboxId) -> Sandbox:
        return self._all[sandbox]

    def get(self, sandbox: SandboxId) -> Sandbox | None:
        """The sandbox, unless it is forgotten."""
        return self._all.get(sandbox)

    def add(self, sandbox: SandboxId) -> Sandbox:
        """One that starts."""
        made = self._all[sandbox] = Sandbox(sandbox)
        return made

    def join(self, sandbox: Sandbox, slots: int) -> None:
        """It serves now."""
        sandbox.slots = slots
        self._sort(sandbox)

    def remove(self, sandbox: Sandbox) -> None:
        """Forget it."""
        del self._all[sandbox.id]
        self._free.pop(sandbox.id, None)
        self.draining -= sandbox.draining
        if sandbox.kept_for is not None:
            del self._kept[sandbox.kept_for]

    def drain(self, sandbox: Sandbox) -> None:
        """Lend nothing of it any more."""
        if not sandbox.draining:
            sandbox.draining = True
            self.draining += 1
            self._keep(sandbox, None)

    def lend(self, lease: Lease) -> None:
        """Count a lease in."""
        sandbox = self._all[lease.sandbox]
        self._lent += 1
        sandbox.turn = self._lent
        sandbox.leases[lease.id] = lease
        sandbox.taken += lease.slots
        self._sort(sandbox)

    def take_back(self, lease: Lease, *, dirty: bool) -> None:
        """Count a lease out; one slot stays taken where it is dirty."""
        sandbox = self._all[lease.sandbox]
        del sandbox.leases[lease.id]
        sandbox.taken -= lease.slots
        if dirty:
            sandbox.dirty.add(lease.id)
            sandbox.taken += 1
        self._sort(sandbox)

    def clean(self, sandbox: Sandbox, lease: LeaseId) -> None:
        """A dirty slot is clean."""
        if lease in sandbox.dirty:
            sandbox.dirty.remove(lease)
            sandbox.taken -= 1
            self._sort(sandbox)

    def nothing_to_lend(self) -> bool:
        """Whether no request could be placed, whichever it is."""
        return not self._free and not any(sandbox.taken == 0 for sandbox in self._kept.values())

    def place(self, request: Request) -> Sandbox | None:
        """The sandbox that the request gets now, or None.

        A request to be alone that finds no empty sandbox gets one kept for it: others would overtake it for ever.
        """
        if not request.alone:
            if not request.avoid:
                return self._least_used_of_all()
            return _least_used(self._allowed(request, self._free.values()))
        kept = self._kept.get(request.lease)
        if kept is not None and kept.taken == 0:
            return kept
        allowed = [one for one in self._allowed(request, self._all.values()) if one.kept_for is None]
        if chosen := _least_used([sandbox for sandbox in allowed if sandbox.taken == 0]):
            return chosen
        if kept is None and (chosen := _least_used(allowed)):
            self._keep(chosen, request.lease)
        return None

    def forget_request(self, lease: LeaseId) -> None:
        """It has been placed, or it no longer waits: nothing is kept for it."""
        if sandbox := self._kept.get(lease):
            self._keep(sandbox, None)

    def _allowed(self, request: Request, among: Iterable[Sandbox]) -> list[Sandbox]:
        """What it avoids is for it only where there is nothing else, free or not."""
        usable = [sandbox for sandbox in among if sandbox.up and not sandbox.draining]
        if not request.avoid:
            return usable
        if any(one.up and not one.draining and one.id not in request.avoid for one in self._all.values()):
            return [sandbox for sandbox in usable if sandbox.id not in request.avoid]
        return usable

    def _keep(self, sandbox: Sandbox, lease: LeaseId | None) -> None:
        if sandbox.kept_for is not None:
            del self._kept[sandbox.kept_for]
        sandbox.kept_for = lease
        if lease is not None:
            self._kept[lease] = sandbox
        self._sort(sandbox)

    def _sort(self, sandbox: Sandbox) -> None:
        if sandbox.free:
            self._free[sandbox.id] = sandbox
            heapq.heappush(self._order, _use(sandbox))
            if len(self._order) > 2 * len(self._free) + _MOST_OUTDATED:
                self._order = [_use(one) for one in self._free.values()]
                heapq.heapify(self._order)
        else:
            self._free.pop(sandbox.id, None)

    def _least_used_of_all(self) -> Sandbox | None:
        while self._order:
            found = self._free.get(self._order[0][-1])
            if found is not None and _use(found) == self._order[0]:
                return found
            heapq.heappop(self._order)
        return None


def _least_used(sandboxes: Collection[Sandbox]) -> Sandbox | None:
    return min(sandboxes, key=_use, default=None)


def _use(sandbox: Sandbox) -> tuple[int, int, SandboxId]:
    """The least is lent first: fewest slots taken, as neighbours slow each other down; then who has waited longest."""
    return sandbox.taken, sandbox.turn, sandbox.id
