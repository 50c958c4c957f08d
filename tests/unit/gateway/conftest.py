"""A gateway in front of scripted sandboxes: it echoes, or waits for the test where the input says so."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field

import pytest

from lcb_ray.agent.protocol import ExecutionResult, Outcome, Program
from lcb_ray.batch import Batch, Case, PackedCases
from lcb_ray.fake import FakeAgent, compiles
from lcb_ray.gateway.codec import Codec
from lcb_ray.local import LocalPool
from tests.gateway_thread import GatewayThread

PROGRAM = Program(source=b"print(input())")
WAIT = b"wait"


@dataclass(frozen=True)
class Same:
    passed: bool
    printed: bytes


def same(result: ExecutionResult, case: Case) -> Same:
    return Same(result.stdout == case.input, result.stdout)


def by_line(data: bytes) -> list[Case]:
    return [Case(line) for line in data.splitlines()]


@dataclass
class Script:
    """What the sandboxes do."""

    ran: list[bytes] = field(default_factory=list)
    go_on: threading.Event = field(default_factory=threading.Event)

    def __call__(self, program: Program, index: int, data: bytes) -> ExecutionResult:
        self.ran.append(data)
        if data.startswith(WAIT):
            assert self.go_on.wait(60)
        return ExecutionResult(index=index, outcome=Outcome.EXITED, exit_code=0, stdout=data)


CODEC = Codec(types=[Same], functions=[same, by_line])


def batch_of(*inputs: bytes, key: str = "") -> Batch[Same]:
    return Batch(PROGRAM, lambda: [Case(data) for data in inputs], same, key=key)


def packed_batch(data: bytes, reads: list[bytes]) -> Batch[Same]:
    def read() -> bytes:
        reads.append(data)
        return data

    return Batch(
        PROGRAM, lambda: pytest.fail("not here"), same, packed=PackedCases(key=data, read=read, unpack=by_line)
    )


class Sandboxes:
    """Makes pools of scripted sandboxes."""

    def __init__(self) -> None:
        self.script = Script()
        self.asked: list[dict[str, object]] = []

    def open(self, slots: int | None, **more: object) -> LocalPool:
        self.asked.append({"slots": slots, **more})
        return LocalPool(slots or 1, start=lambda: FakeAgent(compiles(self.script)))


@pytest.fixture
def sandboxes() -> Iterator[Sandboxes]:
    made = Sandboxes()
    yield made
    made.script.go_on.set()


@pytest.fixture
def open_gateway(sandboxes: Sandboxes) -> Iterator[Callable[..., GatewayThread]]:
    opened: list[GatewayThread] = []

    def open_gateway(**more: object) -> GatewayThread:
        opened.append(GatewayThread(sandboxes.open, CODEC, **more))
        return opened[-1]

    yield open_gateway
    sandboxes.script.go_on.set()
    for gateway in opened:
        gateway.close()


@pytest.fixture
def gateway(open_gateway: Callable[..., GatewayThread]) -> GatewayThread:
    return open_gateway()
