"""The process that the test processes of one program are forked from.

It has entered the jail, and compiles the program, so that none of them has to. It never runs a line of it, and
sees no input: the descriptors of a test's files come over a socket, and are closed once the test has them. The tests
are not its children but its parent's, the warden's: what it says is not needed to know how one has ended.
"""

from __future__ import annotations

import contextlib
import os
import resource
import signal
import socket
import time
from collections.abc import Callable, Sequence
from typing import NoReturn

from . import children, clocks, forks, kernel
from .execution import Cell, Execution, SandboxFault
from .jail import Descriptors, Jail
from .nursery import Nursery
from .protocol import ExecutionResult, Limits, Outcome, Usage

COMPILE = -1
_COMPILE_LIMITS = Limits(cpu_s=10.0)
_JAIL_FAILED = 111
_GATE, _CONTROL, _SOURCE = 4, 5, 5
_FILES = 4
GIVEN = forks.numbers(_FILES + 2)  # that a template starts with: its files, the gate, its end of the control socket
_ONE, _FOUR = forks.numbers(1), forks.numbers(_FILES)
_WORDS_BYTES = 128 * 1024
_WAKE = b"w"

Body = Callable[[], int]  # gives the status to exit with
Prepare = Callable[[bytes, int], tuple[Limits, Body]]


class Template:
    """A template, and what its parent does with it.

    It holds nothing that its parent has read: a process that reads nothing forks it, or its parent does before it knows
    of a program. It is made while nobody waits for it, stays outside the jail until it is woken, and does nothing else
    there. One that was made before its parent has touched much is also the cheaper one, since a page that both have is
    copied for the one that writes to it.

    Args:
        cell: For its executions.
        prepare: In the jail: makes of what `compile` was given the limits and the body of the test processes. Exits
            where it cannot.
        nursery: Forks it; by default the parent does.
    """

    def __init__(self, cell: Cell, prepare: Prepare, nursery: Nursery | None = None) -> None:
        self._cell = cell
        self._limits = Limits()
        self._prepare = prepare
        self._given: tuple[bytes, int] | None = None
        self._control, theirs = forks.pair()
        self.files = _files(os.open("/dev/null", os.O_RDONLY | os.O_CLOEXEC))
        self._start = time.monotonic()
        given = (*self.files.numbers(), cell.gate, theirs.fileno())
        self._pid = self._fork(given) if nursery is None else nursery.fork(given)
        self._others = {self._pid} if nursery is None else {self._pid, nursery.pid}
        theirs.close()
        self._alive = self._owns_files = True
        self.compiling: Execution | None = None

    def wake(self) -> bool:
        """Have it enter the jail: a program is about to come. False where it has ended meanwhile; close it then."""
        if children.gone(self._pid):
            return False
        with contextlib.suppress(ConnectionError):  # it ends now
            self._control.send(_WAKE)
        return True

    def _fork(self, given: Sequence[int]) -> int:
        body = being(self._cell.jail, self._cell.slot, self._prepare)
        pid = kernel.fork()
        if pid == 0:
            body(given)
        return pid

    def compile(self, words: bytes, source: int, limits: Limits) -> Execution:
        """Begin, in one that was woken: what `compiled` tells the end of.

        Args:
            words: For `prepare`.
            source: A file for it; stays the caller's.
            limits: Of each test process.
        """
        self._limits, self._start = limits, time.monotonic()
        if not children.SIBLINGS:
            self._given = words, os.dup(source)
        with contextlib.suppress(ConnectionError):  # it has ended: then so has this execution
            self._control.sendmsg([words], [(socket.SOL_SOCKET, socket.SCM_RIGHTS, _ONE.pack(source))])
        self.compiling = Execution(self._cell, _COMPILE_LIMITS, self.files, self._pid, start=self._start, index=COMPILE)
        self._owns_files = False
        return self.compiling

    def fileno(self) -> int:
        """Readable once the program is compiled, or the process has ended."""
        return self._control.fileno()

    def compiled(self) -> ExecutionResult | None:
        """How compiling went, once there is something to read; None where the process ends, or has ended, instead."""
        try:
            answer = self._control.recv(forks.ANSWER.size)
        except ConnectionError:
            answer = b""
        if not answer or self.compiling is None:
            return None
        os.close(self.compiling.pidfd)
        self.compiling = None
        self._cell.entered()
        self._cell.note_memory_kills()
        usage = Usage(
            cpu_s=clocks.cpu_seconds(self._pid),
            wall_s=time.monotonic() - self._start,
            max_rss_bytes=max(forks.ANSWER.unpack(answer)[0], 0),
        )
        return ExecutionResult(index=COMPILE, outcome=Outcome.EXITED, exit_code=0, usage=usage)

    def launch(self, stdin: int, index: int) -> Execution:
        """Start a test process.

        Args:
            stdin: Descriptor of its input; owned (closed with the files) from here on.
            index: Which input.

        Raises SandboxFault, and OSError where there can be no process.
        """
        files = _files(stdin)
        start = time.monotonic()
        if self._given is not None:
            return self._launch_alone(files, start, index, *self._given)
        try:
            pid = forks.ask(self._control, _FOUR, files.numbers(), self._others)
        except EOFError:
            raise self._lost() from None
        return Execution(self._cell, self._limits, files, pid, start=start, index=index)

    def _launch_alone(self, files: Descriptors, start: float, index: int, words: bytes, source: int) -> Execution:
        """On a kernel where the template can make no child of ours: a process that compiles once more."""
        cell, parent = self._cell, os.getpid()
        pid = kernel.fork()
        if pid == 0:
            try:
                children.leave()
                cell.jail.enter(files, [cell.gate, source], _COMPILE_LIMITS, slot=cell.slot, parent=parent)
                limits, body = self._prepare(words, _SOURCE)
                cell.jail.last(limits, parent=parent, gate=_GATE)(range(_GATE))
                os._exit(body())
            except BaseException as error:  # never unwind into the warden's frames
                _last_words(error)
            finally:
                os._exit(_JAIL_FAILED)
        return Execution(cell, self._limits, files, pid, start=start, index=index)

    def _lost(self) -> SandboxFault:
        """The process has ended, which it never does by itself."""
        _, status = os.waitpid(self._pid, 0)
        self._alive = False
        code = os.waitstatus_to_exitcode(status)
        if code == -signal.SIGKILL and clocks.kernel_memory_kills() > self._cell.memory_kills:
            return SandboxFault("memory", "a program's template was killed while the kernel ran out of memory")
        return SandboxFault("internal", f"a program's template ended with status {code}")

    def close(self) -> None:
        """End the process, unless it was ended as the execution that compiles."""
        if self._alive and self.compiling is None:
            os.kill(self._pid, signal.SIGKILL)
            os.waitpid(self._pid, 0)
        self._alive = False
        self._control.close()
        if self._owns_files:
            self._owns_files = False
            for descriptor in self.files.numbers():
                os.close(descriptor)
        if self._given is not None:
            os.close(self._given[1])
            self._given = None


