"""The named actor that hands out leases on a pool's sandboxes to all its drivers: the hands of lcb_ray.rules.state.

One per pool name, detached, on the head node. It starts and ends sandbox actors, which are detached, too: where it is
killed, Ray starts it again, and it asks those what they are doing. It ends itself, and them, when nobody has used the
pool for a while. All of it runs in one event loop; no state is shared with a thread.
"""

from __future__ import annotations

import asyncio
import logging
import os
import time
from collections.abc import Coroutine
from contextlib import suppress
from typing import Any

import ray
from ray.actor import ActorHandle
from ray.exceptions import RayError

from lcb_ray.code_version import code_version
from lcb_ray.errors import SandboxError, SandboxUnusable
from lcb_ray.pool import SandboxInfo
from lcb_ray.ray_pool.answers import answer_of
from lcb_ray.ray_pool.draining import draining_nodes
from lcb_ray.ray_pool.exchange import POLL_S
from lcb_ray.ray_pool.mailbox import Mailbox
from lcb_ray.ray_pool.messages import Ask, Description, Introduction, Mail, PoolConfig, Release, Welcome
from lcb_ray.ray_pool.metrics import PoolMetrics, tell
from lcb_ray.ray_pool.overview import overview
from lcb_ray.ray_pool.room import room_in
from lcb_ray.ray_pool.sandbox_actor import CONTROL_THREADS, SandboxActor
from lcb_ray.ray_pool.work import SandboxReport
from lcb_ray.rules import events
from lcb_ray.rules.events import DriverId, Event, Instruction, LeaseId, SandboxId
from lcb_ray.rules.state import PoolState
from lcb_ray.structured_log import log_as_json

