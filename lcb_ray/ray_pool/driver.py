"""The `ray` backend: batches run on a pool of sandbox actors that any number of drivers share by its name.

A thread for each batch under way: it asks for a lease, sends the batch to the sandbox actor, and gives the lease back.
What a sandbox loses runs again on another one, alone. Who gets which lease is the pool actor's business.
"""

from __future__ import annotations

import atexit
import logging
import os
import queue
import threading
import uuid
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import CancelledError, Future
from contextlib import contextmanager
from functools import partial
from typing import Any, Generic, TypeVar

import ray
from ray.actor import ActorHandle
from ray.exceptions import GetTimeoutError, RayError, RayTaskError

from lcb_ray.agent_client import Cancelled
from lcb_ray.agent_keeper import AgentSource
from lcb_ray.batch import Batch, BatchResult, Checked
from lcb_ray.code_version import code_version
from lcb_ray.errors import PoolClosed, PoolUnavailable, SandboxLost, SandboxOverloaded, SandboxUnusable
from lcb_ray.parcel import Shelf
from lcb_ray.pool import SandboxInfo
from lcb_ray.ray_pool.connection import connect, disconnect
from lcb_ray.ray_pool.head_watch import HeadWatch, patience_s
from lcb_ray.ray_pool.lease_desk import LeaseDesk
from lcb_ray.ray_pool.looking import process_label
from lcb_ray.ray_pool.messages import Introduction, PoolConfig
from lcb_ray.ray_pool.opening import open_pool_actor
from lcb_ray.ray_pool.pod import agent_here
from lcb_ray.ray_pool.pool_actor import PoolActor
from lcb_ray.ray_pool.work import Stage, StaleLease, Work
from lcb_ray.retry import retried, tell_second_run
from lcb_ray.rules.events import DriverId, Priority, SandboxId
from lcb_ray.rules.state import PoolRules

C = TypeVar("C", bound=Checked)

POOL_NAME = "livecodebench"
ACQUIRE_S = 600.0  # to wait for a lease: others may be at work, and sandboxes still starting
_VERSION_S = 60.0  # for a new pool actor to answer
_MOST_STALE = 20  # leases of a pool actor that has died, one after the other, before the batch fails
_JOIN_S = 10.0  # for a thread whose batch was cancelled
_LOOK_S = 5.0  # whether the pool is still there, while a batch runs

log = logging.getLogger(__name__)


class _BatchFuture(Future[BatchResult[C]], Generic[C]):
    """A future whose cancellation also stops what is under way for it."""

    def __init__(self) -> None:
        super().__init__()
        self._guard = threading.Lock()
        self._stop: Callable[[], object] | None = None
        self.stopping = False

    def cancel(self) -> bool:
        """Cancel the batch. Returns False only where it has ended already."""
        if super().cancel():
            return True
        if self.done():
            return False
        with self._guard:
            self.stopping, stop = True, self._stop
        if stop is not None:
            stop()
        return True

    @contextmanager
    def stopped_by(self, stop: Callable[[], object]) -> Iterator[None]:
        """What is to be called when it is cancelled meanwhile, or was before."""
        with self._guard:
            self._stop, already = stop, self.stopping
        if already:
            stop()
        try:
            yield
        finally:
            with self._guard:
                self._stop = None


