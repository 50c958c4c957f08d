"""The warden of a slot: takes in a program and its inputs, runs a test process for each, answers. It never runs one.

A process forked from the zygote, which hands it one connection after another, each with one program. A single loop
watches the client's socket and the running process; it never blocks on either, so large input one way and large output
the other cannot lock each other up.

What it has read stays in its memory. So it forks nothing: its nursery does, which it made before. Where a kernel does
not give one process the children of another, a warden serves one connection only, and forks before it reads.
"""

from __future__ import annotations

import contextlib
import os
import select
import signal
import socket
import sys
from collections import deque
from collections.abc import Callable
from functools import partial
from types import ModuleType
from typing import NoReturn

from . import children, program
from .execution import Cell, Execution, Finished, SandboxFault, size_of
from .inbox import Inbox, Message
from .jail import Jail
from .nursery import Nursery
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
    pack_fields,
    program_fields,
    read_program,
    result_fields,
    unpack_fields,
)
from .spares import Spares
from .template import COMPILE, GIVEN, Body, Prepare, Template, being

CONNECTIONS = 200 if children.PIDFDS else 1  # that a warden serves: what grows in one, or goes wrong, goes with it
FREE = b"f"  # what it tells the zygote when it could serve another
_UNSENT_BYTES = 1024 * 1024  # output waiting for the client to read; no further test is started above it


class Warden:
    """Serves one connection.

    Args:
        sock: The client's; owned.
        cell: For its executions; owned.
        template: Of its program; owned.
        resets: Takes the connection of a client that wants all programs to end.
        free: Called when nothing of the program is left, before the client is told: it may connect again at once.
        meanwhile: Called once, while the last test runs: there is time for what the next connection needs.
    """

    def __init__(
        self,
        sock: socket.socket,
        cell: Cell,
        template: Template,
        *,
        resets: socket.socket,
        free: Callable[[], object],
        meanwhile: Callable[[], object],
    ) -> None:
        sock.setblocking(False)
        self._socket = sock
        self._resets = resets
        self._free = free
        self._meanwhile = meanwhile
        self._cell = cell
        self._template = template
        self._inbox = Inbox(sock)
        self._outbox = Outbox(sock)
        self._program: Program | None = None
        self._inputs: deque[int] = deque()
        self._next = 0
        self._running: Execution | None = None
        self._last = False

    def serve(self) -> bool:
        """Run until the program is done, cancelled, or the client gone. Whether all went as it should."""
        try:
            self._loop()
        except SandboxFault as fault:
            self._give_up(fault.code, str(fault))
        except WireError as error:
            self._give_up("protocol", str(error))
        except (EOFError, ConnectionError):
            self._stop()
            self._say_free()
            return True
        except OSError as error:  # no more processes, files or memory to be had
            self._give_up("internal", str(error))
        else:
            return True
        finally:
            self._stop()
        return False

    def close(self) -> None:
        """Drop all that this connection has open, and what it has received."""
        for descriptor in self._inputs:
            os.close(descriptor)
        self._inbox.close()
        self._outbox.close()
        self._cell.close()
        self._socket.close()

    def _stop(self) -> None:
        """End the program: nothing of it is left."""
        if self._running is not None:
            self._running.abandon()
            self._running = None
        self._template.close()

    def _say_free(self) -> None:
        """Once only: told twice, the zygote would have two clients at once wait for this one warden."""
        free, self._free = self._free, _nothing
        free()

    def _use_the_time(self) -> None:
        """Once only: what fails here is not tried again at each look at the test."""
        meanwhile, self._meanwhile = self._meanwhile, _nothing
        meanwhile()

    def _give_up(self, code: str, message: str) -> None:
        self._outbox.put(Frame.FAULT, {"code": code, "message": message[:1000]})
        self._drain()

    def _loop(self) -> None:
        while True:
            self._start_next()
            if self._last and self._running is None and not self._inputs:
                return self._done()
            if self._last and not self._inputs:
                self._use_the_time()
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
            if running.index == COMPILE:
                poll.register(self._template, select.POLLIN)
        events = dict(poll.poll(timeout))
        ended = running is not None and running.pidfd in events and (children.PIDFDS or running.ended())
        if running is not None and running.index == COMPILE and self._template.fileno() in events:
            ended = True
        elif running is not None and not ended and running.wait_s() == 0.0:
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
            try:
                if not self._obey(message):
                    return False
            finally:
                os.close(message.body)
        return True

    def _obey(self, message: Message) -> bool:
        """Do what any frame but an input asks for; False where the client cancelled."""
        if message.kind is Frame.PROGRAM and self._program is None:
            self._take_program(message)
        elif message.kind is Frame.END and self._program is not None:
            self._last = True
        elif message.kind is Frame.CANCEL:
            self._done()
            return False
        elif message.kind is Frame.RESET and self._program is None:
            self._reset()
        else:
            raise WireError(f"{message.kind.name} is out of order")
        return True

    def _reset(self) -> NoReturn:
        """Hand the connection to the zygote, which ends every warden, closes it, and so tells the client."""
        socket.send_fds(self._resets, [b"r"], [self._socket.fileno()])
        while True:
            signal.pause()

    def _done(self) -> None:
        """End the program and say so, with room for the word: who is free must not have to wait for this client."""
        self._stop()
        self._drain()
        self._await_room()
        self._say_free()
        self._outbox.put(Frame.DONE, {})
        self._drain()

    def _drain(self) -> None:
        """Send what is left, waiting for the client to take it."""
        while True:
            self._outbox.flush()
            if not self._outbox.pending:
                return
            self._await_room()

    def _await_room(self) -> None:
        poll = select.poll()
        poll.register(self._socket, select.POLLOUT)
        poll.poll()

    def _take_program(self, message: Message) -> None:
        source = os.pread(message.body, message.size, 0)
        self._program, limits = read_program(message.fields, source)
        words = pack_fields(program_fields(self._program, limits))
        self._running = self._template.compile(words, message.body, limits)

    def _start_next(self) -> None:
        if self._running is None and self._inputs and self._outbox.pending <= _UNSENT_BYTES:
            self._running = self._template.launch(self._inputs.popleft(), self._next)
            self._next += 1

    def _answer(self) -> None:
        """Tell how the execution that has ended went; the next test is started first, and runs meanwhile."""
        running, self._running = self._running, None
        if running is None:
            return
        if running.index == COMPILE:
            self._answer_compiled(running)
        else:
            finished = running.finish()
            self._start_next()
            self._answer_result(finished)

    def _answer_compiled(self, compiling: Execution) -> None:
        """What follows a compile error is not run."""
        result, files = self._template.compiled(), self._template.files
        if result is None:
            ended = compiling.finish().result
            result = ExecutionResult(
                index=COMPILE,
                outcome=Outcome.COMPILE_ERROR,
                exit_code=ended.exit_code,
                signal=ended.signal,
                usage=ended.usage,
            )
            self._last = True
            while self._inputs:
                os.close(self._inputs.pop())
        stderr = _tail(files.stderr)
        self._outbox.put(Frame.COMPILED, result_fields(result, 0, 0, stderr[2] - stderr[1]), [stderr])
        for descriptor in (files.stdin, files.stdout, files.report):
            os.close(descriptor)
        self._outbox.flush()

    def _answer_result(self, finished: Finished) -> None:
        result, files = finished.result, finished.files
        stdout = (files.stdout, 0, size_of(files.stdout))
        size = size_of(files.report)
        returned = size > 1 and os.pread(files.report, 1, 0) == program.VALUE_MARK
        value = (files.report, 1, size) if returned else (files.report, 0, 0)
        stderr = _tail(files.stderr)
        lengths = [end - start for _, start, end in (stdout, value, stderr)]
        self._outbox.put(Frame.RESULT, result_fields(result, *lengths), [stdout, value, stderr])
        os.close(files.stdin)
        self._outbox.flush()


