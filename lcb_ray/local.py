"""The `local` backend: one agent as a child process, as many slots as cores. Nothing to set up.

A killed agent is replaced and what it was doing runs again, alone, so that a program that takes its sandbox down every
time is found out by itself, and is then an error with its name on it, not a verdict.
"""

from __future__ import annotations

import os
import queue
import threading
from collections.abc import Callable, Sequence
from concurrent.futures import CancelledError, Future
from typing import Any, Generic, TypeVar

from lcb_ray.agent_client import Cancelled, CancelSignal, Connection
from lcb_ray.agent_keeper import Agent
from lcb_ray.batch import Batch, BatchResult, Checked
from lcb_ray.errors import PoolClosed
from lcb_ray.execute import Progress, execute
from lcb_ray.launcher import AgentProcess
from lcb_ray.pool import SandboxInfo
from lcb_ray.retry import retried
from lcb_ray.turnstile import Turnstile

C = TypeVar("C", bound=Checked)


class BatchFuture(Future[BatchResult[C]], Generic[C]):
    """A future whose cancellation also stops a batch that already runs."""

    def __init__(self) -> None:
        super().__init__()
        self.signal = CancelSignal()

    def cancel(self) -> bool:
        """Cancel the batch. Returns False only where it has ended already."""
        if super().cancel():
            return True
        if self.done():
            return False
        self.signal.set()
        return True


class LocalPool:
    """Runs batches on this machine. Threads and agent start with the first batch.

    Args:
        slots: Executions at once; by default the cores this process may use.
        start: Starts an agent.
    """

    def __init__(self, slots: int | None = None, *, start: Callable[[], Agent] = AgentProcess) -> None:
        self._slots = slots or len(os.sched_getaffinity(0))
        self._start = start
        self._queue: queue.SimpleQueue[tuple[Batch[Any], BatchFuture[Any]] | None] = queue.SimpleQueue()
        self._turnstile = Turnstile()
        self._lock = threading.Lock()
        self._agent: Agent | None = None
        self._threads: list[threading.Thread] = []
        self._futures: set[Future[Any]] = set()
        self._owner = os.getpid()
        self._closed = False

    @property
    def slots(self) -> int:
        """How many executions run at once."""
        return self._slots

    def info(self) -> SandboxInfo:
        """Describe the sandbox. Raises SandboxUnusable where this machine cannot have one."""
        hello: dict[str, Any] = self._current().hello
        return SandboxInfo("local", hello["python"], hello["numpy"], hello["properties"], hello["sees_waiting"])

    def submit(self, batch: Batch[C]) -> Future[BatchResult[C]]:
        """Queue a batch; see lcb_ray.pool.Pool."""
        future: BatchFuture[C] = BatchFuture()
        with self._lock:
            self._check_open()
            self._futures.add(future)
            if not self._threads:
                self._threads = [
                    threading.Thread(target=self._work, name=f"slot-{number}", daemon=True)
                    for number in range(self._slots)
                ]
                for thread in self._threads:
                    thread.start()
        future.add_done_callback(self._forget)
        self._queue.put((batch, future))
        return future

    def close(self) -> None:
        """Cancel what waits and runs, and end the agent. May be called twice."""
        with self._lock:
            if self._closed or self._owner != os.getpid():
                return
            self._closed = True
            waiting = list(self._futures)
        for future in waiting:
            future.cancel()
        for _ in self._threads:
            self._queue.put(None)
        for thread in self._threads:
            thread.join()
        if self._agent is not None:
            self._agent.close()

    def _forget(self, future: Future[Any]) -> None:
        with self._lock:
            self._futures.discard(future)
        if isinstance(future, BatchFuture):
            future.signal.close()

    def _check_open(self) -> None:
        if self._closed:
            raise PoolClosed("the pool is closed")
        if self._owner != os.getpid():
            raise PoolClosed("this pool belongs to the process that made it; make one after forking")

    def _current(self) -> Agent:
        """The running agent; a new one where it has ended."""
        with self._lock:
            self._check_open()
            if self._agent is not None and not self._agent.alive():
                self._agent.close()
                self._agent = None
            if self._agent is None:
                self._agent = self._start()
            return self._agent

    def _connect(self, cancel: CancelSignal) -> Connection:
        return Connection(self._current().connect(), cancel)

    def _work(self) -> None:
        while (item := self._queue.get()) is not None:
            batch, future = item
            if not future.set_running_or_notify_cancel():
                continue
            try:
                result = self._run(batch, future.signal)
            except Cancelled:
                future.set_exception(CancelledError())
            except BaseException as error:
                future.set_exception(error)
            else:
                future.set_result(result)
            del batch, future, item  # a waiting thread must not keep the last batch's tests alive

    def _run(self, batch: Batch[C], cancel: CancelSignal) -> BatchResult[C]:
        cases: Sequence[Any] = batch.cases()
        return retried(lambda number: self._attempt(batch, Progress(cases), cancel, alone=number > 1).result(number))

    def _attempt(self, batch: Batch[C], progress: Progress[C], cancel: CancelSignal, *, alone: bool) -> Progress[C]:
        """Run the batch to its end on one agent; a case that needs a quiet sandbox gets it in between."""
        finished = False
        while not finished:
            quiet = alone or progress.wants_quiet
            with self._turnstile.enter(alone=quiet):
                finished = execute(self._connect, batch, progress, cancel, alone=quiet)
        return progress
