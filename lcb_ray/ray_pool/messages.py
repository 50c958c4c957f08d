"""What drivers and the pool actor say to each other. Every word may be said twice; after a loss, all of them."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from lcb_ray.agent_keeper import AgentSource
from lcb_ray.pool import SandboxInfo
from lcb_ray.ray_pool.mailbox import Letter
from lcb_ray.rules.events import DriverId, LeaseId, Priority, SandboxId
from lcb_ray.rules.state import PoolRules

NAMESPACE = "livecodebench"  # of all named actors: every job of a Ray cluster finds them there


@dataclass(frozen=True, slots=True, kw_only=True)
class PoolConfig:
    """How a pool is made; whoever makes it decides.

    Attributes:
        name: Of the pool.
        backend: Its name in reports.
        code: The packages that must be the same on all sides; see lcb_ray.code_version.
        source: Starts an agent, where a sandbox actor is.
        slots: Executions at once on each sandbox. None: 1 on nodes made for sandboxes, else all CPUs of a node.
        rules: Sizes and times; the sizes are the most that the pool will use, whatever the cluster has.
    """

    name: str
    backend: str
    code: tuple[str, ...]
    source: AgentSource
    slots: int | None = None
    rules: PoolRules = field(default_factory=PoolRules)


@dataclass(frozen=True, slots=True, kw_only=True)
class Introduction:
    """What a driver says of itself.

    Attributes:
        label: Host and process, for people.
        keeps: The leases that it holds or waits for.
    """

    driver: DriverId
    priority: Priority
    pool_size: int | None
    label: str
    keeps: frozenset[LeaseId] = frozenset()


@dataclass(frozen=True, slots=True, kw_only=True)
class Welcome:
    """The pool actor's answer.

    Attributes:
        epoch: Names this pool actor; another one has a larger.
        seen: Number of the last letter that the driver has confirmed.
        capacity: Slots once all wanted sandboxes are up.
        size: Sandboxes that the pool has, or is about to have.
    """

    epoch: int
    seen: int
    capacity: int
    size: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Description:
    """What the sandboxes are, as far as one is up.

    Attributes:
        failure: Why the last one that failed to start did; empty where none did since one came up.
        final: The failure will not go away by itself.
    """

    info: SandboxInfo | None
    failure: str
    final: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Ask:
    """A lease is wanted; see lcb_ray.rules.events.LeaseAsked."""

    lease: LeaseId
    alone: bool
    avoid: frozenset[SandboxId]
    within_s: float


@dataclass(frozen=True, slots=True)
class Release:
    """A lease is no longer wanted; see lcb_ray.rules.events.LeaseReleased."""

    lease: LeaseId
    dirty: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Mail:
    """What a driver has to know.

    Attributes:
        last: Number of the last letter, to be confirmed with the next poll.
        letters: In order.
        actors: Of the leases that are granted in them, the sandbox actors that the driver has not got since it joined.
        capacity: Slots once all wanted sandboxes are up.
    """

    last: int
    letters: tuple[Letter, ...]
    actors: dict[SandboxId, Any]
    capacity: int