NAMESPACE = "livecodebench"
_TICK_S = 1.0
_LOOK_S = 10.0  # between two looks at a sandbox
_NODES_S = 2.0  # between two looks at which nodes are to go
_MOST_LOOKS_S = 50  # looks in a second: at a large pool's sandboxes this actor looks less often
_ANSWER_S = 90.0  # for a sandbox to answer: its actor may be restarting, and its agent starting
_FOUND_S = 20.0  # for a sandbox that was there before this actor: everybody waits for it

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
        self._room = room_in(nodes(), slots=config.slots)
        self._state = PoolState(self._room.rules(config.rules), at=time.monotonic())
        self._metrics = PoolMetrics(config.name)
        self._actors: dict[SandboxId, ActorHandle[SandboxActor]] = {}
        self._tasks: dict[SandboxId, set[asyncio.Task[None]]] = {}
        self._mail: dict[DriverId, Mailbox] = {}
        self._handed: dict[DriverId, set[SandboxId]] = {}  # whose handles a driver has: they cost more than letters
        self._left: dict[DriverId, asyncio.Event] = {}
        self._watches: set[asyncio.Task[None]] = set()
        self._labels: dict[DriverId, str] = {}
        self._info: SandboxInfo | None = None
        self._reports: dict[SandboxId, SandboxReport] = {}
        self._begun = asyncio.Event()
        self._news = asyncio.Event()
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
            await asyncio.gather(*(self._find(name) for name in ray.util.list_named_actors(all_namespaces=True)))
            self._begun.set()
            nodes = asyncio.create_task(self._look_after_nodes())
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
        new = (granted & self._actors.keys()) - self._handed[driver]
        self._handed[driver] |= new
        return Mail(
            last=last,
            letters=tuple(letters),
            actors={sandbox: self._actors[sandbox] for sandbox in new},
            capacity=self._state.capacity(),
        )

    async def leave(self, driver: DriverId) -> None:
        """Say goodbye: everything it has is given back."""
        self._dismiss(driver)

    async def describe(self) -> Description:
        """What the sandboxes are; waits a while for the first."""
        await self._begun.wait()
        if self._info is None and not self._hopeless():
            self._news.clear()
            with suppress(TimeoutError):
                await asyncio.wait_for(self._news.wait(), POLL_S)
        return Description(info=self._info, failure=self._state.failure, final=self._hopeless())

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
                | self._whereabouts(sandbox.id)
                for sandbox in self._state.sandboxes
            },
        }

    async def overview(self) -> dict[str, Any]:
        """What goes on, with what the sandboxes do: lcb_ray.pool_view.PoolView, as JSON."""
        hosts = {id: report.host for id, report in self._reports.items()}
        view = await overview(self._config.name, self._state, self._actors, labels=self._labels, hosts=hosts)
        return view.as_json()

    def _whereabouts(self, sandbox: SandboxId) -> dict[str, Any]:
        report = self._reports.get(sandbox)
        return {} if report is None else {"host": report.host, "node": report.node, "pid": report.pid}

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
                self._actors[sandbox] = self._make(sandbox)
                self._spawn(sandbox, self._bring_up(sandbox))
            case events.Stop(sandbox):
                for task in self._tasks.pop(sandbox, set()):
                    task.cancel()
                self._reports.pop(sandbox, None)
                self._kill(sandbox)
            case events.Reset(sandbox, lease):
                self._spawn(sandbox, self._reset(sandbox, lease))
            case events.Grant(driver) | events.Revoke(driver) | events.Refuse(driver):
                if box := self._mail.get(driver):
                    box.put(instruction)
            case events.End():
                log.info("nobody uses pool %r any more: it ends", self._config.name)
                ray.kill(ray.get_runtime_context().current_actor, no_restart=True)

    def _spawn(self, sandbox: SandboxId, work: Coroutine[Any, Any, None]) -> None:
        task = asyncio.get_running_loop().create_task(work)
        tasks = self._tasks.setdefault(sandbox, set())
        tasks.add(task)
        task.add_done_callback(tasks.discard)

    # Sandboxes

    def _make(self, sandbox: SandboxId) -> ActorHandle[SandboxActor]:
        groups = {"executions": self._room.slots, "control": CONTROL_THREADS}
        remote: Any = ray.remote  # its types leave concurrency_groups out
        options = {
            "name": f"{self._prefix}{sandbox}",
            "namespace": NAMESPACE,
            "lifetime": "detached",
            "max_restarts": -1,
            "max_task_retries": 0,
            **self._room.options,
        }
        actor: ActorHandle[SandboxActor] = (
            remote(concurrency_groups=groups)(SandboxActor)
            .options(**options)
            .remote(
                pool=self._config.name,
                backend=self._config.backend,
                slots=self._room.slots,
                epoch=self._epoch,
                source=self._config.source,
                code=self._config.code,
            )
        )
        return actor

    def _kill(self, sandbox: SandboxId) -> None:
        ray.kill(self._actors.pop(sandbox), no_restart=True)

    @property
    def _prefix(self) -> str:
        return f"sandbox:{self._config.name}:"

    async def _find(self, actor: dict[str, str]) -> None:
        """Take over a sandbox that was there before this actor; end it where it does not answer."""
        name, namespace = actor["name"], actor["namespace"]
        if namespace != NAMESPACE or not name.startswith(self._prefix):
            return
        sandbox = SandboxId(int(name.removeprefix(self._prefix)))
        try:
            handle = ray.get_actor(name, namespace)
        except ValueError:  # it has ended meanwhile
            return
        self._actors[sandbox] = handle
        try:
            report = await self._report(sandbox, _FOUND_S)
        except (SandboxError, RayError) as error:
            self._kill(sandbox)
            self._lose(sandbox, str(error))  # its number, and so its name, is not used again
        else:
            self._join(sandbox, report, found=True)

    async def _bring_up(self, sandbox: SandboxId) -> None:
        try:
            report = await self._report(sandbox, None)  # until there is room for it
            self._check_version(report)
        except SandboxUnusable as error:
            self._fail(sandbox, str(error), final=True)
        except (SandboxError, RayError) as error:
            self._fail(sandbox, str(error), final=False)
        else:
            self._join(sandbox, report, found=False)

    def _fail(self, sandbox: SandboxId, reason: str, *, final: bool) -> None:
        log.warning("sandbox %s did not start: %s", sandbox, reason)
        self._handle(events.SandboxFailed(at=time.monotonic(), sandbox=sandbox, reason=reason, final=final))
        self._news.set()

    def _check_version(self, report: SandboxReport) -> None:
        ours = code_version(self._config.code)
        if report.version != ours:
            raise SandboxUnusable(
                f"{report.host} runs version {report.version} of this package, the pool {ours}: use one release "
                "everywhere"
            )

    def _join(self, sandbox: SandboxId, report: SandboxReport, *, found: bool) -> None:
        self._info = report.info
        self._news.set()
        self._handle(
            events.SandboxJoined(
                at=time.monotonic(), sandbox=sandbox, slots=report.slots, found=found, running=report.running
            )
        )
        if sandbox in self._actors:
            self._spawn(sandbox, self._look_after(sandbox))

    async def _look_after(self, sandbox: SandboxId) -> None:
        """See that it answers, as long as it is there."""
        while True:
            await asyncio.sleep(max(_LOOK_S, len(self._actors) / _MOST_LOOKS_S))
            try:
                await self._report(sandbox, _ANSWER_S)
            except (SandboxError, RayError) as error:
                self._lose(sandbox, str(error))
                return

    async def _look_after_nodes(self) -> None:
        """Lend nothing more on nodes that are to go; what runs there may come to its end."""
        while True:
            await asyncio.sleep(_NODES_S)
            going = await asyncio.to_thread(draining_nodes)
            for sandbox in [id for id, report in self._reports.items() if report.node in going]:
                self._handle(events.DrainAsked(at=time.monotonic(), sandbox=sandbox))

    async def _reset(self, sandbox: SandboxId, lease: LeaseId) -> None:
        try:
            await answer_of(lambda: self._actors[sandbox].reset.remote(self._epoch, lease), _ANSWER_S)
        except (SandboxError, RayError) as error:
            self._lose(sandbox, str(error))
        else:
            self._handle(events.SlotReset(at=time.monotonic(), sandbox=sandbox, lease=lease))

    def _lose(self, sandbox: SandboxId, reason: str) -> None:
        log.warning("sandbox %s is lost: %s", sandbox, reason)
        self._handle(events.SandboxGone(at=time.monotonic(), sandbox=sandbox, reason=reason))

    async def _report(self, sandbox: SandboxId, within_s: float | None) -> SandboxReport:
        report: SandboxReport = await answer_of(lambda: self._actors[sandbox].report.remote(self._epoch), within_s)
        self._reports[sandbox] = report
        return report


def _event(word: Ask | Release, driver: DriverId, *, at: float) -> Event:
    """What a driver's word means to the rules."""
    if isinstance(word, Release):
        return events.LeaseReleased(at=at, lease=word.lease, dirty=word.dirty)
    until = at + word.within_s
    return events.LeaseAsked(at=at, lease=word.lease, driver=driver, alone=word.alone, avoid=word.avoid, until=until)
