"""The loop that serves every backend: run the cases, check each, stop at the first failure. On the trusted side."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from contextlib import closing
from dataclasses import dataclass, field
from typing import Generic, TypeVar

from lcb_ray.agent.protocol import ExecutionResult, Outcome
from lcb_ray.agent_client import CancelSignal, Connection
from lcb_ray.batch import Batch, BatchResult, Case, Checked

C = TypeVar("C", bound=Checked)

Connect = Callable[[CancelSignal], Connection]


@dataclass
class Progress(Generic[C]):
    """How far a batch has come; survives from one connection to the next.

    Attributes:
        cases: All cases of the batch.
        compiled: The compile stage, once it has run.
        checked: A verdict for each case so far, in order.
        wants_quiet: The next case went over the limit on wall time but not on CPU time: it is to be run once more,
            with nothing else on its sandbox, before anyone calls it slow.
    """

    cases: Sequence[Case]
    compiled: ExecutionResult | None = None
    checked: list[C] = field(default_factory=list)
    wants_quiet: bool = False

    def result(self, attempts: int) -> BatchResult[C]:
        """The finished batch."""
        if self.compiled is None:
            raise RuntimeError("the batch has not run")
        return BatchResult(self.compiled, tuple(self.checked), len(self.cases), attempts)


def execute(connect: Connect, batch: Batch[C], progress: Progress[C], cancel: CancelSignal, *, alone: bool) -> bool:
    """Run cases from where `progress` stands, on one connection. Returns whether the batch is finished.

    It is not where a case needs a quiet sandbox (`wants_quiet`), or where that case has just had it.

    Args:
        connect: Opens a connection to the sandbox.
        batch: What to run.
        progress: Updated case by case.
        cancel: Stops it from another thread.
        alone: Nothing else runs on the sandbox. If `progress.wants_quiet`, only that one case is run.

    Raises:
        SandboxError: the infrastructure failed; what `progress` has by then holds.
        Cancelled: `cancel` was set.
        Exception: whatever `batch.check` raised.
    """
    first = len(progress.checked)
    last = first + 1 if progress.wants_quiet else len(progress.cases)
    with connect(cancel) as connection:
        progress.compiled = connection.compile(batch.program, batch.limits)
        if progress.compiled.outcome is Outcome.COMPILE_ERROR:
            connection.finish()
            return True
        cases = progress.cases[first:last]
        if not cases:
            connection.cancel()
            return True
        with closing(connection.results([case.input for case in cases])) as results:
            for case, result in zip(cases, results, strict=True):
                if result.outcome is Outcome.WALL_LIMIT and not alone:
                    progress.wants_quiet = True
                    connection.cancel()
                    return False
                checked = batch.check(_renumbered(result, len(progress.checked)), case)
                progress.checked.append(checked)
                progress.wants_quiet = False
                if batch.stop_at_failure and not checked.passed:
                    connection.cancel()
                    return True
        connection.finish()
    return len(progress.checked) == len(progress.cases)


def _renumbered(result: ExecutionResult, index: int) -> ExecutionResult:
    """The agent counts the inputs of one connection, the batch its cases."""
    if result.index == index:
        return result
    return ExecutionResult(
        index=index,
        outcome=result.outcome,
        exit_code=result.exit_code,
        signal=result.signal,
        uncaught=result.uncaught,
        usage=result.usage,
        stdout=result.stdout,
        value=result.value,
        stderr=result.stderr,
    )
