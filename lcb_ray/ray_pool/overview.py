"""A pool actor's view of its pool, with what its sandboxes say they do: for `livecodebench top`, and only that.

Sandboxes are asked at once and get little time: one that does not answer is shown as silent, and holds up nobody.
"""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import Mapping
from typing import Any

from ray.exceptions import RayError

from lcb_ray.pool_view import DriverView, Finished, PoolView, SandboxView
from lcb_ray.ray_pool.activity import Activity
from lcb_ray.ray_pool.metrics import SLOT_STATES, slots_of
from lcb_ray.rules.events import DriverId, SandboxId
from lcb_ray.rules.placement import Sandbox
from lcb_ray.rules.state import PoolState

_ANSWER_S = 2.0
_MOST_RECENT = 20


async def overview(
    pool: str,
    state: PoolState,
    actors: Mapping[SandboxId, Any],
    *,
    labels: Mapping[DriverId, str],
    hosts: Mapping[SandboxId, str],
) -> PoolView:
    """How things stand now.

    Args:
        pool: Its name.
        state: Of the rules.
        actors: The sandbox actors.
        labels: Of the drivers.
        hosts: Where the sandboxes are, as far as they are up.
    """
    up = [sandbox.id for sandbox in state.sandboxes if sandbox.up and sandbox.id in actors]
    said = dict(zip(up, await asyncio.gather(*(_activity(actors[id]) for id in up)), strict=True))
    sandboxes = list(state.sandboxes)  # as they are now: some may have gone meanwhile
    slots = Counter(dict.fromkeys(SLOT_STATES, 0))
    for sandbox in sandboxes:
        slots.update(slots_of(sandbox))
    recent = [
        Finished(key=one.key, verdict=one.verdict, ago_s=one.ago_s, host=hosts.get(id, ""), sandbox=id)
        for id, activity in said.items()
        if activity is not None
        for one in activity.recent
    ]
    held = Counter(lease.driver for lease in state.leases.values())
    return PoolView(
        pool=pool,
        target=state.target or 0,
        slots=dict(slots),
        waiting=len(state.waiting),
        failure=state.failure,
        drivers=tuple(
            DriverView(
                id=id,
                label=labels.get(id, ""),
                priority=str(driver.priority),
                waiting=driver.account.waiting,
                held=held[id],
            )
            for id, driver in state.drivers.items()
        ),
        sandboxes=tuple(_shown(sandbox, said.get(sandbox.id), hosts.get(sandbox.id, "")) for sandbox in sandboxes),
        recent=tuple(sorted(recent, key=lambda one: one.ago_s)[:_MOST_RECENT]),
    )


async def _activity(actor: Any) -> Activity | None:  # noqa: ANN401 - an ActorHandle of one of several classes
    try:
        said: Activity = await asyncio.wait_for(actor.activity.remote(), _ANSWER_S)
    except (RayError, TimeoutError):
        return None
    return said


def _shown(sandbox: Sandbox, said: Activity | None, host: str) -> SandboxView:
    state = "draining" if sandbox.draining else "up" if sandbox.up else "starting"
    return SandboxView(
        id=sandbox.id,
        host=host,
        state="silent" if sandbox.up and said is None else state,
        slots=sandbox.slots if sandbox.up else 0,
        taken=sandbox.taken,
        verdicts=said.verdicts if said else {},
        errors=said.errors if said else 0,
        last_minute=said.last_minute if said else 0,
        running=said.running if said else (),
        network=said.network if said else "",
    )