def being(jail: Jail, slot: int, prepare: Prepare) -> Callable[[Sequence[int]], NoReturn]:
    """What a child of this process does to be a template, and then, in its forks, each of its test processes.

    It is to be called in the child, with GIVEN descriptors.

    Args:
        jail: To enter.
        slot: Of the sandbox, for the uid.
        prepare: See Template.
    """
    parent = os.getpid()

    def be(given: Sequence[int]) -> NoReturn:
        try:
            children.leave()
            kernel.die_with_parent(parent)
            files, kept = Descriptors(*given[:_FILES]), given[_FILES:]
            _await_waking(given[-1])
            jail.enter(files, kept, _COMPILE_LIMITS, slot=slot, parent=parent)
            os.eventfd_write(_GATE, 1)
            control = socket.socket(fileno=_CONTROL)  # held: an unclosed one is warned of where it is dropped
            limits, body = prepare(*_first(control))
            enter_last = jail.last(limits, parent=parent, gate=_GATE)
            end = os._exit
            control.send(forks.ANSWER.pack(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024))
            enter_last(forks.serve(control, _FOUR))
            end(body())
        except BaseException as error:  # never unwind into the frames of whoever it was forked from
            _last_words(error)
        finally:
            os._exit(_JAIL_FAILED)

    return be


def _await_waking(control: int) -> None:
    """In the process, outside its jail: sleep until `wake`. Ends with the parent."""
    if not os.read(control, len(_WAKE)):
        os._exit(0)


def _first(control: socket.socket) -> tuple[bytes, int]:
    """In the process: what `compile` was given. Ends with the parent."""
    words, ancillary, _, _ = control.recvmsg(_WORDS_BYTES, socket.CMSG_SPACE(_ONE.size))
    if not words:
        os._exit(0)
    return words, _ONE.unpack(ancillary[0][2])[0]


def _files(stdin: int) -> Descriptors:
    flags = os.MFD_CLOEXEC
    return Descriptors(
        stdin, os.memfd_create("out", flags), os.memfd_create("err", flags), os.memfd_create("report", flags)
    )


def _last_words(error: BaseException) -> None:
    """Tell the warden why this process never got into its jail."""
    with contextlib.suppress(OSError):
        os.write(2, f"{type(error).__name__}: {error}".encode("utf-8", "replace"))
