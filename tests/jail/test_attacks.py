"""Programs that try to get out, on the jail of this kernel and on those of older ones: what they aimed at is untouched.

The attacks are files in tests/corpus/attacks; its README says how they are written.
"""

from __future__ import annotations

import contextlib
import json
import os
import re
import secrets
import select
import socket
import subprocess
import tempfile
import threading
import tomllib
from dataclasses import replace
from pathlib import Path

import pytest

from lcb_ray.agent.protocol import ExecutionResult, Limits, Outcome, Program
from lcb_ray.batch import Batch, Case
from lcb_ray.launcher import AgentProcess
from lcb_ray.local import LocalPool
from tests import processes
from tests.listening_agent import NOBODY, ListeningAgent, python_for
from tests.processes import LONG_S

pytestmark = pytest.mark.jail

FIRST_UID = 61184  # also the launcher's
REQUIRED = {"no_new_privs", "no_network", "no_signal_out", "fs_readonly", "no_exec", "no_foreign_memory"}
LIMITS = Limits(cpu_s=1.0, memory_bytes=200_000_000, output_bytes=4_000_000)
ATTACKS = {path.stem: path for path in sorted((Path(__file__).parents[1] / "corpus" / "attacks").glob("*.py"))}
CONFIGURATIONS = {
    "this-kernel": [],
    "landlock-4": ["--landlock-abi", "4"],  # Linux 6.7: as Ubuntu 24.04 has it; no scopes for signals
    "landlock-1": ["--landlock-abi", "1"],  # Linux 5.13: as Debian 12 has it, nearly; truncation is not handled
    "no-landlock": ["--landlock-abi", "0"],
    "no-landlock-no-namespace": ["--landlock-abi", "0", "--without", "netns"],
    "unprivileged": [],  # started as nobody, as in a container
    "own-uids": ["--first-uid", str(FIRST_UID)],  # started as root: each slot has a user of its own
}
USERS = {"unprivileged": NOBODY, "own-uids": 0}  # as whom the agent runs, where not as the user who tests


class Seen:
    """A verdict that keeps the execution."""

    passed = True

    def __init__(self, result: ExecutionResult, case: Case) -> None:
        self.result = result


def header(path):
    """The TOML block at the top of an attack."""
    block = re.search(r"^# /// attack\n(.*?)^# ///$", path.read_text(), re.DOTALL | re.MULTILINE)
    return tomllib.loads(re.sub(r"^# ?", "", block[1], flags=re.MULTILINE))


