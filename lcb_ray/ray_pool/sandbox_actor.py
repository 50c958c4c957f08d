"""The Ray actor in front of one sandbox: it owns the agent there, runs batches on it, and judges their answers.

Expected values come this far and no further: the agent, and the program in its jail, never see them. What runs here
needs the standard library and Ray only. Which lease may run is the pool actor's business; this actor only makes sure
that nothing runs on the word of a pool actor that is no longer in charge, and that a slot is clean when it says so.
"""

from __future__ import annotations

import logging
import os
import socket
import threading
import time
from collections import OrderedDict
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

import ray
from ray.exceptions import RayError

from lcb_ray.agent_client import Cancelled, CancelSignal
from lcb_ray.agent_keeper import AgentKeeper, AgentSource
from lcb_ray.batch import Case
from lcb_ray.code_version import code_version
from lcb_ray.errors import SandboxError, SandboxLost
from lcb_ray.execute import execute
from lcb_ray.parcel import Opened
from lcb_ray.ray_pool.activity import Activity, Watcher, verdict_of
from lcb_ray.ray_pool.metrics import SandboxMetrics
from lcb_ray.ray_pool.network import NetworkProbe
from lcb_ray.ray_pool.work import SandboxReport, Stage, StaleLease, Work
from lcb_ray.rules.events import LeaseId, RunningLease
from lcb_ray.structured_log import log_as_json

CONTROL_THREADS = 8
_LET_GO_S = 20.0  # for a program that is told to stop, and the agent's client with it
_MOST_ENDED = 10_000  # leases remembered as ended: words about them may come late

log = logging.getLogger(__name__)


@dataclass(slots=True)
class _Run:
    lease: RunningLease
    cancel: CancelSignal = field(default_factory=CancelSignal)
    ended: threading.Event = field(default_factory=threading.Event)


