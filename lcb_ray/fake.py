"""A scripted agent, for tests of everything above the wire. It speaks the real protocol, and runs no program.

It has the interface of a launched agent, so that `LocalPool(start=lambda: FakeAgent(script))` is a pool whose sandbox
says what the test wants it to say, and fails where the test wants it to fail: at any byte, in any way.
"""

from __future__ import annotations

import contextlib
import enum
import socket
import threading
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import NoReturn

from lcb_ray.agent import protocol
from lcb_ray.agent.protocol import ExecutionResult, Frame, Outcome, Program
from lcb_ray.errors import SandboxLost

COMPILE = -1  # the index under which a script is asked for the compile stage
HELLO: dict[str, object] = {
    "version": protocol.VERSION,
    "python": "3.11.0",
    "numpy": None,
    "properties": {},
    "sees_waiting": True,
    "window_bytes": protocol.INPUT_WINDOW_BYTES,
    "window_cases": protocol.INPUT_WINDOW_CASES,
}


class How(enum.Enum):
    """How an agent fails."""

    HANG_UP = "this connection ends, as if its warden had been killed"
    DIE = "the whole agent ends, and with it every connection"
    STALL = "the connection stays open and nothing more is said on it"


@dataclass(frozen=True, slots=True)
class Break:
    """Instead of an answer: say these bytes, then fail. `frame` makes right ones to cut short or to corrupt."""

    how: How
    said: bytes = b""


@dataclass(frozen=True, slots=True)
class Cut:
    """Fail once so many bytes of a connection have been said, whatever they belong to."""

    how: How
    after: int


@dataclass(frozen=True, slots=True)
class Fault:
    """Instead of an answer: a FAULT frame, as an agent sends when its jail or its machine has failed."""

    code: str
    message: str = "scripted"


Answer = ExecutionResult | Break | Fault
Script = Callable[[Program, int, bytes], Answer]


def compiled() -> ExecutionResult:
    """The compile stage of a program that compiles."""
    return ExecutionResult(index=COMPILE, outcome=Outcome.EXITED, exit_code=0)


def compiles(run: Script) -> Script:
    """A script for programs that compile: `run` is asked for the inputs only."""
    return lambda program, index, data: compiled() if index == COMPILE else run(program, index, data)


def frame(answer: ExecutionResult | Fault) -> bytes:
    """The whole frame that carries an answer: COMPILED, RESULT or FAULT."""
    if isinstance(answer, Fault):
        return protocol.pack_head(Frame.FAULT, {"code": answer.code, "message": answer.message})
    kind = Frame.COMPILED if answer.index == COMPILE else Frame.RESULT
    parts = (answer.stdout, answer.value, answer.stderr)
    fields = protocol.result_fields(answer, *map(len, parts))
    return protocol.pack_head(kind, fields, sum(map(len, parts))) + b"".join(parts)


class FakeAgent:
    """Answers each connection from a script, in a thread of its own.

    Args:
        script: Called with the program, the input's index on its connection (COMPILE for the compile stage) and the
            input's bytes. It may block, to hold an answer back; `close` does not wait for it.
        hello: Fields of HELLO to change.
        cuts: By the number of the connection, from 0: where it breaks.
    """

    def __init__(
        self, script: Script, *, hello: Mapping[str, object] | None = None, cuts: Mapping[int, Cut] | None = None
    ) -> None:
        self.hello = HELLO | dict(hello or {})
        self.connections = 0
        self._script = script
        self._cuts = cuts or {}
        self._lock = threading.Lock()
        self._open: set[socket.socket] = set()
        self._dead = False

    def alive(self) -> bool:
        """Whether it has neither died nor been closed."""
        return not self._dead

    def connect(self) -> socket.socket:
        """A new connection. Raises SandboxLost where the agent is gone."""
        ours, theirs = socket.socketpair()
        with self._lock:
            if self._dead:
                ours.close()
                theirs.close()
                raise SandboxLost("the agent is gone: it was scripted to die, or closed")
            number, self.connections = self.connections, self.connections + 1
            self._open.add(theirs)
        threading.Thread(target=self._serve, args=(theirs, number), name=f"fake-{number}", daemon=True).start()
        return ours

    def close(self) -> None:
        """End it, and every connection."""
        self._dead = True
        self.hang_up()

    def hang_up(self) -> None:
        """End every connection, as if each warden had been killed."""
        with self._lock:
            for sock in self._open:
                with contextlib.suppress(OSError):
                    sock.shutdown(socket.SHUT_RDWR)

    def _serve(self, sock: socket.socket, number: int) -> None:
        try:
            _Conversation(sock, self._script, self._cuts.get(number)).hold(self.hello)
        except _Died:
            self.close()
        except (EOFError, OSError):  # the client has gone, or this agent has ended
            pass
        finally:
            with self._lock:
                self._open.discard(sock)
            sock.close()


class _Died(Exception):
    """The script lets the agent die."""


class _Conversation:
    def __init__(self, sock: socket.socket, script: Script, cut: Cut | None) -> None:
        self._socket = sock
        self._script = script
        self._cut = cut
        self._said = 0

    def hold(self, hello: dict[str, object]) -> None:
        self._say(protocol.pack_head(Frame.HELLO, hello))
        program, _ = protocol.read_program(*self._hear(Frame.PROGRAM)[1:])
        if self._answer(self._script(program, COMPILE, b"")):
            index = 0
            while (heard := self._hear(Frame.INPUT, Frame.END, Frame.CANCEL))[0] is Frame.INPUT:
                self._answer(self._script(program, index, heard[2]))
                index += 1
        self._say(protocol.pack_head(Frame.DONE, {}))

    def _answer(self, answer: Answer) -> bool:
        """Say it; whether the program goes on to its inputs."""
        if isinstance(answer, Break):
            self._say(answer.said)
            self._fail(answer.how)
        self._say(frame(answer))
        if isinstance(answer, Fault):
            raise EOFError
        return answer.outcome is not Outcome.COMPILE_ERROR

    def _say(self, data: bytes) -> None:
        if self._cut is not None and self._said + len(data) >= self._cut.after:
            self._socket.sendall(data[: self._cut.after - self._said])
            self._fail(self._cut.how)
        self._socket.sendall(data)
        self._said += len(data)

    def _fail(self, how: How) -> NoReturn:
        if how is How.DIE:
            raise _Died
        if how is How.STALL:
            while self._socket.recv(65536):
                pass
        raise EOFError

    def _hear(self, *kinds: Frame) -> tuple[Frame, dict[str, object], bytes]:
        kind, text_bytes, body_bytes = protocol.unpack_head(self._read(protocol.HEAD.size))
        fields, body = protocol.unpack_fields(self._read(text_bytes)), self._read(body_bytes)
        if kind not in kinds:
            raise protocol.WireError(f"the client sent {kind.name}")
        return kind, fields, body

    def _read(self, count: int) -> bytes:
        data = bytearray()
        while len(data) < count:
            received = self._socket.recv(count - len(data))
            if not received:
                raise EOFError
            data += received
        return bytes(data)
