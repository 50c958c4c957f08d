"""The warden of one program: takes in its inputs, runs a test process for each, answers. Never runs the program.

One process per connection, forked from the zygote. A single loop watches the client's socket and the running process;
it never blocks on either, so large input one way and large output the other cannot lock each other up.
"""

from __future__ import annotations

import os
import select
import signal
import socket
import sys
from collections import deque
from collections.abc import Callable
from types import ModuleType
from typing import NoReturn

from . import program
from .execution import Cell, Execution, Finished, SandboxFault
from .inbox import Inbox, Message
from .jail import Jail
from .outbox import Outbox
from .protocol import (
    STDERR_TAIL_BYTES,
    ExecutionResult,
    Frame,
    Limits,
    Mode,
    Outcome,
    Program,
    WireError,
    read_program,
    result_fields,
)

_UNSENT_BYTES = 1024 * 1024  # output waiting for the client to read; no further test is started above it
_COMPILE_LIMITS = Limits(cpu_s=10.0)
_COMPILE = -1


class Warden:
    """Serves one connection.

    Args:
        sock: The client's.
        jail: What to confine test processes with.
        modules: The prepared module for each mode.
        hello: Fields of the first frame.
        slot: Which slot of the sandbox this is.
        resets: Takes the connection of a client that wants all programs to end.
    """

    def __init__(
        self,
        sock: socket.socket,
        jail: Jail,
        modules: dict[Mode, ModuleType],
        hello: dict[str, object],
        *,
        slot: int,
        resets: socket.socket,
    ) -> None:
        sock.setblocking(False)
        self._socket = sock
        self._resets = resets
        self._cell = Cell.make(jail, slot)
        self._modules = modules
        self._inbox = Inbox(sock)
        self._outbox = Outbox(sock)
        self._outbox.put(Frame.HELLO, hello)
        self._program: Program | None = None
        self._limits = Limits()
        self._code = b""
        self._inputs: deque[int] = deque()
        self._next = 0
        self._running: Execution | None = None
        self._last = False

    def serve(self) -> None:
        """Run until the program is done, cancelled, or the client gone."""
        try:
            self._loop()
        except SandboxFault as fault:
            self._give_up(fault.code, str(fault))
        except WireError as error:
            self._give_up("protocol", str(error))
        except (EOFError, ConnectionError):
            pass
        except OSError as error:  # no more processes, files or memory to be had
            self._give_up("internal", str(error))
        finally:
            if self._running is not None:
                self._running.abandon()

    def _give_up(self, code: str, message: str) -> None:
        self._outbox.put(Frame.FAULT, {"code": code, "message": message[:1000]})
        self._drain()

    def _loop(self) -> None:
        while True:
            self._start_next()
            if self._last and self._running is None and not self._inputs:
                self._outbox.put(Frame.DONE, {})
                return self._drain()
            readable, ended = self._wait()
            self._outbox.flush()
            if readable and not self._read():
                return None
            if ended:
                self._answer()

    def _wait(self) -> tuple[bool, bool]:
        poll = select.poll()
        poll.register(self._socket, select.POLLIN | select.POLLRDHUP | (select.POLLOUT if self._outbox.pending else 0))
        running, timeout = self._running, None
        if running is not None:
            poll.register(running.pidfd, select.POLLIN)
            timeout = running.wait_s() * 1000
        events = dict(poll.poll(timeout))
        ended = running is not None and running.pidfd in events and running.ended()
        if running is not None and not ended and running.wait_s() == 0.0:
            try:
                running.look()
            except SandboxFault:
                self._running = None
                raise
            ended = running.ended()
        seen = events.get(self._socket.fileno(), 0)
        if seen & (select.POLLHUP | select.POLLERR):
            raise EOFError
        return bool(seen & (select.POLLIN | select.POLLRDHUP)), ended

    def _read(self) -> bool:
        """Take in what has arrived; False where the client cancelled."""
        while (message := self._inbox.read()) is not None:
            if message.kind is Frame.INPUT and self._program is not None and not self._last:
                self._inputs.append(message.body)
                continue
            if message.kind is Frame.PROGRAM and self._program is None:
                self._take_program(message)
            elif message.kind is Frame.END and self._program is not None:
                self._last = True
            elif message.kind is Frame.CANCEL:
                self._cancel()
                return False
            elif message.kind is Frame.RESET and self._program is None:
                self._reset()
            else:
                raise WireError(f"{message.kind.name} is out of order")
            os.close(message.body)
        return True

    def _reset(self) -> NoReturn:
        """Hand the connection to the zygote, which ends every warden, closes it, and so tells the client."""
        socket.send_fds(self._resets, [b"r"], [self._socket.fileno()])
        while True:
            signal.pause()

    def _cancel(self) -> None:
        if self._running is not None:
            self._running.abandon()
            self._running = None
        self._outbox.put(Frame.DONE, {})
        self._drain()

    def _drain(self) -> None:
        """Send what is left, waiting for the client to take it."""
        while True:
            self._outbox.flush()
            if not self._outbox.pending:
                return
            poll = select.poll()
            poll.register(self._socket, select.POLLOUT)
            poll.poll()

    def _take_program(self, message: Message) -> None:
        source = os.pread(message.body, message.size, 0)
        self._program, self._limits = read_program(message.fields, source)
        if b"numpy" in source:
            _import_numpy()
        self._launch(os.open("/dev/null", os.O_RDONLY | os.O_CLOEXEC), _COMPILE_LIMITS, self._compile, _COMPILE)

    def _start_next(self) -> None:
        if self._running is not None or not self._code or not self._inputs or self._outbox.pending > _UNSENT_BYTES:
            return
        self._launch(self._inputs.popleft(), self._limits, self._run, self._next)
        self._next += 1

    def _launch(self, stdin: int, limits: Limits, body: Callable[[], None], index: int) -> None:
        self._running = Execution(self._cell, limits, stdin, body, index=index)

    def _compile(self) -> NoReturn:
        if self._program is None:
            raise WireError("no program to compile")
        try:
            code = program.compile_source(self._program.source)
        except BaseException as error:  # SyntaxError, ValueError, MemoryError, RecursionError
            os.write(2, program.describe_compile_error(error))
            os._exit(1)
        program.write_report(program.VALUE_MARK + code)
        os._exit(0)

    def _run(self) -> NoReturn:
        if self._program is None:
            raise WireError("no program to run")
        mode = self._program.mode
        program.run(self._code, mode, self._program.function, self._modules[mode], self._next)

    def _answer(self) -> None:
        running, self._running = self._running, None
        if running is None:
            return
        finished = running.finish()
        if finished.result.index == _COMPILE:
            self._answer_compiled(finished)
        else:
            self._answer_result(finished)

    def _answer_compiled(self, finished: Finished) -> None:
        """Keep the code, or say why there is none; what follows a compile error is not run."""
        result, files = finished.result, finished.files
        code = os.pread(files.report, os.fstat(files.report).st_size, 0)
        if result.outcome is Outcome.EXITED and code.startswith(program.VALUE_MARK):
            self._code = code[1:]
        else:
            result = ExecutionResult(
                index=_COMPILE,
                outcome=Outcome.COMPILE_ERROR,
                exit_code=result.exit_code,
                signal=result.signal,
                usage=result.usage,
            )
            self._last = True
            self._inputs.clear()
        stderr = _tail(files.stderr)
        self._outbox.put(Frame.COMPILED, result_fields(result, 0, 0, stderr[2] - stderr[1]), [stderr])
        for descriptor in (files.stdin, files.stdout, files.report):
            os.close(descriptor)
        self._outbox.flush()

    def _answer_result(self, finished: Finished) -> None:
        result, files = finished.result, finished.files
        stdout = (files.stdout, 0, os.fstat(files.stdout).st_size)
        size = os.fstat(files.report).st_size
        returned = size > 1 and os.pread(files.report, 1, 0) == program.VALUE_MARK
        value = (files.report, 1, size) if returned else (files.report, 0, 0)
        stderr = _tail(files.stderr)
        lengths = [end - start for _, start, end in (stdout, value, stderr)]
        self._outbox.put(Frame.RESULT, result_fields(result, *lengths), [stdout, value, stderr])
        os.close(files.stdin)
        self._outbox.flush()


def _tail(descriptor: int) -> tuple[int, int, int]:
    size = os.fstat(descriptor).st_size
    return descriptor, max(0, size - STDERR_TAIL_BYTES), size


def _import_numpy() -> None:
    """Import numpy before the forks of a program that mentions it: 0.2 s once instead of at every test."""
    if "numpy" not in sys.modules:
        try:
            __import__("numpy.random")
        except ImportError:  # the sandbox has none: the program will find that out by itself
            return


def serve(
    sock: socket.socket,
    jail: Jail,
    modules: dict[Mode, ModuleType],
    hello: dict[str, object],
    *,
    slot: int,
    resets: socket.socket,
) -> NoReturn:
    """Be the warden of a connection, in a process of its own, to its end."""
    try:
        Warden(sock, jail, modules, hello, slot=slot, resets=resets).serve()
    finally:
        os._exit(0)
