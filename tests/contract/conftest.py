"""One suite for every backend: what a pool promises, whatever its sandboxes are.

`pool` is one pool of two slots for all tests of a backend; a test that breaks or closes its pool takes `fresh`. Tests
skip where a backend cannot be asked (nothing runs on the fake, a remote host cannot be broken from here), by name.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field

import pytest

from lcb_ray import fake
from lcb_ray.agent.protocol import ExecutionResult, Limits, Mode, Outcome, Program
from lcb_ray.batch import Batch, BatchResult, Case
from lcb_ray.fake import Answer
from lcb_ray.pool import Pool
from tests.contract.backends import BACKENDS, Backend, Host
from tests.contract.checks import Seen, see
from tests.processes import LONG_S


@dataclass
class Programs:
    """The tests' programs, with what each does, for the backend that runs none."""

    does: dict[tuple[bytes, str | None], Callable[[bytes], Answer]] = field(default_factory=dict)

    def add(
        self, source: str | bytes, does: Callable[[bytes], Answer] | None = None, *, function: str | None = None
    ) -> Program:
        """A program, and what comes of an input; without that, no scripted backend can run it."""
        data = source.encode() if isinstance(source, str) else source
        if does is not None:
            self.does[data, function] = does
        return Program(source=data, mode=Mode.CALL if function else Mode.SCRIPT, function=function)

    def __call__(self, program: Program, data: bytes | None) -> Answer:
        """Backends' script."""
        does = self.does[program.source, program.function]
        if data is not None:
            return does(data)
        first = does(b"") if getattr(does, "constant", False) else None
        return (
            first if isinstance(first, ExecutionResult) and first.outcome is Outcome.COMPILE_ERROR else fake.compiled()
        )


def prints(data: bytes) -> ExecutionResult:
    """What a program does that writes this and ends."""
    return ExecutionResult(index=0, outcome=Outcome.EXITED, exit_code=0, stdout=data)


@dataclass
class Runner:
    """Runs programs on a pool and waits for them."""

    pool: Pool

    def batch(self, program: Program, inputs: Sequence[bytes], *, limits: Limits | None = None) -> BatchResult[Seen]:
        """All inputs, whatever comes of them."""
        cases = [Case(data) for data in inputs]
        batch = Batch(program, lambda: cases, see, limits or Limits(), stop_at_failure=False)
        return self.pool.submit(batch).result(LONG_S)

    def one(self, program: Program, data: bytes = b"", *, limits: Limits | None = None) -> ExecutionResult:
        """One execution; the compile stage where it did not come to one."""
        done = self.batch(program, [data], limits=limits)
        return done.checked[0].result if done.checked else done.compiled


@pytest.fixture(scope="session")
def programs() -> Programs:
    return Programs()


@pytest.fixture(
    scope="session",
    params=[pytest.param(backend, id=backend.name, marks=backend.marks) for backend in BACKENDS.values()],
)
def backend(request: pytest.FixtureRequest) -> Backend:
    return request.param


@pytest.fixture(scope="session")
def pool(backend: Backend, programs: Programs) -> Iterator[Pool]:
    opened = backend.open(2, programs)
    yield opened
    opened.close()


@pytest.fixture
def run(pool: Pool) -> Runner:
    return Runner(pool)


@pytest.fixture
def fresh(backend: Backend, programs: Programs) -> Iterator[Callable[[int], Pool]]:
    """Opens pools that a test may break."""
    opened: list[Pool] = []

    def fresh(slots: int) -> Pool:
        opened.append(backend.open(slots, programs))
        return opened[-1]

    yield fresh
    for one in opened:
        one.close()


@pytest.fixture
def host(backend: Backend) -> Callable[[Pool], Host]:
    if backend.host is None:
        pytest.skip(f"the sandboxes of {backend.name} cannot be broken from here")
    return backend.host


@pytest.fixture
def checks_here(backend: Backend) -> None:
    if not backend.checks_here:
        pytest.skip(f"checks on {backend.name} run in another process")


@pytest.fixture
def runs_programs(backend: Backend) -> None:
    if not backend.runs_programs:
        pytest.skip(f"{backend.name} runs no programs")


@pytest.fixture(autouse=True)
def _known_failure(backend: Backend, request: pytest.FixtureRequest) -> None:
    for part, reason in backend.known_failures.items():
        if part in request.node.name:
            request.applymarker(pytest.mark.xfail(reason=f"{backend.name}: {reason}"))
