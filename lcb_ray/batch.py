"""A batch: one program, all its cases, and how each answer is checked. What every backend runs.

`lcb_ray` knows no problem: a case is bytes in, an expected value that it never looks at, and a check function that it
calls on the trusted side. Expected values do not travel to the agent.
"""

from __future__ import annotations

from collections.abc import Callable, Hashable, Sequence
from dataclasses import dataclass, field
from typing import Generic, Protocol, TypeVar

from lcb_ray.agent.protocol import ExecutionResult, Limits, Program


class Checked(Protocol):
    """What a check function returns: at the least, whether the answer is right."""

    @property
    def passed(self) -> bool:
        """True where this case is passed; the loop may stop at the first that is not."""
        ...


C = TypeVar("C", bound=Checked)


@dataclass(frozen=True, slots=True)
class Case:
    """One input and the value its answer is checked against.

    Attributes:
        input: Bytes for the program's standard input (CALL mode: one JSON value per line).
        expected: Opaque to lcb_ray; handed to the check function only.
    """

    input: bytes
    expected: object = None


Check = Callable[[ExecutionResult, Case], C]


@dataclass(frozen=True, slots=True, kw_only=True)
class PackedCases:
    """Cases as bytes, for backends that run them in other processes: these read and send them once for many batches.

    Attributes:
        key: Known without reading them; within one process, equal only for equal bytes.
        read: The bytes. Called where the batch was made.
        unpack: Makes cases of them, the same for all batches with these bytes.
        arrange: Makes this batch's cases of those; None: it has the same.

    Both functions are called where the batch is run: they must be importable there, with the standard library only.
    """

    key: Hashable
    read: Callable[[], bytes]
    unpack: Callable[[bytes], Sequence[Case]]
    arrange: Callable[[Sequence[Case]], Sequence[Case]] | None = None


@dataclass(frozen=True, slots=True)
class Batch(Generic[C]):
    """One program to run on all its cases.

    Attributes:
        program: What to run.
        cases: Called once, where the batch is run, so that waiting batches hold no test data.
        check: Pure function from an execution and its case to a verdict; runs on the trusted side. An exception
            from it is a bug of the judge and is raised to the caller as it is, never scored. Where the batch is run in
            another process it must be possible to send it there.
        limits: For each execution.
        stop_at_failure: Stop at the first case that is not passed.
        key: Names the batch in logs and errors.
        packed: The same cases in the form in which they travel. Without it, backends that run them in other processes
            call `cases` and send what they get.
    """

    program: Program
    cases: Callable[[], Sequence[Case]]
    check: Check[C]
    limits: Limits = field(default_factory=Limits)
    stop_at_failure: bool = True
    key: str = ""
    packed: PackedCases | None = None


@dataclass(frozen=True, slots=True)
class BatchResult(Generic[C]):
    """What came of a batch.

    Attributes:
        compiled: The compile stage; its outcome is EXITED where the program compiled. `checked` is empty where not.
        checked: One entry per executed case, in order; shorter than the cases where the loop stopped early.
        cases: How many cases the batch has.
        attempts: How many sandboxes it took: 1 where nothing was lost.
    """

    compiled: ExecutionResult
    checked: tuple[C, ...]
    cases: int
    attempts: int = 1