class SandboxActor:
    """One sandbox.

    Args:
        pool: Whose it is.
        backend: Its name in reports.
        slots: Executions at once.
        epoch: Of the pool actor that starts it.
        source: Starts the agent.
        code: The packages whose version it reports.
    """

    def __init__(
        self, *, pool: str, backend: str, slots: int, epoch: int, source: AgentSource, code: Sequence[str]
    ) -> None:
        log_as_json()
        self._metrics = SandboxMetrics(pool)
        self._watcher = Watcher()
        self._network = NetworkProbe()
        self._backend = backend
        self._slots = slots
        self._epoch = epoch
        self._agent = AgentKeeper(source)
        self._code = tuple(code)
        self._opened = Opened(_fetch)
        self._lock = threading.Lock()
        self._running: dict[LeaseId, _Run] = {}
        self._ended: OrderedDict[LeaseId, None] = OrderedDict()

    def __repr__(self) -> str:
        return f"Sandbox({socket.gethostname()}, {self._slots} slot{'s' if self._slots > 1 else ''})"

    @ray.method(concurrency_group="executions")
    def run(self, work: Work[Any]) -> Stage[Any]:
        """Run a batch as far as it goes under this lease.

        Raises:
            StaleLease: The lease is not good here; nothing was run.
            SandboxError: The infrastructure failed; the slot is dirty.
            Cancelled: `cancel` or `reset` ended it; the slot is dirty.
            Exception: what unpacking the cases or checking an answer raised; the slot is dirty.
        """
        with self._counted(work) as told, self._begun(work) as run:
            cases = self._cases(work)
            progress = work.stage.progress(cases)
            batch = work.batch(cases, check=self._metrics.counting(work.check))
            finished = execute(self._agent.connect, batch, progress, run.cancel, alone=work.alone)
            if finished:
                verdict = verdict_of(progress.compiled, progress.checked)
                self._metrics.submission(verdict)
                self._watcher.finished(work.key, verdict)
                told["verdict"] = verdict
            return Stage.of(progress, finished=finished)

    @ray.method(concurrency_group="control")
    def report(self, epoch: int) -> SandboxReport:
        """Serve the pool actor of this epoch, and say what is here. Also its way of seeing that all is well.

        An agent that does not answer is replaced: what runs on it would wait for it until long after its time limit.
        Raises SandboxUnusable where there can be no agent, SandboxLost where it does not start.
        """
        self._serve(epoch)
        self._agent.see_it_answer()
        info = self._agent.info(self._backend)
        self._network.try_now_and_then()
        with self._lock:
            running = tuple(run.lease for run in self._running.values())
        return SandboxReport(
            slots=self._slots,
            info=info,
            version=code_version(self._code),
            host=socket.gethostname(),
            node=ray.get_runtime_context().get_node_id(),
            pid=os.getpid(),
            running=running,
        )

    @ray.method(concurrency_group="control")
    def activity(self) -> Activity:
        """What goes on here, for people."""
        return self._watcher.activity(network=self._network.word)

    @ray.method(concurrency_group="control")
    def cancel(self, lease: LeaseId) -> None:
        """End a run, now or when it would begin."""
        self._stop(lease)

    @ray.method(concurrency_group="control")
    def reset(self, epoch: int, lease: LeaseId) -> None:
        """Make a slot clean: what the lease runs has ended, and the agent answers.

        Raises SandboxLost where neither patience nor a new agent helps, SandboxUnusable.
        """
        self._serve(epoch)
        run = self._stop(lease)
        if run is not None and not run.ended.wait(_LET_GO_S):
            raise SandboxLost(f"lease {lease} did not end within {_LET_GO_S:.0f} s")
        self._agent.see_it_answer()

    def _stop(self, lease: LeaseId) -> _Run | None:
        with self._lock:
            self._end(lease)
            if run := self._running.get(lease):
                run.cancel.set()
            return run

    @contextmanager
    def _counted(self, work: Work[Any]) -> Iterator[dict[str, object]]:
        """Count it, and log it in one line, with what the block adds."""
        self._watcher.began(work.lease, work.key)
        told: dict[str, object] = {"key": work.key, "lease": work.lease, "driver": work.driver, "alone": work.alone}
        failed, end, said, began = False, "done", "", time.monotonic()
        try:
            yield told
            said = "finished" if "verdict" in told else "to be run once more, alone: over the limit on wall time only"
        except Exception as error:
            end, said = type(error).__name__, f"not finished: {error}"
            failed = isinstance(error, SandboxError) and not isinstance(error, StaleLease)
            raise
        finally:
            self._watcher.ended(work.lease, error=failed)
            self._metrics.batch(end)
            told |= {"end": end, "seconds": round(time.monotonic() - began, 3)}
            log.log(logging.WARNING if failed else logging.INFO, "%s", said, extra=told)

    @contextmanager
    def _begun(self, work: Work[Any]) -> Iterator[_Run]:
        run = _Run(RunningLease(lease=work.lease, driver=work.driver, alone=work.alone))
        with self._lock:
            if work.epoch != self._epoch:
                raise StaleLease(f"lease {work.lease} was granted by a pool actor that is no longer in charge")
            if work.lease in self._ended:
                raise Cancelled
            self._running[work.lease] = run
        try:
            yield run
        finally:
            with self._lock:
                del self._running[work.lease]
                self._end(work.lease)
            run.cancel.close()
            run.ended.set()

    def _cases(self, work: Work[Any]) -> Sequence[Case]:
        try:
            return self._opened.cases(work.parcel)
        except RayError as error:
            raise SandboxLost(f"the tests of {work.key} did not arrive: {error}") from error

    def _serve(self, epoch: int) -> None:
        with self._lock:
            self._epoch = max(self._epoch, epoch)

    def _end(self, lease: LeaseId) -> None:
        self._ended[lease] = None
        if len(self._ended) > _MOST_ENDED:
            self._ended.popitem(last=False)


def _fetch(ref: Any) -> object:  # noqa: ANN401 - an ObjectRef, which is not to be looked at here
    return ray.get(ref)
