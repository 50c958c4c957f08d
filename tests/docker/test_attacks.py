"""The attacks of tests/corpus/attacks in a container, under the engine's default profile, as an ordinary user.

tests/jail attacks the jail in all its forms; here it is seen to hold in a container too: beside a process of the same
user that listens, and a neighbour in the next slot.
"""

from __future__ import annotations

import json
import os
import re
import secrets
import select
import subprocess
import threading
import tomllib
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path

import pytest

from lcb_ray.agent.protocol import Limits, Mode, Outcome, Program
from lcb_ray.batch import Batch, Case
from tests import containers, processes
from tests.attacks import FOLDER, SAMPLE
from tests.containers import DockerHost
from tests.processes import LONG_S

pytestmark = pytest.mark.docker

ATTACKS = {name: FOLDER / f"{name}.py" for name in SAMPLE}
# Of the programs' own user: listens wherever they might reach it, and says so when something arrives.
_VICTIM = """
import json, os, select, socket
token = input()
path = f"/tmp/listener-{token}"
wanted = {
    "tcp": (socket.AF_INET, socket.SOCK_STREAM, ("127.0.0.1", 0)),
    "raylet": (socket.AF_INET, socket.SOCK_STREAM, ("0.0.0.0", 0)),
    "udp": (socket.AF_INET, socket.SOCK_DGRAM, ("127.0.0.1", 0)),
    "abstract": (socket.AF_UNIX, socket.SOCK_STREAM, "\\0stream-" + token),
    "abstract_datagram": (socket.AF_UNIX, socket.SOCK_DGRAM, "\\0datagram-" + token),
    "path": (socket.AF_UNIX, socket.SOCK_STREAM, path),
    "path_datagram": (socket.AF_UNIX, socket.SOCK_DGRAM, path + "-datagram"),
}
names, told = {}, {"victim": os.getpid(), "path": path, "path_datagram": path + "-datagram"}
for name, (family, kind, address) in wanted.items():
    listener = socket.socket(family, kind)
    listener.bind(address)
    if kind == socket.SOCK_STREAM:
        listener.listen()
    if family == socket.AF_INET:
        told[name] = listener.getsockname()[1]
    names[listener] = name
print(json.dumps(told), flush=True)
while True:
    for listener in select.select(list(names), [], [])[0]:
        print("touched", names.pop(listener), flush=True)
"""
_NEIGHBOUR = b"import time\nif input():\n    time.sleep(1000)"


class Seen:
    passed = True

    def __init__(self, result, case):
        self.result = result


class Target:
    """A container with a victim, a neighbour, and all that an attack is told of them."""

    def __init__(self, pool, undo: ExitStack) -> None:
        self.pool = pool
        self.secret = secrets.token_hex(8)
        pool.info()
        self.host = DockerHost(pool)
        [self.name] = self.host.names()
        self.neighbour_runs = self._start_neighbour()
        command = ["docker", "exec", "-i", self.name, "python", "-c", _VICTIM]
        self.victim = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
        undo.enter_context(self.victim)
        undo.callback(self.victim.kill)
        self.victim.stdin.write(self.secret + "\n")
        self.victim.stdin.flush()
        self.told = json.loads(self.victim.stdout.readline())
        self.processes = self.running()

    def _start_neighbour(self):
        begun = threading.Event()

        def check(result, case):
            begun.set()
            return Seen(result, case)

        cases = [Case(b"\n"), Case(b"sleep\n")]
        limits = Limits(cpu_s=1000, overload_wall_s=5000)
        future = self.pool.submit(Batch(Program(source=_NEIGHBOUR), lambda: cases, check, limits))
        assert begun.wait(LONG_S)
        [warden] = processes.children(self.host.agent)
        while not (running := processes.children(warden)):
            assert not future.done()
        self.neighbour = containers.number_inside(running[0])
        return future

    def running(self):
        return processes.descendants(containers.inspect(self.name)["State"]["Pid"])

    def given(self):
        inside = {
            "agent": containers.number_inside(self.host.agent),
            "neighbour": self.neighbour,
            "token": f"token-{self.secret}",
            "key": int(self.secret[:7], 16),
            "folder": "/tmp",
            "secret": "/etc/passwd",
            "packages": ["/usr/local/lib/python3/site-packages/pip/__init__.py", "/opt/lcb/agent.pyz"],
            "tcp6": self.told["tcp"],
            "abstract": f"stream-{self.secret}",
            "abstract_datagram": f"datagram-{self.secret}",
            "agent_socket": "/run/lcb/control.sock",
        }
        backwards = ("secret_backwards", "expected_backwards", "next_backwards")
        return {**inside, **self.told, **{name: secrets.token_hex(8) for name in backwards}}

    def state(self):
        return {
            "files": containers.docker("exec", self.name, "ls", "-la", "--time-style=full-iso", "/tmp", "/dev/shm"),
            "cores": {pid: os.sched_getaffinity(pid) for pid in self.processes},
            "limits": {pid: Path(f"/proc/{pid}/limits").read_text() for pid in self.processes},
        }


@pytest.fixture(scope="module")
def target() -> Iterator[Target]:
    from lcb_ray.docker_pool.pool import DockerPool

    with ExitStack() as undo:
        pool = DockerPool(2, pool_size=1)
        undo.callback(pool.close)
        yield Target(pool, undo)


@pytest.mark.parametrize("attack", ATTACKS)
def test_an_attack_is_contained(target, attack):
    text = ATTACKS[attack].read_text()
    block = re.search(r"^# /// attack\n(.*?)^# ///$", text, re.DOTALL | re.MULTILINE)
    about = tomllib.loads(re.sub(r"^# ?", "", block[1], flags=re.MULTILINE))
    if about.get("machine", os.uname().machine) != os.uname().machine:
        pytest.skip(f"only on {about['machine']}")
    before = target.state()
    limits = {"cpu_s": about.get("cpu_s", 1.0), "memory_bytes": 200_000_000, "output_bytes": 4_000_000}
    mode = Mode.CALL if "function" in about else Mode.SCRIPT
    program = Program(source=text.encode(), mode=mode, function=about.get("function"))
    cases = [Case(json.dumps(target.given()).encode() + b"\n")]

    batch = Batch(program, lambda: cases, Seen, Limits(**{**limits, **about.get("limits", {})}))
    done = target.pool.submit(batch).result(LONG_S)

    for seen in done.checked:
        assert b"managed" not in seen.result.stdout
        assert seen.result.outcome is not Outcome.EXITED or b"Error" not in seen.result.stderr
    assert done.attempts == 1, "the sandbox was lost"
    assert target.victim.poll() is None, "the victim was killed"
    assert not select.select([target.victim.stdout], [], [], 0)[0], target.victim.stdout.readline()
    assert not target.neighbour_runs.done(), "the neighbour was killed"
    assert not processes.watch(target.running() - target.processes).left()
    assert target.running() == target.processes
    assert target.state() == before


def test_the_sandbox_still_works(target):
    done = target.pool.submit(Batch(Program(source=b"print(1)"), lambda: [Case(b"")], Seen)).result(LONG_S)
    assert (done.checked[0].result.stdout, done.attempts) == (b"1\n", 1)
    [name] = target.host.names()
    assert name == target.name