class Target:
    """All that is attacked: a victim of the same user, a neighbour in the next slot, listeners, files; and the pool."""

    def __init__(self, options, folder, *, user=None, python=None):
        self.close_all = contextlib.ExitStack()
        with self.close_all as undo:  # where this cannot be finished
            self._prepare(options, folder, user, python)
            self.close_all = undo.pop_all()

    def _prepare(self, options, folder, user, python):
        self.secret = secrets.token_hex(8)
        self.folder = folder
        self.file = folder / "secret"
        self.file.write_text(self.secret)
        self.listeners = {}
        for name, kind, address in (
            ("tcp", (socket.AF_INET, socket.SOCK_STREAM), ("127.0.0.1", 0)),
            ("abstract", (socket.AF_UNIX, socket.SOCK_STREAM), f"\0stream-{self.secret}"),
            ("abstract_datagram", (socket.AF_UNIX, socket.SOCK_DGRAM), f"\0datagram-{self.secret}"),
            ("path", (socket.AF_UNIX, socket.SOCK_STREAM), f"/tmp/listener-{self.secret}"),
        ):
            listener = self.listeners[name] = self.close_all.enter_context(socket.socket(*kind))
            listener.bind(address)
            if kind[1] == socket.SOCK_STREAM:
                listener.listen()
        self.close_all.callback(Path(f"/tmp/listener-{self.secret}").unlink)
        with pytest.MonkeyPatch.context() as patch:
            patch.setenv("LCB_TEST_SECRET", self.secret)
            if python is None:
                agent = AgentProcess(options)
            else:
                shared = Path(self.close_all.enter_context(tempfile.TemporaryDirectory(prefix="agent-")))
                os.chown(shared, user, user)
                agent = ListeningAgent(shared, *options, python=python, user=user)
        self.agent = agent.pid
        self.hello = agent.hello
        self.pool = LocalPool(2, start=lambda: agent)
        self.close_all.callback(self.pool.close)
        self.neighbour_runs = self._start_neighbour()
        # Of the user that the attack will have: the neighbour's, or with a user for each slot that of the other slot.
        uid = processes.uid(self.neighbour)
        if "own_uid" in self.hello["properties"]["no_signal_out"]:
            uid = FIRST_UID + 1 if uid == FIRST_UID else FIRST_UID
        self.victim = subprocess.Popen(["sleep", "1000"], user=uid)
        self.close_all.callback(self._end_victim)

    def _end_victim(self):
        self.victim.kill()
        self.victim.wait()

    def _start_neighbour(self):
        """A program that runs in the next slot for as long as the tests do."""
        begun = threading.Event()
        program = Program(source=b"import time\nif input():\n    time.sleep(1000)")
        cases = [Case(b"\n"), Case(b"sleep\n")]

        def check(result, case):
            begun.set()
            return Seen(result, case)

        future = self.pool.submit(Batch(program, lambda: cases, check, Limits(cpu_s=1000, overload_wall_s=5000)))
        assert begun.wait(LONG_S)
        (self.warden,) = processes.children(self.agent)
        while not (running := processes.children(self.warden)):
            assert not future.done()
        (self.neighbour,) = running
        return future

    def given(self, expected):
        """What an attack is told."""
        return {
            "agent": self.agent,
            "victim": self.victim.pid,
            "neighbour": self.neighbour,
            "token": f"token-{self.secret}",
            "key": int(self.secret[:7], 16),
            "folder": str(self.folder),
            "secret": str(self.file),
            "packages": [pytest.__file__, __file__],
            "tcp": self.listeners["tcp"].getsockname()[1],
            "abstract": f"stream-{self.secret}",
            "abstract_datagram": f"datagram-{self.secret}",
            "path": f"/tmp/listener-{self.secret}",
            "secret_backwards": self.secret[::-1],
            "expected_backwards": expected[::-1],
        }

    def state(self):
        """What must not change."""
        return {
            "cores": {pid: os.sched_getaffinity(pid) for pid in (self.agent, self.victim.pid, self.neighbour)},
            "priority": {pid: os.getpriority(os.PRIO_PROCESS, pid) for pid in (self.agent, self.victim.pid)},
            "limits": {pid: Path(f"/proc/{pid}/limits").read_text() for pid in (self.agent, self.victim.pid)},
            "file": (self.file.read_text(), self.file.stat()),
            "folder": sorted(self.folder.iterdir()),
            "machine": (socket.gethostname(), Path("/proc/self/mounts").read_text()),
        }

    def touched(self):
        """Listeners that something arrived at."""
        return [name for name, one in self.listeners.items() if select.select([one], [], [], 0)[0]]

    def left(self):
        """What lies about and has our names on it."""
        ours = {str(Path(f"/tmp/listener-{self.secret}")), f"@stream-{self.secret}", f"@datagram-{self.secret}"}
        key = str(self.given("")["key"])
        return {thing for thing in processes.litter() - ours if self.secret in thing or key in thing.split()[1:2]}


@pytest.fixture(scope="module", params=CONFIGURATIONS, ids=str)
def target(request, tmp_path_factory):
    folder, options = tmp_path_factory.mktemp("attacked"), CONFIGURATIONS[request.param]
    if request.param in USERS:
        if os.geteuid() != 0:
            pytest.skip("only root can start a process as someone else")
        if (python := python_for(NOBODY)) is None:
            pytest.skip("no Python 3.11 here that another user can run")
        made = Target(options, folder, user=USERS[request.param], python=python)
    else:
        made = Target(options, folder)
    made.has_landlock = made.hello["properties"]["fs_readonly"] == ["landlock"]
    with made.close_all:
        yield made


