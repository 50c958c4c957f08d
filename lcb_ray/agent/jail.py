"""The jail of one test process: what it is in before the first instruction of an untrusted program.

All that can be inherited is entered once for each program, by the process that its test processes are forked from
(template.py); the rest by each of them.
"""

from __future__ import annotations

import fcntl
import os
import resource
import signal
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

from . import kernel, landlock
from .protocol import Limits
from .seccomp import Filter

LAYERS = (
    "seccomp",
    "landlock",
    "own_uid",
    "netns",
    "rlimits",
    "descriptors",
    "dumpable",
    "capabilities",
    "clean_start",
)
CPU_BACKSTOP_S = 2  # the warden's clock ends a program at its limit; RLIMIT_CPU only where the warden cannot


@dataclass(frozen=True, slots=True)
class Descriptors:
    """What a test process has open: nothing else is inherited.

    Attributes:
        stdin: Sealed memfd with the input.
        stdout: Empty memfd.
        stderr: Empty memfd.
        report: Empty memfd that becomes descriptor 3: a returned value, or how the program ended.
    """

    stdin: int
    stdout: int
    stderr: int
    report: int

    def numbers(self) -> tuple[int, int, int, int]:
        """All four, in this order."""
        return self.stdin, self.stdout, self.stderr, self.report


REPORT_FD = 3


class Jail:
    """The confinement, prepared once per agent and entered by each test process.

    Args:
        without: Layers to leave out; only for tests that show what each layer stops.
        landlock_abi: Use at most this version of Landlock.
        numpy_folder: Folder of the numpy that programs may import, or None.
        first_uid: Slot n runs as uid first_uid + n; None to keep the agent's uid.
    """

    def __init__(
        self,
        *,
        without: frozenset[str] = frozenset(),
        landlock_abi: int | None = None,
        numpy_folder: str | None = None,
        first_uid: int | None = None,
    ) -> None:
        version = landlock.abi()
        if landlock_abi is not None:
            version = min(version, landlock_abi)
        self.landlock_abi = 0 if "landlock" in without else version
        self.first_uid = None if "own_uid" in without else first_uid
        self._without = without
        self._rules = landlock.ruleset(self.landlock_abi, numpy_folder) if self.landlock_abi else None
        filters = Filter(kernel.ARCH, read_only_open=not self.landlock_abi)
        self._filter = None if "seccomp" in without else filters
        self._base_memory = _address_space()

    @property
    def layers(self) -> list[str]:
        """The layers in force, for the handshake."""
        names = []
        if self._filter is not None:
            names.append("seccomp")
        if self.landlock_abi:
            names.append("landlock")
        if self.first_uid is not None:
            names.append("own_uid")
        return names

    def enter(self, files: Descriptors, kept: Sequence[int], limits: Limits, *, slot: int, parent: int) -> None:
        """Confine this freshly forked process for good, but for what `last` adds. Raises OSError.

        The order matters: the uid before the parent-death signal (changing it clears that), the filter after all that
        it forbids.

        Args:
            files: Become descriptors 0 to 3.
            kept: Become those from 4 on. Every other is closed.
            limits: Soft ones; `last` sets those of a test process.
            slot: Of the sandbox, for the uid.
            parent: The process to end with.
        """
        os.setsid()
        rules = _place([*files.numbers(), *kept], self._rules)
        if "rlimits" not in self._without:
            for kind, (value, _) in self._limits(limits):
                resource.setrlimit(kind, (value, resource.getrlimit(kind)[1]))
        if self.first_uid is not None:
            uid = self.first_uid + slot
            os.setgroups([])
            os.setresgid(uid, uid, uid)
            os.setresuid(uid, uid, uid)
        kernel.no_new_privs()
        kernel.die_with_parent(parent)
        kernel.prctl(kernel.PR_SET_DUMPABLE, int("dumpable" in self._without))
        if rules is not None:
            landlock.restrict(rules)
        if self._filter is not None:
            self._filter.load()
        if "descriptors" not in self._without:
            kernel.closing_from(REPORT_FD + 1 + len(kept))()

    def last(self, limits: Limits, *, parent: int, gate: int) -> Callable[[Sequence[int]], None]:
        """What confines a process that is forked from one that has entered, given its files. Raises OSError.

        Prepared as far as it can be: a forked process pays for every page that it touches. The files become descriptors
        0 to 3; the gate is raised once everything holds, and then every descriptor but these is closed.

        Args:
            limits: Of the process.
            parent: The process to end with.
            gate: Of its execution.
        """
        dup2, setrlimit, getppid, end, raise_gate = os.dup2, resource.setrlimit, os.getppid, os._exit, os.eventfd_write
        end_with_parent = kernel.bound("prctl", kernel.PR_SET_PDEATHSIG, signal.SIGKILL)
        load = _nothing if self._filter is None else self._filter.last()
        close = _nothing if "descriptors" in self._without else kernel.closing_from(REPORT_FD + 1)
        set_limits = [] if "rlimits" in self._without else self._limits(limits)

        def enter_last(files: Sequence[int]) -> None:
            for number, descriptor in enumerate(files):
                dup2(descriptor, number)
            for kind, values in set_limits:
                setrlimit(kind, values)
            end_with_parent()
            if getppid() != parent:
                end(1)
            load()
            raise_gate(gate, 1)
            close()

        return enter_last

    def _limits(self, limits: Limits) -> list[tuple[int, tuple[int, int]]]:
        wanted = (
            (resource.RLIMIT_AS, self._base_memory + limits.memory_bytes),
            (resource.RLIMIT_FSIZE, limits.output_bytes),
            (resource.RLIMIT_CORE, 0),
            (resource.RLIMIT_CPU, int(limits.cpu_s) + CPU_BACKSTOP_S),
            (resource.RLIMIT_NOFILE, limits.open_files),
        )
        found = []
        for kind, value in wanted:
            _, hard = resource.getrlimit(kind)
            if hard != resource.RLIM_INFINITY:
                value = min(value, hard)
            found.append((kind, (value, value)))
        return found


def _nothing() -> None:
    """In place of a layer that is left out."""


def _place(wanted: Sequence[int], rules: int | None) -> int | None:
    """Give descriptors the numbers from 0 on. Returns where the one with the rules is now.

    All are moved out of the way first: any of them may lie where another has to go.
    """
    first = len(wanted) + 1
    parked = [fcntl.fcntl(descriptor, fcntl.F_DUPFD, first) for descriptor in wanted]
    if rules is not None:
        rules = fcntl.fcntl(rules, fcntl.F_DUPFD, first)
    for number, descriptor in enumerate(parked):
        os.dup2(descriptor, number)
    return rules


def _address_space() -> int:
    pages = int(Path("/proc/self/statm").read_text().split()[0])
    return pages * resource.getpagesize()
