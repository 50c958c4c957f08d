"""What travels between a driver and a sandbox actor: a piece of work, and how far it came."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Generic, TypeVar

from lcb_ray.agent.protocol import ExecutionResult, Limits, Program
from lcb_ray.batch import Batch, BatchResult, Case, Check, Checked
from lcb_ray.errors import SandboxLost
from lcb_ray.execute import Progress
from lcb_ray.parcel import Parcel
from lcb_ray.pool import SandboxInfo
from lcb_ray.rules.events import DriverId, LeaseId, RunningLease

C = TypeVar("C", bound=Checked)


class StaleLease(SandboxLost):
    """The lease is of a former pool actor, or has ended: nothing was run."""


@dataclass(frozen=True, slots=True)
class Stage(Generic[C]):
    """How far a batch has come; a Progress without its cases.

    Attributes:
        finished: Nothing of it is left to run.
    """

    compiled: ExecutionResult | None = None
    checked: tuple[C, ...] = ()
    wants_quiet: bool = False
    finished: bool = False
    cases: int = 0

    def progress(self, cases: Sequence[Case]) -> Progress[C]:
        """Where to go on from."""
        return Progress(cases, self.compiled, list(self.checked), self.wants_quiet)

    @classmethod
    def of(cls, progress: Progress[C], *, finished: bool) -> Stage[C]:
        """Where the batch stands."""
        checked = tuple(progress.checked)
        return cls(progress.compiled, checked, progress.wants_quiet, finished, len(progress.cases))

    def result(self, attempts: int) -> BatchResult[C]:
        """The finished batch."""
        if self.compiled is None:
            raise RuntimeError("the batch has not run")
        return BatchResult(self.compiled, self.checked, self.cases, attempts)


@dataclass(frozen=True, slots=True, kw_only=True)
class Work(Generic[C]):
    """A batch, or what is left of it, for one lease.

    Attributes:
        epoch: Of the pool actor that granted the lease.
        alone: The lease is of the whole sandbox.
        stage: How far the batch has come.
    """

    lease: LeaseId
    driver: DriverId
    epoch: int
    alone: bool
    program: Program
    parcel: Parcel
    check: Check[C]
    limits: Limits
    stop_at_failure: bool
    key: str
    stage: Stage[C]

    @classmethod
    def of(
        cls,
        batch: Batch[C],
        parcel: Parcel,
        stage: Stage[C],
        *,
        lease: LeaseId,
        driver: DriverId,
        epoch: int,
        alone: bool,
    ) -> Work[C]:
        """What is left of a batch."""
        return cls(
            lease=lease,
            driver=driver,
            epoch=epoch,
            alone=alone,
            program=batch.program,
            parcel=parcel,
            check=batch.check,
            limits=batch.limits,
            stop_at_failure=batch.stop_at_failure,
            key=batch.key,
            stage=stage,
        )

    def batch(self, cases: Sequence[Case], *, check: Check[C]) -> Batch[C]:
        """The batch, as the common loop takes it, with a check that does what its own does."""
        return Batch(
            program=self.program,
            cases=lambda: cases,
            check=check,
            limits=self.limits,
            stop_at_failure=self.stop_at_failure,
            key=self.key,
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class SandboxReport:
    """What a sandbox actor says of itself.

    Attributes:
        info: What its sandbox is.
        version: Of the code that it runs; see lcb_ray.code_version.
        host: Name of the machine, in Kubernetes of the pod.
        node: Ray's id of the node.
        pid: Of the actor; the agent is its child where it is on the same machine.
        running: What it is doing.
    """

    slots: int
    info: SandboxInfo
    version: str
    host: str
    node: str
    pid: int
    running: tuple[RunningLease, ...]
