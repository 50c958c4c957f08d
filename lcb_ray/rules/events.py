"""What can happen to a pool, and what is to be done about it: the words of lcb_ray.rules.state.

Every event carries the time at which it happened, in seconds of any clock that never goes back: the rules have none.
"""

from __future__ import annotations

import enum
from dataclasses import dataclass
from typing import NewType

DriverId = NewType("DriverId", str)
LeaseId = NewType("LeaseId", str)  # chosen by the driver, never used twice: it names the attempt, too
SandboxId = NewType("SandboxId", int)


class Priority(enum.StrEnum):
    """What a driver runs. Neither starves the other; PoolRules.shares says who gets how much when both want all."""

    EVALUATION = "evaluation"
    TRAINING = "training"


class Refusal(enum.StrEnum):
    """Why a lease was not given."""

    QUEUE_FULL = "queue_full"
    TIMED_OUT = "timed_out"
    UNUSABLE = "unusable"


@dataclass(frozen=True, slots=True, kw_only=True)
class Event:
    """Something that happened at a time."""

    at: float


@dataclass(frozen=True, slots=True, kw_only=True)
class DriverJoined(Event):
    """A process wants to use the pool; or it said so before, and another pool actor forgot.

    Attributes:
        pool_size: The most sandboxes it wants; None: the pool's default.
        keeps: The leases that it holds or waits for; others that were its own it has given back, and nobody heard.
    """

    driver: DriverId
    priority: Priority = Priority.EVALUATION
    pool_size: int | None = None
    keeps: frozenset[LeaseId] = frozenset()


@dataclass(frozen=True, slots=True, kw_only=True)
class DriverHeard(Event):
    """A sign of life, with the leases that it holds: those, and no others, are prolonged."""

    driver: DriverId
    held: frozenset[LeaseId] = frozenset()


@dataclass(frozen=True, slots=True, kw_only=True)
class DriverLeft(Event):
    """It said goodbye, or its process has ended."""

    driver: DriverId


@dataclass(frozen=True, slots=True, kw_only=True)
class LeaseAsked(Event):
    """A driver wants a slot.

    Attributes:
        alone: With nothing else on the sandbox.
        avoid: Not there, as long as the pool has another sandbox that is up.
        until: When to stop waiting.
    """

    lease: LeaseId
    driver: DriverId
    alone: bool = False
    avoid: frozenset[SandboxId] = frozenset()
    until: float


@dataclass(frozen=True, slots=True, kw_only=True)
class LeaseReleased(Event):
    """A driver is done with a lease, or no longer waits for it.

    Attributes:
        dirty: It is not certain that the program is gone: the slot is reset before anybody gets it.
    """

    lease: LeaseId
    dirty: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class RunningLease:
    """What a sandbox says it is doing, to a pool actor that does not know."""

    lease: LeaseId
    driver: DriverId
    alone: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class SandboxJoined(Event):
    """A sandbox serves.

    Attributes:
        found: It was not started by these rules: a former pool actor left it, with `running` on it.
    """

    sandbox: SandboxId
    slots: int
    found: bool = False
    running: tuple[RunningLease, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class SandboxFailed(Event):
    """A sandbox did not start.

    Attributes:
        final: Its machine cannot have one at all; otherwise it was bad luck.
    """

    sandbox: SandboxId
    reason: str
    final: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class SandboxGone(Event):
    """A sandbox was lost, or a slot of it could not be reset; or one that a former pool actor left does not answer."""

    sandbox: SandboxId
    reason: str


@dataclass(frozen=True, slots=True, kw_only=True)
class SlotReset(Event):
    """The slot that a lease left dirty is clean."""

    sandbox: SandboxId
    lease: LeaseId


@dataclass(frozen=True, slots=True, kw_only=True)
class DrainAsked(Event):
    """A sandbox is to go as soon as nothing runs on it."""

    sandbox: SandboxId


@dataclass(frozen=True, slots=True, kw_only=True)
class TimePassed(Event):
    """Nothing but time; at least once a second."""


@dataclass(frozen=True, slots=True)
class Start:
    """Start a sandbox: then SandboxJoined or SandboxFailed."""

    sandbox: SandboxId


@dataclass(frozen=True, slots=True)
class Stop:
    """End a sandbox, whatever it does. The pool has forgotten it."""

    sandbox: SandboxId


@dataclass(frozen=True, slots=True)
class Reset:
    """End what a lease left on a sandbox, and see that its agent serves: then SlotReset or SandboxGone."""

    sandbox: SandboxId
    lease: LeaseId


@dataclass(frozen=True, slots=True)
class Grant:
    """Tell the driver that it has the slot."""

    driver: DriverId
    lease: LeaseId
    sandbox: SandboxId


@dataclass(frozen=True, slots=True)
class Revoke:
    """Tell the driver that the slot is no longer its own; whatever ran there is lost."""

    driver: DriverId
    lease: LeaseId
    reason: str


@dataclass(frozen=True, slots=True)
class Refuse:
    """Tell the driver that it will not get the slot."""

    driver: DriverId
    lease: LeaseId
    refusal: Refusal
    reason: str


@dataclass(frozen=True, slots=True)
class End:
    """Nobody has used the pool for long: it ends. Its sandboxes have been told to stop."""


Instruction = Start | Stop | Reset | Grant | Revoke | Refuse | End
