"""The named actor that hands out leases on a pool's sandboxes to all its drivers: the hands of lcb_ray.rules.state.

One per pool name, detached, on the head node. Where it is killed, Ray starts it again, and it asks the sandboxes, which
live on, what they are doing. It ends itself, and them, when nobody has used the pool for a while. All of it runs in one
event loop; no state is shared with a thread.
"""

from __future__ import annotations

import asyncio
import logging
import os
import time
from typing import Any

import ray
from ray.exceptions import RayError

from lcb_ray.code_version import code_version
from lcb_ray.ray_pool.exchange import POLL_S
from lcb_ray.ray_pool.mailbox import Mailbox
from lcb_ray.ray_pool.messages import Ask, Description, Introduction, Mail, PoolConfig, Release, Welcome
from lcb_ray.ray_pool.metrics import PoolMetrics, tell
from lcb_ray.ray_pool.overview import overview
from lcb_ray.ray_pool.room import room_in
from lcb_ray.ray_pool.sandboxes import Sandboxes
from lcb_ray.rules import events
from lcb_ray.rules.events import DriverId, Event, Instruction, LeaseId, SandboxId
from lcb_ray.rules.state import PoolState
from lcb_ray.structured_log import log_as_json

_TICK_S = 1.0

log = logging.getLogger(__name__)


