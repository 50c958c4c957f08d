"""What a sandbox must give, each property proven by its effect before the first program runs.

A child process enters the jail exactly as a test process does and then tries to break out, in every way a program
could; what it manages is reported. A layer that loads without a complaint and does nothing is thus found out; and where
one layer is missing (Landlock on older kernels), another may give the same property.
"""

from __future__ import annotations

import ctypes
import fcntl
import json
import os
import signal
import socket
from collections.abc import Callable
from functools import partial
from pathlib import Path

from . import children, kernel
from .execution import Cell, SandboxFault
from .jail import Jail
from .program import write_report
from .protocol import Limits, Outcome
from .template import Template

# Which layers give a property; any one of them does. What a layer covers is said in its module.
GIVEN_BY: dict[str, tuple[str, ...]] = {
    "no_new_privs": ("no_new_privs",),
    "no_network": ("seccomp", "netns"),
    "no_signal_out": ("seccomp", "landlock_scope", "own_uid"),
    "fs_readonly": ("landlock", "seccomp_open"),
    "no_exec": ("seccomp", "landlock"),
    "no_foreign_memory": ("seccomp", "landlock", "own_uid"),
}
REQUIRED = tuple(GIVEN_BY)
# What is insisted on. gVisor lets each process look at the others' open files, whoever's they are; in exchange its
# processes are not the machine's. Who asks for it must run one program at a time in each sandbox.
PROFILES: dict[str, tuple[str, ...]] = {
    "linux": REQUIRED,
    "gvisor": tuple(name for name in REQUIRED if name != "no_foreign_memory"),
}

_PTRACE_SEIZE = 0x4206
_F_SETOWN_EX = 15
_SCRATCH = ("/tmp", "/dev/shm", "/var/tmp", ".")

_FAMILIES = ("AF_INET", "AF_INET6", "AF_UNIX", "AF_NETLINK", "AF_VSOCK", "AF_PACKET")

Attempt = Callable[[], object]


def prove(jail: Jail) -> dict[str, str]:
    """Each property's failure in words; empty where all hold. Raises SandboxFault where the jail cannot be entered."""
    cell = Cell.make(jail, 0)
    limits, attempt = Limits(cpu_s=20.0), partial(_try_everything, os.getpid())
    template = Template(cell, lambda _words, _file: (limits, attempt))
    template.wake()
    started = template.compile(b"prove", cell.gate, limits)
    if template.compiled() is None:
        started.finish()  # raises: it cannot have entered the jail
        raise SandboxFault("jail", "the proof of the jail ended before its start")
    execution = template.launch(os.open("/dev/null", os.O_RDONLY | os.O_CLOEXEC), 0)
    children.await_end(execution.pid)
    finished = execution.finish()
    template.close()
    report = os.pread(finished.files.report, 65536, 0)
    words = os.pread(finished.files.stderr, 500, 0).decode("utf-8", "replace")
    finished.close()
    os.close(cell.gate)
    if finished.result.outcome is not Outcome.EXITED:
        raise SandboxFault("jail", f"the proof of the jail ended with {finished.result}: {words}")
    if not report:
        raise SandboxFault("jail", f"the proof of the jail ended without a report: {words}")
    broken: dict[str, str] = json.loads(report)
    return broken


def _try_everything(target: int) -> int:
    """In the jail: try to break each property, and report those that broke.

    To run another program comes last, after a report in which that has succeeded: then there will be no other.
    """
    others = {"warden": target, "template": os.getsid(0)}
    if os.getsid(0) == os.getpid():  # there is none: see Template
        del others["template"]
    managed = {
        name: [what for what, attempt in attempts.items() if _manages(attempt)]
        for name, attempts in _attempts(others).items()
    }
    _report(managed | {"no_exec": ["run another program", *managed["no_exec"]]})
    _manages(_exec)
    _report(managed)
    return 0


def _report(managed: dict[str, list[str]]) -> None:
    broken = {name: "a program can " + ", ".join(what) for name, what in managed.items() if what}
    write_report(json.dumps(broken).encode(), fresh=True)


def _manages(attempt: Attempt) -> bool:
    try:
        return attempt() is not False
    except (OSError, RuntimeError):  # RuntimeError: threading's word for "can't start"
        return False


