"""The pool protocol: what every backend offers, and what a sandbox says of itself."""

from __future__ import annotations

from collections.abc import Mapping
from concurrent.futures import Future
from dataclasses import dataclass, field
from typing import Protocol, TypeVar

from lcb_ray.batch import Batch, BatchResult, Checked

C = TypeVar("C", bound=Checked)


@dataclass(frozen=True, slots=True)
class SandboxInfo:
    """What a sandbox is, for reports: verdicts depend on it.

    Attributes:
        backend: "local", "docker", "ray" or "kubernetes".
        python: Version of the interpreter that runs the programs, "3.11.7".
        numpy: Version of numpy that programs may import; None where there is none.
        layers: Each proven property of the jail and the layers that give it, e.g. {"no_network": ["seccomp", "netns"]}.
        sees_waiting: Whether the kernel tells waiting for a CPU from sleeping. Where it does not, wall time gets three
            times the room before a program is called slow.
    """

    backend: str
    python: str
    numpy: str | None
    layers: Mapping[str, list[str]] = field(default_factory=dict)
    sees_waiting: bool = True


class Pool(Protocol):
    """Runs batches on sandboxes. Safe to use from many threads; bound to no event loop."""

    @property
    def slots(self) -> int:
        """How many executions can run at once, over all sandboxes."""
        ...

    def info(self) -> SandboxInfo:
        """Describe the sandboxes; starts one if none runs. Raises SandboxError where none can be had."""
        ...

    def submit(self, batch: Batch[C]) -> Future[BatchResult[C]]:
        """Queue a batch, first come first served.

        Cancelling the future stops the program, running or not. The future raises SandboxError where the
        infrastructure failed for good (never where the program did), and what `batch.cases` or `batch.check` raised.
        """
        ...

    def close(self) -> None:
        """Cancel what waits and runs, end every sandbox, leave nothing behind. May be called twice."""
        ...
