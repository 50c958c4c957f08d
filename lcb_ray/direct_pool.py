"""A pool whose sandboxes this process holds by itself: a thread for each slot, an agent's keeper for each sandbox.

A sandbox starts with the first work that needs it. One that is lost is replaced, and what it was doing runs again,
alone, so that a program that takes its sandbox down every time is found out by itself, and is then an error with its
name on it, not a verdict. What a sandbox is, a child process or a container, is the backend's business: it says where
agents come from.
"""

from __future__ import annotations

import os
import threading
from collections.abc import Callable, Sequence
from concurrent.futures import CancelledError, Future
from functools import partial
from typing import Any, Generic, TypeVar

from lcb_ray.agent_client import Cancelled, CancelSignal
from lcb_ray.agent_keeper import Agent, AgentKeeper, AgentSource
from lcb_ray.batch import Batch, BatchResult, Checked
from lcb_ray.errors import PoolClosed
from lcb_ray.execute import Progress, execute
from lcb_ray.line import Line
from lcb_ray.pool import SandboxInfo
from lcb_ray.retry import retried, tell_second_run
from lcb_ray.turnstile import Turnstile

C = TypeVar("C", bound=Checked)


class BatchFuture(Future[BatchResult[C]], Generic[C]):
    """A future whose cancellation also stops a batch that already runs.

    Args:
        wake: Has those who wait for their turn look at their signals.
    """

    def __init__(self, wake: Callable[[], None]) -> None:
        super().__init__()
        self.signal = CancelSignal()
        self.pool_closed = False
        self._wake = wake

    def cancel(self) -> bool:
        """Cancel the batch. Returns False only where it has ended already."""
        if super().cancel():
            return True
        if self.done():
            return False
        self.stop()
        return True

    def stop(self) -> None:
        """Stop the batch, if it runs."""
        self.signal.set()
        self._wake()


class _Sandbox:
    """One sandbox: its agent, and who may run on it."""

    def __init__(self, source: AgentSource) -> None:
        self.agent = AgentKeeper(source)
        self.turnstile = Turnstile()