def _prepare(modules: dict[Mode, ModuleType], words: bytes, source: int) -> tuple[Limits, Body]:
    """In the template: compile."""
    wanted, limits = read_program(unpack_fields(words), os.pread(source, os.fstat(source).st_size, 0))
    os.close(source)
    if b"numpy" in wanted.source:
        _import_numpy()
    try:
        code = program.compile_source(wanted.source)
    except BaseException as error:  # SyntaxError, ValueError, MemoryError, RecursionError
        os.write(2, program.describe_compile_error(error))
        os._exit(1)
    program.settle_random()
    return limits, program.body(code, wanted.function, modules[wanted.mode])


def _tail(descriptor: int) -> tuple[int, int, int]:
    size = size_of(descriptor)
    return descriptor, max(0, size - STDERR_TAIL_BYTES), size


def _import_numpy() -> None:
    """Import numpy before the forks of a program that mentions it: 0.2 s once instead of at every test."""
    if "numpy" not in sys.modules:
        try:
            __import__("numpy.random")
        except ImportError:  # the sandbox has none: the program will find that out by itself
            return


def serve(
    channel: socket.socket,
    jail: Jail,
    modules: dict[Mode, ModuleType],
    hello: bytes,
    *,
    slot: int,
    resets: socket.socket,
) -> NoReturn:
    """Be the warden of a slot, in a process of its own, to its end.

    Args:
        channel: Brings connections from the zygote, one for each time that it is told FREE.
        jail: What to confine test processes with.
        modules: The prepared module for each mode.
        hello: The first frame of each connection.
        slot: Which slot of the sandbox this is.
        resets: See Warden.
    """
    try:
        prepare: Prepare = partial(_prepare, modules)
        nursery = None
        if CONNECTIONS > 1:
            nursery = Nursery(being(jail, slot, prepare), GIVEN, without=(channel, resets))
        spares = Spares(jail, slot, prepare, nursery)

        def free() -> None:
            channel.send(FREE)

        def prepare_next() -> None:
            with contextlib.suppress(SandboxFault, OSError):  # it is the next program's trouble, if it lasts
                spares.make()

        for left in reversed(range(CONNECTIONS)):
            spares.make()
            sock = take_descriptor(channel)
            with contextlib.suppress(OSError):  # the client has gone: that will be seen
                sock.send(hello)  # a new connection takes it whole
            cell, template = spares.take()
            warden = Warden(
                sock,
                cell,
                template,
                resets=resets,
                free=free if left else _nothing,
                meanwhile=prepare_next if left else _nothing,
            )
            if not warden.serve():
                break
            warden.close()
        spares.close()
        if nursery is not None:
            nursery.close()
    finally:
        os._exit(0)


def _nothing() -> None:
    """There is nothing to do, or no more."""


def take_descriptor(control: socket.socket) -> socket.socket:
    """The next connection, sent over a control socket. Raises EOFError once that is closed."""
    data, descriptors, _, _ = socket.recv_fds(control, 1, 1)
    if not data or not descriptors:
        raise EOFError
    return socket.socket(fileno=descriptors[0])