class RayPool:
    """Runs batches on a Ray cluster. Connects, and attaches to the pool of its name or makes it, with the first batch.

    Args:
        slots: Executions at once on each sandbox, where this makes the pool. None: see lcb_ray.ray_pool.room.
        pool_size: The most sandboxes. None: what fits. Of several drivers the largest wish counts.
        name: Drivers that name the same pool share it.
        address: Of the cluster; see lcb_ray.ray_pool.connection.connect.
        priority: What this driver runs.
        code: The packages that sandboxes need, to unpack cases and check answers.
        backend: The pool's name in reports, where this makes it.
        source: Finds or starts an agent, where a sandbox actor is.
        acquire_s: How long to wait for a lease.
        rules: For a pool that is made here.
        dashboard: Start Ray's dashboard with a cluster that is started here.
    """

    def __init__(
        self,
        slots: int | None = None,
        *,
        pool_size: int | None = None,
        name: str = POOL_NAME,
        address: str | None = None,
        priority: Priority = Priority.EVALUATION,
        code: Sequence[str] = ("lcb_ray",),
        backend: str = "ray",
        source: AgentSource = agent_here,
        acquire_s: float = ACQUIRE_S,
        rules: PoolRules | None = None,
        dashboard: bool = False,
    ) -> None:
        self._config = PoolConfig(
            name=name, backend=backend, code=tuple(code), source=source, slots=slots, rules=rules or PoolRules()
        )
        self._who = Introduction(
            driver=DriverId(uuid.uuid4().hex[:12]),
            priority=priority,
            pool_size=pool_size,
            label=process_label(),
        )
        self._address = address
        self._acquire_s = acquire_s
        self._dashboard = dashboard
        self._queue: queue.SimpleQueue[tuple[Batch[Any], _BatchFuture[Any]] | None] = queue.SimpleQueue()
        self._shelf = Shelf(ray.put)
        self._lock = threading.Lock()
        self._opening = threading.Lock()  # held while the desk opens, so that it opens once
        self._line: LeaseDesk | None = None
        self._head: HeadWatch | None = None
        self._threads: list[threading.Thread] = []
        self._futures: set[Future[Any]] = set()
        self._owner = os.getpid()
        self._closed = False

    @property
    def slots(self) -> int:
        """How many executions can run at once when all sandboxes are up; what was asked for until the pool is open."""
        if self._line is not None:
            return self._line.capacity
        return (self._who.pool_size or 1) * (self._config.slots or 1)

    def info(self) -> SandboxInfo:
        """Describe the sandboxes, waiting for the first. Raises SandboxError where none can be had."""
        return self._desk().describe()

    def status(self) -> dict[str, Any]:
        """What goes on in the pool, for people: its drivers, sandboxes and leases. Raises SandboxError."""
        try:
            return self._desk().status()
        except RayError as error:
            raise PoolUnavailable(f"the pool actor does not answer: {error}") from error

    def submit(self, batch: Batch[C]) -> Future[BatchResult[C]]:
        """Queue a batch; see lcb_ray.pool.Pool."""
        future: _BatchFuture[C] = _BatchFuture()
        with self._lock:
            self._check_open()
            self._futures.add(future)
        future.add_done_callback(self._forget)
        self._queue.put((batch, future))
        self._staff()
        return future

    def close(self) -> None:
        """Cancel what waits and runs, and leave the pool, which ends when nobody uses it. May be called twice."""
        with self._lock:
            if self._closed or self._owner != os.getpid():
                return
            self._closed = True
            waiting, threads = list(self._futures), list(self._threads)
        for future in waiting:
            future.cancel()
        for _ in threads:
            self._queue.put(None)
        for thread in threads:
            thread.join(_JOIN_S)
        with self._opening:
            if self._line is not None:
                atexit.unregister(self.close)
                if self._head is not None:
                    self._head.close()
                self._line.close()
                disconnect()

    def _forget(self, future: Future[Any]) -> None:
        with self._lock:
            self._futures.discard(future)

    def _check_open(self) -> None:
        if self._closed:
            raise PoolClosed("the pool is closed")
        if self._owner != os.getpid():
            raise PoolClosed("this pool belongs to the process that made it; make one after forking")

    def _staff(self) -> None:
        """As many threads as can be of use."""
        with self._lock:
            wanted = min(len(self._futures), self._line.capacity if self._line is not None else 1)
            while len(self._threads) < wanted and not self._closed:
                name = f"ray-batch-{len(self._threads)}"
                self._threads.append(threading.Thread(target=self._work, name=name, daemon=True))
                self._threads[-1].start()

    def _desk(self) -> LeaseDesk:
        """The line to the pool, opened at the first use. Raises SandboxError."""
        with self._opening:
            self._check_open()
            if self._line is None:
                connect(self._address, code=self._config.code, dashboard=self._dashboard)
                try:
                    line = LeaseDesk(self._find, self._check, self._who, acquire_s=self._acquire_s)
                    line.open()
                except BaseException:
                    disconnect()
                    raise
                atexit.register(self.close)  # after Ray registered its own, so that it is called before
                self._line = line
                address = ray.get_runtime_context().gcs_address
                self._head = HeadWatch(address, line.give_up, patience_s=patience_s())
        self._staff()
        return self._line

    def _find(self) -> ActorHandle[PoolActor]:
        if not ray.is_initialized():  # Ray would start a new cluster without a word
            raise PoolClosed("Ray was shut down while the pool was in use")
        return open_pool_actor(self._config)

    def _check(self, actor: ActorHandle[PoolActor]) -> None:
        try:
            asked: Any = actor.version.remote()
            theirs: str = ray.get(asked, timeout=_VERSION_S)
        except RayTaskError as error:
            ray.kill(actor, no_restart=True)  # it would keep the name, and be of no use
            raise SandboxUnusable(
                f"the cluster cannot run this code ({error.cause!r}): where Ray was initialised before, let its "
                f"runtime_env bring {', '.join(self._config.code)}"
            ) from error
        ours = code_version(self._config.code)
        if theirs != ours:
            raise SandboxUnusable(
                f"pool {self._config.name!r} runs version {theirs} of this code, this process {ours}: use one release "
                "in all its drivers, or another pool name, or wait a minute: a pool ends when nobody uses it"
            )

    def _work(self) -> None:
        while (item := self._queue.get()) is not None:
            batch, future = item
            if future.set_running_or_notify_cancel():
                try:
                    result = self._run(batch, future)
                except Cancelled:
                    future.set_exception(CancelledError())
                except BaseException as error:
                    future.set_exception(error)
                else:
                    future.set_result(result)
            del batch, future, item  # a waiting thread must not keep the last batch alive
            self._staff()

    def _run(self, batch: Batch[C], future: _BatchFuture[C]) -> BatchResult[C]:
        desk, avoid = self._desk(), set[SandboxId]()

        def attempt(number: int) -> BatchResult[C]:
            stage: Stage[C] = Stage()
            while not stage.finished:
                if stage.wants_quiet:
                    tell_second_run(batch.key, len(stage.checked))
                alone = number > 1 or stage.wants_quiet
                stage = _while_stale(partial(self._under_lease, desk, batch, stage, future, avoid, alone=alone))
            return stage.result(number)

        return retried(attempt, key=batch.key)

    def _under_lease(
        self,
        desk: LeaseDesk,
        batch: Batch[C],
        stage: Stage[C],
        future: _BatchFuture[C],
        avoid: set[SandboxId],
        *,
        alone: bool,
    ) -> Stage[C]:
        wish = desk.ask(alone=alone, avoid=frozenset(avoid))
        log.debug("%s: asks for lease %s%s", batch.key, wish.lease, ", alone" if alone else "")
        dirty = False
        try:
            with future.stopped_by(wish.granted.cancel):
                granted = wish.granted.result()
            parcel = self._shelf.parcel(batch)
            work = Work.of(
                batch, parcel, stage, lease=wish.lease, driver=self._who.driver, epoch=granted.epoch, alone=alone
            )
            dirty = True
            try:
                with future.stopped_by(lambda: granted.actor.cancel.remote(wish.lease)):
                    done: Stage[C] = _answer(granted.actor.run.remote(work), future, desk)
            except (SandboxLost, SandboxOverloaded) as error:
                self._shelf.forget(parcel)  # it may be what was lost
                if not isinstance(error, StaleLease):
                    avoid.add(granted.sandbox)
                raise
            dirty = False
            return done
        except CancelledError:
            raise Cancelled from None
        finally:
            desk.release(wish.lease, dirty=dirty)


def _while_stale(step: Callable[[], Stage[C]]) -> Stage[C]:
    """Take a step under a lease. A lease that was never good costs no attempt: nothing has run."""
    for _ in range(_MOST_STALE):
        try:
            return step()
        except StaleLease as error:
            stale = error
    raise stale


def _answer(run: Any, future: _BatchFuture[C], desk: LeaseDesk) -> Stage[C]:  # noqa: ANN401 - an ObjectRef
    """What a sandbox actor answers.

    Raises what it raised, SandboxLost where it or its node is gone, and what the desk has broken with.
    """
    try:
        stage: Stage[C] = _waited_for(run, desk)
    except RayTaskError as error:
        if isinstance(error.cause, Cancelled) and not future.stopping:
            raise SandboxLost("the pool took the lease back while the batch ran") from error
        raise (error.cause or error) from error
    except RayError as error:
        raise SandboxLost(f"the sandbox actor is gone: {error}") from error
    return stage


def _waited_for(run: Any, desk: LeaseDesk) -> Any:  # noqa: ANN401 - what the reference holds
    while True:
        try:
            return ray.get(run, timeout=_LOOK_S)
        except GetTimeoutError:
            desk.check()
