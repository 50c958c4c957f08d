"""The sandbox actors of a pool: started, found again, looked after, reset and ended, as the rules say.

They are detached and have names, so that a pool actor that Ray has started again finds them. All of it runs in the pool
actor's event loop. What becomes of a sandbox is an event, for the rules to decide on.
"""

from __future__ import annotations

import asyncio
import logging
import time
from collections.abc import Callable, Coroutine
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
from lcb_ray.ray_pool.messages import NAMESPACE, PoolConfig
from lcb_ray.ray_pool.room import Room
from lcb_ray.ray_pool.sandbox_actor import CONTROL_THREADS, SandboxActor
from lcb_ray.ray_pool.work import SandboxReport
from lcb_ray.rules import events
from lcb_ray.rules.events import Event, LeaseId, SandboxId

_LOOK_S = 10.0  # between two looks at a sandbox
_NODES_S = 2.0  # between two looks at which nodes are to go
_MOST_LOOKS_S = 50  # looks in a second: at a large pool's sandboxes the pool actor looks less often
_ANSWER_S = 90.0  # for a sandbox to answer: its actor may be restarting, and its agent starting
_FOUND_S = 20.0  # for a sandbox that was there before this pool actor: everybody waits for it

log = logging.getLogger(__name__)


class Sandboxes:
    """What the pool actor has of its sandboxes.

    Args:
        config: Of the pool.
        room: What each may take of the cluster.
        epoch: Of the pool actor: a sandbox obeys the latest.
        tell: Takes what has become of one.

    Attributes:
        actors: Their handles.
        reports: What each has said last.
        info: What they are, once one has said it.
    """

    def __init__(self, config: PoolConfig, room: Room, *, epoch: int, tell: Callable[[Event], None]) -> None:
        self._config = config
        self._room = room
        self._epoch = epoch
        self._tell = tell
        self._prefix = f"sandbox:{config.name}:"
        self._tasks: dict[SandboxId, set[asyncio.Task[None]]] = {}
        self._news = asyncio.Event()
        self.actors: dict[SandboxId, ActorHandle[SandboxActor]] = {}
        self.reports: dict[SandboxId, SandboxReport] = {}
        self.info: SandboxInfo | None = None

    def start(self, sandbox: SandboxId) -> None:
        """Make one, which joins as soon as the cluster has room for it."""
        self.actors[sandbox] = self._make(sandbox)
        self._spawn(sandbox, self._bring_up(sandbox))

    def stop(self, sandbox: SandboxId) -> None:
        """End one, and all that is under way for it."""
        for task in self._tasks.pop(sandbox, set()):
            task.cancel()
        self.reports.pop(sandbox, None)
        self._kill(sandbox)

    def reset(self, sandbox: SandboxId, lease: LeaseId) -> None:
        """Have one end what runs in it for a lease."""
        self._spawn(sandbox, self._reset(sandbox, lease))

    async def find(self) -> None:
        """Take over what a former pool actor left; returns once each has answered, or is lost."""
        await asyncio.gather(*(self._find(name) for name in ray.util.list_named_actors(all_namespaces=True)))

    async def news(self, within_s: float) -> None:
        """Wait a while for the next that joins, or fails to start."""
        self._news.clear()
        with suppress(TimeoutError):
            await asyncio.wait_for(self._news.wait(), within_s)

    async def look_after_nodes(self) -> None:
        """Lend nothing more on nodes that are to go, for ever; what runs there may come to its end."""
        while True:
            await asyncio.sleep(_NODES_S)
            going = await asyncio.to_thread(draining_nodes)
            for sandbox in [id for id, report in self.reports.items() if report.node in going]:
                self._tell(events.DrainAsked(at=time.monotonic(), sandbox=sandbox))

    def whereabouts(self, sandbox: SandboxId) -> dict[str, Any]:
        """Where one is, for people; empty where it has not said so yet."""
        report = self.reports.get(sandbox)
        return {} if report is None else {"host": report.host, "node": report.node, "pid": report.pid}

    def _spawn(self, sandbox: SandboxId, work: Coroutine[Any, Any, None]) -> None:
        task = asyncio.get_running_loop().create_task(work)
        tasks = self._tasks.setdefault(sandbox, set())
        tasks.add(task)
        task.add_done_callback(tasks.discard)

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
        ray.kill(self.actors.pop(sandbox), no_restart=True)

    async def _find(self, actor: dict[str, str]) -> None:
        """Take over a sandbox; end it where it does not answer."""
        name, namespace = actor["name"], actor["namespace"]
        if namespace != NAMESPACE or not name.startswith(self._prefix):
            return
        sandbox = SandboxId(int(name.removeprefix(self._prefix)))
        try:
            handle = ray.get_actor(name, namespace)
        except ValueError:  # it has ended meanwhile
            return
        self.actors[sandbox] = handle
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
        self._tell(events.SandboxFailed(at=time.monotonic(), sandbox=sandbox, reason=reason, final=final))
        self._news.set()

    def _check_version(self, report: SandboxReport) -> None:
        ours = code_version(self._config.code)
        if report.version != ours:
            raise SandboxUnusable(
                f"{report.host} runs version {report.version} of this package, the pool {ours}: use one release "
                "everywhere"
            )

    def _join(self, sandbox: SandboxId, report: SandboxReport, *, found: bool) -> None:
        self.info = report.info
        self._news.set()
        self._tell(
            events.SandboxJoined(
                at=time.monotonic(), sandbox=sandbox, slots=report.slots, found=found, running=report.running
            )
        )
        if sandbox in self.actors:
            self._spawn(sandbox, self._look_after(sandbox))

    async def _look_after(self, sandbox: SandboxId) -> None:
        """See that it answers, as long as it is there."""
        while True:
            await asyncio.sleep(max(_LOOK_S, len(self.actors) / _MOST_LOOKS_S))
            try:
                await self._report(sandbox, _ANSWER_S)
            except (SandboxError, RayError) as error:
                self._lose(sandbox, str(error))
                return

    async def _reset(self, sandbox: SandboxId, lease: LeaseId) -> None:
        try:
            await answer_of(lambda: self.actors[sandbox].reset.remote(self._epoch, lease), _ANSWER_S)
        except (SandboxError, RayError) as error:
            self._lose(sandbox, str(error))
        else:
            self._tell(events.SlotReset(at=time.monotonic(), sandbox=sandbox, lease=lease))

    def _lose(self, sandbox: SandboxId, reason: str) -> None:
        log.warning("sandbox %s is lost: %s", sandbox, reason)
        self._tell(events.SandboxGone(at=time.monotonic(), sandbox=sandbox, reason=reason))

    async def _report(self, sandbox: SandboxId, within_s: float | None) -> SandboxReport:
        report: SandboxReport = await answer_of(lambda: self.actors[sandbox].report.remote(self._epoch), within_s)
        self.reports[sandbox] = report
        return report
