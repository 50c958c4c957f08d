"""The jail of one test process: what it enters between fork and the first instruction of an untrusted program."""

from __future__ import annotations

import fcntl
import os
import resource
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
_FIRST_PARKED = 8


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

    def enter(self, files: Descriptors, limits: Limits, *, slot: int, parent: int, gate: int) -> None:
        """Confine this freshly forked process for good. Raises OSError where a layer cannot be had.

        The order matters: the uid before the parent-death signal (changing it clears that), the filter after all that
        it forbids, the gate once everything holds, and then every descriptor but the program's own is closed.
        """
        os.setsid()
        gate, rules = _place(files, gate, self._rules)
        if "rlimits" not in self._without:
            self._limit(limits)
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
        os.eventfd_write(gate, 1)
        if "descriptors" not in self._without:
            kernel.close_from(REPORT_FD + 1)

    def _limit(self, limits: Limits) -> None:
        memory = self._base_memory + limits.memory_bytes
        cpu = int(limits.cpu_s) + CPU_BACKSTOP_S
        for kind, value in (
            (resource.RLIMIT_AS, memory),
            (resource.RLIMIT_FSIZE, limits.output_bytes),
            (resource.RLIMIT_CORE, 0),
            (resource.RLIMIT_CPU, cpu),
            (resource.RLIMIT_NOFILE, limits.open_files),
        ):
            _, hard = resource.getrlimit(kind)
            if hard != resource.RLIM_INFINITY:
                value = min(value, hard)
            resource.setrlimit(kind, (value, value))


def _place(files: Descriptors, gate: int, rules: int | None) -> tuple[int, int | None]:
    """Give the files their numbers 0 to 3. Returns where the other two are now.

    All are moved out of the way first: any of them may lie where another has to go.
    """
    wanted = [files.stdin, files.stdout, files.stderr, files.report, gate, *([] if rules is None else [rules])]
    parked = [fcntl.fcntl(descriptor, fcntl.F_DUPFD, _FIRST_PARKED) for descriptor in wanted]
    for number in range(4):
        os.dup2(parked[number], number)
    return parked[4], None if rules is None else parked[5]


def _address_space() -> int:
    pages = int(Path("/proc/self/statm").read_text().split()[0])
    return pages * resource.getpagesize()
