"""What the attacks aim at, on this machine: a victim, a neighbour in the next slot, listeners, files, an agent.

`attack` runs one and looks at all of these afterwards.
"""

from __future__ import annotations

import contextlib
import itertools
import os
import secrets
import select
import socket
import subprocess
import tempfile
import threading
from collections.abc import Callable, Sequence
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from lcb_ray.agent.protocol import Limits, Program
from lcb_ray.agent_client import Cancelled, CancelSignal, Connection
from lcb_ray.errors import SandboxError
from lcb_ray.launcher import AgentProcess
from tests import attacks, processes
from tests.attacks import Attack, Told
from tests.listening_agent import NOBODY, ListeningAgent, python_for
from tests.older_kernel import CALLS
from tests.processes import LONG_S

FIRST_UID = 61184  # also the launcher's
# Looks at its own memory for as long as it runs, and ends where it is not what it was.
_NEIGHBOUR = b"""
import time
if input():
    data = [number * 7919 for number in range(2000)]
    total = sum(data)
    while sum(data) == total:
        time.sleep(0.05)
"""


@dataclass(frozen=True, slots=True)
class Configuration:
    """One way to run the agent on this machine.

    Attributes:
        options: Of the agent.
        user: As whom it runs: None for the user who tests.
        without_calls: System calls that its kernel does not have; only with a user.
        shows: What is special about it, in words.
    """

    shows: str
    options: tuple[str, ...] = ()
    user: int | None = None
    without_calls: tuple[str, ...] = ()

    def lacks(self) -> str:
        """Why it cannot be had here; empty where it can."""
        if self.user is None:
            return ""
        if os.geteuid() != 0:
            return "only root can start a process as someone else"
        return "" if python_for(NOBODY) else "no Python 3.11 here that another user can run"


CONFIGURATIONS = {
    "this-kernel": Configuration("as the `local` backend starts it, on this kernel"),
    "landlock-4": Configuration("Linux 6.7, Ubuntu 24.04: no scopes for signals", ("--landlock-abi", "4")),
    "landlock-1": Configuration("Linux 5.13, nearly Debian 12: truncation is not handled", ("--landlock-abi", "1")),
    "no-landlock": Configuration("a kernel without Landlock", ("--landlock-abi", "0")),
    "no-landlock-no-namespace": Configuration(
        "likewise, without a network namespace", ("--landlock-abi", "0", "--without", "netns")
    ),
    "unprivileged": Configuration("started as an ordinary user, as in a container", user=NOBODY),
    "no-pidfd": Configuration(
        "likewise, on a kernel with what gVisor has: no pidfds, no close_range, no Landlock",
        user=NOBODY,
        without_calls=tuple(CALLS),
    ),
    "own-uids": Configuration(
        "started as root: each slot has a user of its own", ("--first-uid", str(FIRST_UID)), user=0
    ),
}