def test_every_required_property_holds(target, request):
    layers = target.hello["properties"]
    assert set(layers) == REQUIRED
    assert all(layers.values())
    name = request.node.callspec.params["target"]
    if name.startswith("no-landlock"):
        assert layers["fs_readonly"] == ["seccomp_open"]
    if name in ("landlock-1", "landlock-4"):
        assert "landlock_scope" not in layers["no_signal_out"]
    if name == "no-landlock-no-namespace":
        assert layers["no_network"] == ["seccomp"]
    if name == "unprivileged":
        assert processes.uid(target.neighbour) == NOBODY
    if name == "own-uids":
        assert "own_uid" in layers["no_signal_out"]
        assert processes.uid(target.neighbour) in (FIRST_UID, FIRST_UID + 1)
    assert "CapEff:\t0000000000000000" in Path(f"/proc/{target.neighbour}/status").read_text()


@pytest.mark.parametrize("attack", ATTACKS)
def test_an_attack_is_contained(target, attack):
    about = header(ATTACKS[attack])
    if about.get("needs_landlock") and not target.has_landlock:
        pytest.skip("without Landlock, files of the machine can be read: docs/security.md says so")
    if about.get("machine", os.uname().machine) != os.uname().machine:
        pytest.skip(f"only on {about['machine']}")
    expected = f"expected-{secrets.token_hex(8)}"
    before = target.state()

    program = Program(source=ATTACKS[attack].read_bytes())
    cases = [Case(json.dumps(target.given(expected)).encode() + b"\n", expected)]
    limits = replace(LIMITS, cpu_s=about.get("cpu_s", LIMITS.cpu_s))
    done = target.pool.submit(Batch(program, lambda: cases, Seen, limits)).result(LONG_S)

    (seen,) = done.checked
    result = seen.result
    said = result.stdout.decode("utf-8", "replace") if len(result.stdout) < 4000 else ""
    assert "managed" not in said, said
    outcomes = about["outcome"] if isinstance(about["outcome"], list) else [about["outcome"]]
    assert result.outcome in outcomes, (result.outcome, said, result.stderr)
    assert result.outcome is not Outcome.SIGNAL or result.signal in about.get("signal", range(1, 65))
    if result.outcome is Outcome.EXITED:
        assert said == about.get("stdout", "contained\n"), result.stderr
    assert target.secret.encode() not in result.stderr

    assert done.attempts == 1, "the sandbox was lost"
    assert target.victim.poll() is None, "the victim was killed"
    assert not target.neighbour_runs.done(), "the neighbour was killed"
    assert target.touched() == []
    assert target.left() == set()
    assert target.state() == before


def test_the_sandbox_still_works_and_nothing_is_left_in_it(target):
    done = target.pool.submit(Batch(Program(source=b"print(1)"), lambda: [Case(b"")], Seen)).result(LONG_S)
    assert done.checked[0].result.stdout == b"1\n"
    own = {target.neighbour, target.warden}
    others = processes.watch(processes.descendants(target.agent) - own)
    assert not others.left()
    assert processes.descendants(target.agent) == own


@pytest.mark.parametrize("attack", ["read_secrets", "network", "datagram_pair", "kernel_doors"])
def test_an_attack_would_succeed_without_the_layers(attack, tmp_path):
    """So the attacks are real. Of the others, some would do harm."""
    layers = ["--without", "seccomp,landlock,netns,own_uid", "--require", "no_new_privs"]
    target = Target(layers, tmp_path)
    with target.close_all:
        program = Program(source=ATTACKS[attack].read_bytes())
        cases = [Case(json.dumps(target.given("expected")).encode() + b"\n")]
        done = target.pool.submit(Batch(program, lambda: cases, Seen, replace(LIMITS, cpu_s=20.0))).result(LONG_S)
        assert b"managed" in done.checked[0].result.stdout
