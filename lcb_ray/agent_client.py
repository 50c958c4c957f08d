"""The client's side of one connection to an agent: one program, its inputs out, its results in.

Blocking for its caller, never on one direction: while input waits to be sent, results are read. What the agent sends is
hostile input: bounded and validated by the protocol module, and a peer that goes silent is given up in time.
"""

from __future__ import annotations

import contextlib
import os
import select
import socket
import threading
import time
from collections.abc import Generator, Sequence
from types import TracebackType

from lcb_ray.agent import protocol
from lcb_ray.agent.protocol import ExecutionResult, Frame, Limits, Program
from lcb_ray.errors import ProtocolError, SandboxError, SandboxLost, SandboxOverloaded

_READ_BYTES = 256 * 1024
_SLOWEST_BYTES_S = 64 * 1024  # what moves more slowly does not count as moving: an agent may not drip for ever
_SILENCE_S = 30.0  # beyond the longest that an execution may take: then the agent hangs
_GOODBYE_S = 10.0  # for an agent to answer CANCEL

_FAULTS: dict[str, type[SandboxError]] = {
    "overloaded": SandboxOverloaded,
    "memory": SandboxOverloaded,
    "jail": SandboxLost,
    "internal": SandboxLost,
    "protocol": ProtocolError,
}


class Cancelled(Exception):
    """The work was cancelled from outside while it ran."""


class CancelSignal:
    """Tells a running connection, from any thread, to stop. Takes a descriptor only once a connection waits on it."""

    def __init__(self) -> None:
        self._event: int | None = None
        self._setter = -1  # the other end of a pipe, where the system has no event descriptors
        self._set = False
        self._closed = False
        self._lock = threading.Lock()

    def set(self) -> None:
        """Stop what runs now, or what will run under this signal."""
        with self._lock:
            if not self._set:
                self._set = True
                if self._event is not None:
                    self._wake()

    def fileno(self) -> int:
        """Readable once set."""
        with self._lock:
            if self._closed:
                raise ValueError("the signal is closed")
            if self._event is None:
                self._event = self._opened()
                if self._set:
                    self._wake()
            return self._event

    def is_set(self) -> bool:
        """Whether it was set."""
        return self._set

    def close(self) -> None:
        """Free the descriptor; setting it afterwards reaches nobody."""
        with self._lock:
            self._closed = True
            if self._event is not None:
                os.close(self._event)
                self._event = None
            if self._setter >= 0:
                os.close(self._setter)
                self._setter = -1

    def _opened(self) -> int:
        if hasattr(os, "eventfd"):
            return os.eventfd(0, os.EFD_CLOEXEC | os.EFD_NONBLOCK)
        event, self._setter = os.pipe()
        return event

    def _wake(self) -> None:
        if self._setter >= 0:
            os.write(self._setter, b"x")
        elif self._event is not None:
            os.eventfd_write(self._event, 1)