class Target:
    """All that is attacked. Use `closing`.

    Args:
        configuration: How the agent runs.
        more: Further options of it.
    """

    def __init__(self, configuration: Configuration, *more: str) -> None:
        self._close_all = contextlib.ExitStack()
        with self._close_all as undo:  # where this cannot be finished
            self.secret = secrets.token_hex(8)
            self._make_files()
            self._listen()
            self._start_agent(configuration, more)
            self._neighbour_ended = threading.Event()
            self._start_neighbour()
            self._start_victim()
            self._close_all = undo.pop_all()

    def close(self) -> None:
        """End everything."""
        self._close_all.close()

    def _make_files(self) -> None:
        self.folder = Path(
            self._close_all.enter_context(tempfile.TemporaryDirectory(prefix="attacked-", ignore_cleanup_errors=True))
        )
        self.file = self.folder / "secret"
        self.file.write_text(self.secret)

    def _listen(self) -> None:
        self.path = f"/tmp/listener-{self.secret}"
        self.listeners = {}
        for name, family, kind, address in (
            ("tcp", socket.AF_INET, socket.SOCK_STREAM, ("127.0.0.1", 0)),
            ("tcp6", socket.AF_INET6, socket.SOCK_STREAM, ("::1", 0)),
            ("raylet", socket.AF_INET, socket.SOCK_STREAM, ("0.0.0.0", 0)),
            ("udp", socket.AF_INET, socket.SOCK_DGRAM, ("127.0.0.1", 0)),
            ("abstract", socket.AF_UNIX, socket.SOCK_STREAM, f"\0stream-{self.secret}"),
            ("abstract_datagram", socket.AF_UNIX, socket.SOCK_DGRAM, f"\0datagram-{self.secret}"),
            ("path", socket.AF_UNIX, socket.SOCK_STREAM, self.path),
            ("path_datagram", socket.AF_UNIX, socket.SOCK_DGRAM, f"{self.path}-datagram"),
        ):
            try:
                listener = self.listeners[name] = self._close_all.enter_context(socket.socket(family, kind))
                listener.bind(address)
            except OSError:
                if name != "tcp6":  # a machine without IPv6
                    raise
                del self.listeners[name]
                continue
            if kind == socket.SOCK_STREAM:
                listener.listen()
        for path in (self.path, f"{self.path}-datagram"):
            Path(path).chmod(0o777)
            self._close_all.callback(Path(path).unlink, missing_ok=True)

    def _start_agent(self, configuration: Configuration, more: Sequence[str]) -> None:
        self.agent_socket = ""
        options = [*configuration.options, *more]
        with pytest.MonkeyPatch.context() as patch:
            patch.setenv("LCB_TEST_SECRET", self.secret)
            if configuration.user is None:
                self._agent: AgentProcess | ListeningAgent = AgentProcess(options)
            else:
                shared = Path(self._close_all.enter_context(tempfile.TemporaryDirectory(prefix="agent-")))
                os.chown(shared, configuration.user, configuration.user)
                python = python_for(NOBODY)
                assert python is not None
                self._agent = ListeningAgent(
                    shared,
                    *options,
                    python=python,
                    user=configuration.user,
                    without_calls=configuration.without_calls,
                )
                self.agent_socket = str(self._agent.path)
        self._close_all.callback(self._agent.close)
        self.agent = self._agent.pid
        self.properties: dict[str, list[str]] = self._agent.hello["properties"]  # type: ignore[assignment]

    def connect(self, cancel: CancelSignal) -> Connection:
        """A connection to the agent."""
        return Connection(self._agent.connect(), cancel)

    def _start_neighbour(self) -> None:
        begun, cancel = threading.Event(), CancelSignal()

        def run() -> None:
            try:
                with closing(cancel), self.connect(cancel) as connection:
                    connection.compile(Program(source=_NEIGHBOUR), Limits(cpu_s=1000.0, overload_wall_s=5000.0))
                    for _ in connection.results([b"\n", b"go on\n"]):
                        begun.set()
            except (SandboxError, Cancelled):
                pass
            finally:
                self._neighbour_ended.set()
                begun.set()

        thread = threading.Thread(target=run)
        thread.start()
        self._close_all.callback(thread.join)
        self._close_all.callback(cancel.set)
        assert begun.wait(LONG_S)
        while not (found := self._warden_template_program()):
            assert not self._neighbour_ended.is_set()
        self.warden, self.template, self.neighbour = found

    def _warden_template_program(self) -> tuple[int, int, int] | None:
        for warden in processes.children(self.agent):
            jailed = processes.programs(self.agent) & set(processes.children(warden))
            for template, program in itertools.pairwise(sorted(jailed, key=processes.began)):
                return warden, template, program
        return None

    def _start_victim(self) -> None:
        """Of the user that the attack will have: the neighbour's, or with a user for each slot that of the other."""
        uid = processes.uid(self.neighbour)
        if "own_uid" in self.properties.get("no_signal_out", []):
            uid = FIRST_UID + 1 if uid == FIRST_UID else FIRST_UID
        self.victim = subprocess.Popen(["sleep", "1000"], user=uid)

        def end() -> None:
            self.victim.kill()
            self.victim.wait()

        self._close_all.callback(end)

    def targets(self) -> dict[str, object]:
        """What an attack is told of all this."""
        ports = {name: one.getsockname()[1] for name, one in self.listeners.items() if one.family is not socket.AF_UNIX}
        return {
            "agent": self.agent,
            "victim": self.victim.pid,
            "neighbour": self.neighbour,
            "token": f"token-{self.secret}",
            "key": int(self.secret[:7], 16),
            "folder": str(self.folder),
            "secret": str(self.file),
            "packages": [pytest.__file__, __file__],
            "tcp": ports["tcp"],
            "tcp6": ports.get("tcp6", ports["tcp"]),
            "raylet": ports["raylet"],
            "udp": ports["udp"],
            "abstract": f"stream-{self.secret}",
            "abstract_datagram": f"datagram-{self.secret}",
            "path": self.path,
            "path_datagram": f"{self.path}-datagram",
            "agent_socket": self.agent_socket,
            "secret_backwards": self.secret[::-1],
        }

    def state(self) -> dict[str, object]:
        """What must not change."""
        own, all_three = (self.agent, self.victim.pid), (self.agent, self.victim.pid, self.neighbour)
        return {
            "cores": _each(all_three, os.sched_getaffinity),
            "priority": _each(own, lambda pid: os.getpriority(os.PRIO_PROCESS, pid)),
            "scheduler": _each(own, os.sched_getscheduler),
            "group": _each(own, os.getpgid),
            "limits": _each(own, lambda pid: Path(f"/proc/{pid}/limits").read_text()),
            "fate in need": _each(all_three, lambda pid: Path(f"/proc/{pid}/oom_score_adj").read_text()),
            "names": _each(all_three, lambda pid: Path(f"/proc/{pid}/comm").read_bytes()),
            "file": _tried(lambda: (self.file.read_text(), self.file.stat())),
            "folder": _tried(lambda: sorted(self.folder.iterdir())),
            "mounts": self.folder.is_mount(),
            "host name": socket.gethostname(),
        }

    def touched(self) -> list[str]:
        """Listeners that something arrived at."""
        return [name for name, one in self.listeners.items() if select.select([one], [], [], 0)[0]]

    def left(self) -> set[str]:
        """What lies about and has our names on it."""
        ours = {self.path, f"{self.path}-datagram", f"@stream-{self.secret}", f"@datagram-{self.secret}"}
        key = str(self.targets()["key"])
        return {thing for thing in processes.litter() - ours if self.secret in thing or key in thing.split()[1:2]}

    def attack(self, attack: Attack) -> list[str]:
        """Run an attack. What it did that it must not, and what is no longer as it was; empty if it was contained."""
        before = self.state()
        faults = attacks.strike(self.connect, attack, Told(self.targets()))
        faults += attacks.is_served(self.connect)
        if not self._agent.alive():
            return [*faults, "the agent has ended"]
        if self.victim.poll() is not None:
            faults.append("the victim has ended")
        if self._neighbour_ended.is_set():
            faults.append("the neighbour has ended")
        faults += [f"something arrived at {name}" for name in self.touched()]
        faults += [f"left behind: {thing}" for thing in sorted(self.left())]
        after = self.state()
        faults += [f"changed: {name}" for name in before if before[name] != after[name]]
        own = {self.neighbour, self.template}
        processes.watch(processes.programs(self.agent) - own).left()  # on their way out
        if processes.programs(self.agent) != own or self.warden not in processes.children(self.agent):
            faults.append("processes are left, or have gone")
        return faults


def _tried(look: Callable[[], object]) -> object:
    try:
        return look()
    except OSError as error:
        return type(error).__name__


def _each(pids: Sequence[int], look: Callable[[int], Any]) -> dict[int, Any]:
    found = {}
    for pid in pids:
        try:
            found[pid] = look(pid)
        except OSError as error:
            found[pid] = type(error).__name__
    return found