def _attempts(others: dict[str, int]) -> dict[str, dict[str, Attempt]]:
    return {
        "no_new_privs": {"gain privileges by exec": lambda: kernel.prctl(kernel.PR_GET_NO_NEW_PRIVS) == 0},
        "no_network": _network(),
        "no_signal_out": _of_each(others, _signals),
        "fs_readonly": _writes(),
        "no_exec": {"fork": _fork_attempt},
        "no_foreign_memory": _of_each(others, _memory),
    }


def _of_each(others: dict[str, int], attempts: Callable[[str, int], dict[str, Attempt]]) -> dict[str, Attempt]:
    return {what: attempt for who, pid in others.items() for what, attempt in attempts(who, pid).items()}


def _network() -> dict[str, Attempt]:
    kinds = [(family, kind) for family in _FAMILIES for kind in ("STREAM", "DGRAM", "RAW")]
    attempts: dict[str, Attempt] = {
        f"open a socket {family}/{kind}": lambda family=family, kind=kind: socket.socket(  # type: ignore[misc]
            getattr(socket, family), getattr(socket, f"SOCK_{kind}")
        )
        for family, kind in kinds
        if hasattr(socket, family)
    }
    attempts["open a pair of datagram sockets"] = lambda: socket.socketpair(socket.AF_UNIX, socket.SOCK_DGRAM)
    ring = ctypes.create_string_buffer(256)  # where there is no filter, the kernel writes to it
    attempts["set up io_uring"] = lambda: kernel.syscall("io_uring_setup", 1, ctypes.addressof(ring))
    return attempts


def _signals(who: str, target: int) -> dict[str, Attempt]:
    def by_owner() -> object:
        ours, _ = os.pipe()
        return fcntl.fcntl(ours, fcntl.F_SETOWN, target)

    def by_owner_ex() -> object:
        ours, _ = os.pipe()
        return fcntl.fcntl(ours, _F_SETOWN_EX, target.to_bytes(8, "little"))

    info = ctypes.create_string_buffer(128)
    return {
        f"signal its {who}": lambda: os.kill(target, 0),
        "signal everything": lambda: os.kill(-1, 0),
        f"queue a signal for its {who}": lambda: kernel.syscall(
            "rt_sigqueueinfo", target, signal.SIGCONT, ctypes.addressof(info)
        ),
        f"signal its {who} by pidfd": lambda: signal.pidfd_send_signal(os.pidfd_open(target), 0),
        f"own a file's signals for its {who}": by_owner,
        f"own a file's signals for a thread of its {who}": by_owner_ex,
        f"move its {who} to other cores": lambda: os.sched_setaffinity(target, {0}),
    }


def _writes() -> dict[str, Attempt]:
    def create(folder: str) -> object:
        path = Path(folder) / f".jail-proof-{os.getpid()}"
        descriptor = os.open(path, os.O_CREAT | os.O_WRONLY | os.O_EXCL, 0o600)
        os.close(descriptor)
        path.unlink()
        return True

    attempts: dict[str, Attempt] = {f"write to {folder}": lambda folder=folder: create(folder) for folder in _SCRATCH}  # type: ignore[misc]
    attempts["change a file's mode"] = lambda: Path(os.__file__).chmod(0o644)
    attempts["open its library to write"] = lambda: os.open(os.__file__, os.O_WRONLY | os.O_APPEND)
    attempts["make a file in memory"] = lambda: os.memfd_create("x")
    return attempts


def _exec() -> object:
    os.execv("/bin/true", ["true"])  # where it succeeds it does not return
    return True


def _fork_attempt() -> object:
    pid = os.fork()
    if pid == 0:
        os._exit(0)
    os.waitpid(pid, 0)
    return True


def _memory(who: str, target: int) -> dict[str, Attempt]:
    buffer = (ctypes.c_ulong * 3)()  # what is read, and where to: one object, which lives as long as the attempt
    buffer[1:] = [ctypes.addressof(buffer), 8]
    remote = (ctypes.c_ulong * 2)(id(target), 8)
    return {
        f"trace its {who}": lambda: kernel.syscall("ptrace", _PTRACE_SEIZE, target, 0, 0),
        f"read its {who}'s memory": lambda: kernel.syscall(
            "process_vm_readv",
            target,
            ctypes.addressof(buffer) + ctypes.sizeof(ctypes.c_ulong),
            1,
            ctypes.addressof(remote),
            1,
            0,
        ),
        f"open its {who}'s memory": lambda: os.open(f"/proc/{target}/mem", os.O_RDONLY),
        f"read its {who}'s environment": lambda: Path(f"/proc/{target}/environ").read_bytes(),
    }