class Connection:
    """One connection to an agent. Use as a context manager: leaving it ends the program, whatever its state.

    Args:
        sock: Connected to an agent; owned from here on.
        cancel: Makes every method raise Cancelled once it is set.
        silence_s: Seconds without a word, beyond the longest an execution may take, after which the agent is given up.
        goodbye_s: Seconds for each of its answers to CANCEL.
    """

    def __init__(
        self,
        sock: socket.socket,
        cancel: CancelSignal,
        *,
        silence_s: float = _SILENCE_S,
        goodbye_s: float = _GOODBYE_S,
    ) -> None:
        sock.setblocking(False)
        self._socket = sock
        self._cancel = cancel
        self._out: list[memoryview] = []
        self._in = bytearray()
        self._unanswered = 0
        self._closed = False  # by the agent
        self._largest_result = 0
        self._silence_s = self._patience_s = silence_s
        self._goodbye_s = goodbye_s
        try:
            self.hello = self._hello()
        except BaseException:
            sock.close()
            raise

    def __enter__(self) -> Connection:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        self.close()

    def close(self) -> None:
        """End the program, whatever its state."""
        self._socket.close()

    def _hello(self) -> dict[str, object]:
        fields, _ = self._expect(Frame.HELLO)
        if fields.get("version") != protocol.VERSION:
            raise ProtocolError(
                f"the agent speaks version {fields.get('version')!r} of the protocol, this client {protocol.VERSION}: "
                "use the agent.pyz (or image) of this release"
            )
        return fields

    def compile(self, program: Program, limits: Limits) -> ExecutionResult:
        """Send the program; the compile stage's result, outcome EXITED or COMPILE_ERROR."""
        self._patience_s = limits.overload_wall_s + self._silence_s
        self._largest_result = 2 * limits.output_bytes + protocol.STDERR_TAIL_BYTES
        self._send(Frame.PROGRAM, protocol.program_fields(program, limits), program.source)
        fields, body = self._expect(Frame.COMPILED)
        return self._result(fields, body, -1)

    def results(self, inputs: Sequence[bytes]) -> Generator[ExecutionResult, None, None]:
        """Run the program on each input; a result each, in order, as it comes.

        Closing the iterator early leaves the rest to `cancel` or to the end of the connection.
        """
        window = _number(self.hello, "window_bytes")
        cases = _number(self.hello, "window_cases")
        sent, outstanding = 0, 0
        for index in range(len(inputs)):
            while sent < len(inputs) and sent - index < cases:
                if sent > index and outstanding + len(inputs[sent]) > window:
                    break
                self._send(Frame.INPUT, {}, inputs[sent])
                outstanding += len(inputs[sent])
                self._unanswered += 1
                sent += 1
                if sent == len(inputs):
                    self._send(Frame.END, {})
            fields, body = self._expect(Frame.RESULT)
            outstanding -= len(inputs[index])
            self._unanswered -= 1
            yield self._result(fields, body, index)

    def finish(self) -> None:
        """Wait for the agent to have let go of everything, after the last result."""
        self._expect(Frame.DONE)

    def cancel(self) -> None:
        """Stop the program, and wait until the agent has let go of everything."""
        self._patience_s = self._goodbye_s
        self._send(Frame.CANCEL, {})
        for _ in range(self._unanswered + 2):  # what may be on its way: results, COMPILED; then DONE
            kind, _, _ = self._frame()
            if kind is Frame.DONE:
                return
        raise ProtocolError("the agent goes on and on after it was told to stop")

    def reset(self) -> None:
        """End every program that the agent runs, on whatever connection; returns when they are gone.

        Instead of running a program on this connection, which ends with it. Raises SandboxLost, ProtocolError.
        """
        self._patience_s = self._goodbye_s
        self._send(Frame.RESET, {})
        try:
            kind, _, _ = self._frame()
        except SandboxLost:
            if self._closed:
                return
            raise
        raise ProtocolError(f"the agent sent {kind.name} where it was to end everything")

    def fileno(self) -> int:
        """Readable when the agent has something to say, or has ended."""
        return self._socket.fileno()

    def _result(self, fields: dict[str, object], body: bytes, index: int) -> ExecutionResult:
        try:
            result = protocol.read_result(fields, body)
        except protocol.WireError as error:
            raise ProtocolError(f"the agent's answer is malformed: {error}") from error
        if result.index != index:
            raise ProtocolError(f"the agent answered input {result.index} when {index} was due")
        return result

    def _expect(self, kind: Frame) -> tuple[dict[str, object], bytes]:
        got, fields, body = self._frame()
        if got is not kind:
            raise ProtocolError(f"the agent sent {got.name} where {kind.name} was due")
        return fields, body

    def _send(self, kind: Frame, fields: dict[str, object], body: bytes = b"") -> None:
        self._out.append(memoryview(protocol.pack_head(kind, fields, len(body))))
        if body:
            self._out.append(memoryview(body))

    def _frame(self) -> tuple[Frame, dict[str, object], bytes]:
        """The next frame, sending meanwhile what is queued. Raises SandboxError, Cancelled."""
        try:
            self._fill(protocol.HEAD.size)
            kind, text_bytes, body_bytes = protocol.unpack_head(self._take(protocol.HEAD.size))
            if kind is Frame.RESULT and body_bytes > self._largest_result:
                raise ProtocolError(f"the agent announces a result of {body_bytes} bytes, more than the limits allow")
            self._fill(text_bytes + body_bytes)
            fields = protocol.unpack_fields(self._take(text_bytes))
            body = self._take(body_bytes)
        except protocol.WireError as error:
            raise ProtocolError(f"the agent broke the protocol: {error}") from error
        if kind is Frame.FAULT:
            fault = _FAULTS.get(str(fields.get("code")), SandboxLost)
            raise fault(f"the sandbox failed: {str(fields.get('message'))[:1000]}")
        return kind, fields, body

    def _take(self, count: int) -> bytes:
        data = bytes(self._in[:count])
        del self._in[:count]
        return data

    def _fill(self, count: int) -> None:
        deadline = time.monotonic() + self._patience_s
        while len(self._in) < count:
            poll = select.poll()
            poll.register(self._socket, select.POLLIN | (select.POLLOUT if self._out else 0))
            poll.register(self._cancel, select.POLLIN)
            events = dict(poll.poll(max(deadline - time.monotonic(), 0.0) * 1000))
            if self._cancel.fileno() in events:
                raise Cancelled
            if not events:
                raise SandboxLost(f"the agent did not answer within {self._patience_s:.0f} s")
            # Reading first: what an agent says before it closes must not be lost to a failing send.
            moved = self._receive() if events[self._socket.fileno()] & ~select.POLLOUT else 0
            if self._out and len(self._in) < count:
                moved += self._flush()
            deadline += moved / _SLOWEST_BYTES_S

    def _receive(self) -> int:
        """Read what has arrived; how many bytes."""
        try:
            data = self._socket.recv(_READ_BYTES)
        except BlockingIOError:
            return 0
        except OSError as error:
            raise SandboxLost(f"the connection to the agent broke: {error}") from error
        if not data:
            self._closed = True
            raise SandboxLost("the agent closed the connection in the middle of its work")
        self._in += data
        return len(data)

    def _flush(self) -> int:
        """Send what the socket takes; how many bytes."""
        moved = 0
        with contextlib.suppress(BlockingIOError):
            while self._out:
                try:
                    sent = self._socket.send(self._out[0])
                except BrokenPipeError:  # it has closed; what it said last is still to be read
                    self._out.clear()
                    break
                except ConnectionError as error:
                    raise SandboxLost(f"the connection to the agent broke: {error}") from error
                moved += sent
                self._out[0] = self._out[0][sent:]
                if not self._out[0]:
                    self._out.pop(0)
        return moved


def _number(hello: dict[str, object], name: str) -> int:
    value = hello.get(name)
    if type(value) is not int or value <= 0:
        raise ProtocolError(f"the agent's HELLO lacks a positive {name}")
    return value