class PoolActor:
    """Hands out leases.

    Args:
        config: Of the driver that made it; those who come later take what they find.
    """

    def __init__(self, config: PoolConfig) -> None:
        log_as_json()
        self._config = config
        self._epoch = time.time_ns()
        nodes: Any = ray.nodes  # has no types
        room = room_in(nodes(), slots=config.slots)
        self._state = PoolState(room.rules(config.rules), at=time.monotonic())
        self._metrics = PoolMetrics(config.name)
        self._sandboxes = Sandboxes(config, room, epoch=self._epoch, tell=self._handle)
        self._mail: dict[DriverId, Mailbox] = {}
        self._handed: dict[DriverId, set[SandboxId]] = {}  # whose handles a driver has: they cost more than letters
        self._left: dict[DriverId, asyncio.Event] = {}
        self._watches: set[asyncio.Task[None]] = set()
        self._labels: dict[DriverId, str] = {}
        self._begun = asyncio.Event()
        self._life: asyncio.Task[None] | None = None
        # Ray may fail an actor's call of itself while it restarts: it is repeated, and drivers come with `version`.
        ray.get_runtime_context().current_actor.begin.options(max_task_retries=-1).remote()

    def __repr__(self) -> str:
        return f"Pool({self._config.name})"

    async def begin(self) -> None:
        """Begin to live, once. Called by the actor itself, and by every driver's first call."""
        if self._life is None:
            self._life = asyncio.get_running_loop().create_task(self._live())

    async def _live(self) -> None:
        """Find what a former pool actor left, then let time pass."""
        try:
            await self._sandboxes.find()
            self._begun.set()
            nodes = asyncio.create_task(self._sandboxes.look_after_nodes())
            while not nodes.done():
                await asyncio.sleep(_TICK_S)
                self._handle(events.TimePassed(at=time.monotonic()))
                self._metrics.level(self._state)
                for driver in self._mail.keys() - self._state.drivers.keys():
                    self._dismiss(driver)
            await nodes  # which never ends by itself
        except Exception:
            log.exception("the pool actor of %r has a bug; it starts again", self._config.name)
            os._exit(1)

    # What drivers call

    async def version(self) -> str:
        """Of the code that runs here. The first call of every driver: it must never change its form."""
        await self.begin()
        return code_version(self._config.code)

    async def presence(self, driver: DriverId) -> None:
        """Return when the driver has left. The driver owns the reference to this call, and passes it to `join`."""
        await self._left.setdefault(driver, asyncio.Event()).wait()

    async def join(self, who: Introduction, presence: list[Any]) -> Welcome | None:
        """Let a driver use the pool. None where the pool is about to end: another one will take its name.

        Args:
            who: The driver; the same one may come again.
            presence: A reference to its call of `presence`. It breaks when the driver's process ends, which is how Ray
                says so.
        """
        await self._begun.wait()
        self._handle(
            events.DriverJoined(
                at=time.monotonic(), driver=who.driver, priority=who.priority, pool_size=who.pool_size, keeps=who.keeps
            )
        )
        if self._state.ended:
            return None
        self._labels[who.driver] = who.label
        self._handed[who.driver] = set()
        box = self._mail.setdefault(who.driver, Mailbox())
        watch = asyncio.get_running_loop().create_task(self._watch(who.driver, presence[0]))
        self._watches.add(watch)
        watch.add_done_callback(self._watches.discard)
        return Welcome(
            epoch=self._epoch, seen=box.confirmed, capacity=self._state.capacity(), size=self._state.target or 0
        )

    async def exchange(
        self, driver: DriverId, seen: int, words: tuple[Ask | Release, ...], held: frozenset[LeaseId] | None
    ) -> Mail | None:
        """Hear what a driver wants and no longer wants, and tell it what there is to tell; waits for that.

        Args:
            driver: Who. Another call of its ends the waiting of this one.
            seen: Number of the last letter it has.
            words: What it says.
            held: The leases it holds, now and then: these are prolonged.

        Returns None where it has to join first: nothing was heard then.
        """
        box = self._mail.get(driver)
        if box is None:
            return None
        if held is not None:
            self._handle(events.DriverHeard(at=time.monotonic(), driver=driver, held=held))
        # Requests first: who gives a lease back and asks for the next one in one breath has a claim on that slot, too.
        for word in sorted(words, key=lambda word: isinstance(word, Release)):
            self._handle(_event(word, driver, at=time.monotonic()))
        last, letters = await box.take(seen, POLL_S)
        if box.closed:
            return None
        granted = {letter.sandbox for letter in letters if isinstance(letter, events.Grant)}
        actors = self._sandboxes.actors
        new = (granted & actors.keys()) - self._handed[driver]
        self._handed[driver] |= new
        return Mail(
            last=last,
            letters=tuple(letters),
            actors={sandbox: actors[sandbox] for sandbox in new},
            capacity=self._state.capacity(),
        )

    async def leave(self, driver: DriverId) -> None:
        """Say goodbye: everything it has is given back."""
        self._dismiss(driver)

    async def describe(self) -> Description:
        """What the sandboxes are; waits a while for the first."""
        await self._begun.wait()
        if self._sandboxes.info is None and not self._hopeless():
            await self._sandboxes.news(POLL_S)
        return Description(info=self._sandboxes.info, failure=self._state.failure, final=self._hopeless())

    def _hopeless(self) -> bool:
        return self._state.unusable and not len(self._state.sandboxes)

    async def status(self) -> dict[str, Any]:
        """What goes on, for people and tests."""
        return {
            "pool": self._config.name,
            "epoch": self._epoch,
            "pid": os.getpid(),
            "target": self._state.target,
            "drivers": {driver: self._labels.get(driver, "") for driver in self._state.drivers},
            "waiting": len(self._state.waiting),
            "leases": {lease.id: lease.sandbox for lease in self._state.leases.values()},
            "sandboxes": {
                sandbox.id: {"slots": sandbox.slots, "taken": sandbox.taken, "draining": sandbox.draining}
                | self._sandboxes.whereabouts(sandbox.id)
                for sandbox in self._state.sandboxes
            },
        }

    async def overview(self) -> dict[str, Any]:
        """What goes on, with what the sandboxes do: lcb_ray.pool_view.PoolView, as JSON."""
        hosts = {id: report.host for id, report in self._sandboxes.reports.items()}
        view = await overview(self._config.name, self._state, self._sandboxes.actors, labels=self._labels, hosts=hosts)
        return view.as_json()

    # Drivers' ends

    async def _watch(self, driver: DriverId, presence: Any) -> None:  # noqa: ANN401 - an ObjectRef
        try:
            await presence
        except RayError:  # its owner has died
            log.info("driver %s (%s) has ended", driver, self._labels.get(driver))
            self._dismiss(driver)

    def _dismiss(self, driver: DriverId) -> None:
        self._handle(events.DriverLeft(at=time.monotonic(), driver=driver))
        self._labels.pop(driver, None)
        self._handed.pop(driver, None)
        if box := self._mail.pop(driver, None):
            box.close()
        if left := self._left.pop(driver, None):
            left.set()

    # Instructions

    def _handle(self, event: Event) -> None:
        instructions = self._state.handle(event)
        self._metrics.seen(event, instructions)
        for instruction in instructions:
            tell(instruction)
            self._carry_out(instruction)

    def _carry_out(self, instruction: Instruction) -> None:
        match instruction:
            case events.Start(sandbox):
                self._sandboxes.start(sandbox)
            case events.Stop(sandbox):
                self._sandboxes.stop(sandbox)
            case events.Reset(sandbox, lease):
                self._sandboxes.reset(sandbox, lease)
            case events.Grant(driver) | events.Revoke(driver) | events.Refuse(driver):
                if box := self._mail.get(driver):
                    box.put(instruction)
            case events.End():
                log.info("nobody uses pool %r any more: it ends", self._config.name)
                ray.kill(ray.get_runtime_context().current_actor, no_restart=True)


def _event(word: Ask | Release, driver: DriverId, *, at: float) -> Event:
    """What a driver's word means to the rules."""
    if isinstance(word, Release):
        return events.LeaseReleased(at=at, lease=word.lease, dirty=word.dirty)
    until = at + word.within_s
    return events.LeaseAsked(at=at, lease=word.lease, driver=driver, alone=word.alone, avoid=word.avoid, until=until)