class DirectPool:
    """Runs batches on sandboxes of its own. Threads start with the first batch.

    Args:
        backend: Its name in reports.
        sources: For each sandbox, what starts its agent.
        slots: Executions at once on each.
        prepare: Called before each use of a sandbox: makes ready, once, what all of them need. Raises SandboxError.
        join_s: How long `close` waits for each thread. None: as long as it takes.
    """

    def __init__(
        self,
        backend: str,
        sources: Sequence[AgentSource],
        *,
        slots: int,
        prepare: Callable[[], None] = lambda: None,
        join_s: float | None = None,
    ) -> None:
        self._backend = backend
        self._prepare = prepare
        self._join_s = join_s
        self._sandboxes = [_Sandbox(source) for source in sources]
        self._slots_each = slots
        self._line: Line[tuple[Batch[Any], BatchFuture[Any]]] = Line()
        self._lock = threading.Lock()
        self._threads: list[threading.Thread] = []
        self._futures: set[BatchFuture[Any]] = set()
        self._owner = os.getpid()
        self._closed = False

    @property
    def slots(self) -> int:
        """How many executions can run at once, over all sandboxes."""
        return len(self._sandboxes) * self._slots_each

    def agents(self) -> list[Agent]:
        """The agents that have been started and not been replaced."""
        return [agent for sandbox in self._sandboxes if (agent := sandbox.agent.started) is not None]

    def info(self) -> SandboxInfo:
        """Describe the sandboxes; see lcb_ray.pool.Pool. Raises SandboxUnusable where this machine cannot have one."""
        self._check_open()
        self._prepare()
        up = next((sandbox for sandbox in self._sandboxes if sandbox.agent.started is not None), self._sandboxes[0])
        return up.agent.info(self._backend)

    def submit(self, batch: Batch[C]) -> Future[BatchResult[C]]:
        """Queue a batch; see lcb_ray.pool.Pool."""
        future: BatchFuture[C] = BatchFuture(self._wake)
        with self._lock:
            self._check_open()
            self._futures.add(future)
            if not self._threads:
                self._start_threads()
            self._line.put((batch, future))  # before anyone closes the pool: then it is taken, and the future is told
        future.add_done_callback(self._forget)
        return future

    def close(self) -> None:
        """Stop what waits and runs, which gets PoolClosed, and end the agents. May be called twice."""
        with self._lock:
            if self._closed or self._owner != os.getpid():
                return
            self._closed = True
            under_way = list(self._futures)
        for _, future in self._line.close():
            if future.set_running_or_notify_cancel():
                future.set_exception(_closed())
        for future in under_way:
            future.pool_closed = not future.signal.is_set()
            future.stop()
        for thread in self._threads:
            thread.join(self._join_s)
        self._end_agents()

    def _end_agents(self) -> None:
        ends = [
            threading.Thread(target=sandbox.agent.close) for sandbox in self._sandboxes[1:] if sandbox.agent.started
        ]
        for end in ends:
            end.start()
        self._sandboxes[0].agent.close()
        for end in ends:
            end.join()

    def _start_threads(self) -> None:
        self._threads = [
            threading.Thread(target=self._work, args=(sandbox,), name=f"slot-{number}-{slot}", daemon=True)
            for number, sandbox in enumerate(self._sandboxes)
            for slot in range(self._slots_each)
        ]
        for thread in self._threads:
            thread.start()

    def _wake(self) -> None:
        for sandbox in self._sandboxes:
            sandbox.turnstile.wake()

    def _forget(self, future: Future[Any]) -> None:
        if isinstance(future, BatchFuture):
            with self._lock:
                self._futures.discard(future)
            future.signal.close()

    def _check_open(self) -> None:
        if self._closed:
            raise _closed()
        if self._owner != os.getpid():
            raise PoolClosed("this pool belongs to the process that made it; make one after forking")

    def _work(self, sandbox: _Sandbox) -> None:
        announced = False
        while (item := self._line.take(announced=announced)) is not None:
            batch, future = item
            tell = self._outcome(sandbox, batch, future) if future.set_running_or_notify_cancel() else None
            if announced := sandbox.agent.started is not None:
                self._line.announce()
            if tell is not None:
                tell()
            del batch, future, item, tell  # a waiting thread must not keep the last batch's tests alive

    def _outcome(self, sandbox: _Sandbox, batch: Batch[C], future: BatchFuture[C]) -> Callable[[], None]:
        """Run a batch; what then tells its future."""
        try:
            result = self._run(sandbox, batch, future.signal)
        except Cancelled:
            return partial(future.set_exception, _closed() if future.pool_closed else CancelledError())
        except BaseException as error:
            return partial(future.set_exception, error)
        return partial(future.set_result, result)

    def _run(self, sandbox: _Sandbox, batch: Batch[C], cancel: CancelSignal) -> BatchResult[C]:
        cases: Sequence[Any] = batch.cases()

        def attempt(number: int) -> BatchResult[C]:
            self._prepare()
            if number > 1:
                return _again(sandbox, batch, Progress(cases), cancel).result(number)
            return _to_its_end(sandbox, batch, Progress(cases), cancel).result(number)

        return retried(attempt, key=batch.key)


def _to_its_end(sandbox: _Sandbox, batch: Batch[C], progress: Progress[C], cancel: CancelSignal) -> Progress[C]:
    """Run the batch beside others; a case that needs a quiet sandbox gets it in between."""
    finished = False
    while not finished:
        if alone := progress.wants_quiet:
            tell_second_run(batch.key, len(progress.checked))
        with sandbox.turnstile.enter(alone=alone, cancelled=cancel.is_set):
            finished = execute(sandbox.agent.connect, batch, progress, cancel, alone=alone)
    return progress


def _again(sandbox: _Sandbox, batch: Batch[C], progress: Progress[C], cancel: CancelSignal) -> Progress[C]:
    """Run the batch alone, after a loss, on a sandbox that has been seen to answer."""
    with sandbox.turnstile.enter(alone=True, cancelled=cancel.is_set):
        sandbox.agent.see_it_answer()
        while not execute(sandbox.agent.connect, batch, progress, cancel, alone=True):
            pass  # a second run after the wall: it is quiet already
    return progress


def _closed() -> PoolClosed:
    return PoolClosed("the pool is closed")
