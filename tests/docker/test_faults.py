"""What goes wrong with Docker: said with the fix in it, survived where that is possible, and nothing is left of it."""

from __future__ import annotations

import contextlib
import json
import os
import signal
import socket
import subprocess
import sys
import tempfile
import threading
from pathlib import Path

import pytest

from lcb_ray.agent.protocol import Limits, Program
from lcb_ray.batch import Batch, Case
from lcb_ray.docker_pool.settings import MIB, DockerSettings
from lcb_ray.errors import PoolUnavailable, SandboxUnusable
from tests import containers
from tests.containers import DockerHost
from tests.processes import LONG_S

pytestmark = [
    pytest.mark.docker,
    # Docker's SDK does not close a socket on which it could not connect.
    pytest.mark.filterwarnings("ignore:unclosed <socket:ResourceWarning"),
    pytest.mark.filterwarnings("ignore:Exception ignored in. <socket:pytest.PytestUnraisableExceptionWarning"),
]

ECHO = b"import sys\nsys.stdout.buffer.write(sys.stdin.buffer.read())"


class Seen:
    def __init__(self, result, case):
        self.passed = result.stdout == case.expected


def batch_of(count=40, *, check=Seen, source=ECHO, **limits):
    cases = [Case(b"%d" % number, b"%d" % number) for number in range(count)]
    return Batch(Program(source=source), lambda: cases, check, Limits(**limits))


def passed(done):
    return [seen.passed for seen in done.checked]


def test_one_of_two_containers_is_killed(open_pool):
    """What it ran runs again in another; the other container does not notice."""
    pool = open_pool(1, pool_size=2)
    begun, killed = threading.Barrier(3), threading.Event()

    def check(result, case):
        if case.expected == b"0" and not killed.is_set():  # once in each of the two
            begun.wait(LONG_S)
            assert killed.wait(LONG_S)
        return Seen(result, case)

    futures = [pool.submit(batch_of(check=check)) for _ in range(2)]
    begun.wait(LONG_S)
    first, second = DockerHost(pool).names()
    containers.docker("kill", first)
    killed.set()
    done = [future.result(LONG_S) for future in futures]
    assert [passed(one) for one in done] == [[True] * 40] * 2
    assert sorted(one.attempts for one in done) == [1, 2]
    assert second in DockerHost(pool).names()
    assert first not in DockerHost(pool).names()


def test_batches_one_after_the_other_need_one_container(open_pool):
    pool = open_pool(1, pool_size=4)
    for _ in range(6):
        assert pool.submit(batch_of(1)).result(LONG_S).attempts == 1
    assert len(pool.agents()) == 1


# Two programs run in two containers; then it ends as it is told.
_DRIVER = """
import os, sys, time
from lcb_ray.agent.protocol import Limits, Program
from lcb_ray.batch import Batch, Case
from lcb_ray.docker_pool.pool import DockerPool
from lcb_ray.docker_pool.settings import DockerSettings

class Seen:
    passed = True

def check(result, case):
    os.write(1, b"running\\n")  # at once: two threads' prints may come between each other
    return Seen()

pool = DockerPool(1, pool_size=2, settings=DockerSettings(stdio=sys.argv[1:] == ["stdio"]))
program = Program(source=b"import time\\nif sys.stdin.read(): time.sleep(10000)")
limits = Limits(cpu_s=10000, overload_wall_s=50000)
futures = [pool.submit(Batch(program, lambda: [Case(b""), Case(b"go on")], check, limits)) for _ in range(2)]
if sys.stdin.readline().strip() == "fork":
    if os.fork() == 0:
        time.sleep(1000)
    print("forked", flush=True)
    sys.stdin.readline()
"""


@contextlib.contextmanager
def driver(*arguments):
    """A process with a pool at work, in a session of its own, and its containers."""
    before = containers.ours()
    pipes = {"stdin": subprocess.PIPE, "stdout": subprocess.PIPE, "stderr": subprocess.PIPE, "text": True}
    with subprocess.Popen([sys.executable, "-c", _DRIVER, *arguments], **pipes, start_new_session=True) as started:
        try:
            said = [started.stdout.readline() for _ in range(2)]
            if said != ["running\n"] * 2:
                started.kill()  # else its last words would be waited for as long as it lives
            assert said == ["running\n"] * 2, started.stderr.read()
            yield started, containers.ours() - before
        finally:
            with contextlib.suppress(ProcessLookupError):
                os.killpg(started.pid, signal.SIGKILL)


@pytest.mark.parametrize("channel", ["socket", "stdio"])
def test_the_containers_of_a_killed_driver_end_by_themselves(channel):
    with driver(channel) as (started, names):
        assert len(names) == 2
        os.kill(started.pid, signal.SIGKILL)
        containers.until(lambda: not containers.ours() & names, "the containers' end", timeout_s=15)


@pytest.mark.parametrize("channel", ["socket", "stdio"])
def test_a_forked_child_that_lives_on_does_not_keep_them(channel):
    with driver(channel) as (started, names):
        started.stdin.write("fork\n")
        started.stdin.flush()
        assert started.stdout.readline() == "forked\n"
        os.kill(started.pid, signal.SIGKILL)
        containers.until(lambda: not containers.ours() & names, "the containers' end", timeout_s=15)


def test_a_driver_that_exits_without_closing_its_pool_removes_them():
    with driver() as (started, names):
        started.stdin.write("exit\n")
        started.stdin.flush()
        assert started.wait(LONG_S) == 0
        assert not containers.ours() & names
        assert started.stderr.read() == ""


def test_grade_removes_them_when_it_is_terminated(tmp_path):
    before = containers.ours()
    slow = {"question_id": "mini_sum_pairs", "code_list": ["while True: pass"] * 20}
    (tmp_path / "answers.jsonl").write_text(json.dumps(slow) + "\n")
    command = [sys.executable, "-m", "livecodebench", "grade", str(tmp_path / "answers.jsonl"), "--dataset", "mini"]
    with subprocess.Popen(
        [*command, "--backend", "docker", "--pool-size", "2", "--time-limit", "100"], stderr=subprocess.PIPE, text=True
    ) as started:
        containers.until(lambda: len(containers.ours() - before) == 2 or started.poll(), "two containers")
        started.send_signal(signal.SIGTERM)
        assert started.wait(LONG_S) == 143, started.stderr.read()
        assert containers.ours() <= before


class Relay:
    """A socket in front of the engine's, which can be taken away and put back: an engine that is restarted."""

    def __init__(self, folder):
        self.path = Path(folder, "docker.sock")
        self._engine = os.environ.get("DOCKER_HOST", "unix:///var/run/docker.sock").removeprefix("unix://")
        self._open = []
        self.up()

    def up(self):
        self._listener = socket.socket(socket.AF_UNIX)
        self._listener.bind(str(self.path))
        self._listener.listen()
        threading.Thread(target=self._accept, args=(self._listener,), daemon=True).start()

    def down(self):
        self.path.unlink()
        self._listener.shutdown(socket.SHUT_RDWR)
        self._listener.close()
        for one in self._open:
            with contextlib.suppress(OSError):
                one.shutdown(socket.SHUT_RDWR)

    def _accept(self, listener):
        with contextlib.suppress(OSError):
            while True:
                ours, theirs = listener.accept()[0], socket.socket(socket.AF_UNIX)
                theirs.connect(self._engine)
                self._open += [ours, theirs]
                for one, other in ((ours, theirs), (theirs, ours)):
                    threading.Thread(target=self._pump, args=(one, other), daemon=True).start()

    def _pump(self, one, other):
        with contextlib.suppress(OSError):
            while data := one.recv(65536):
                other.sendall(data)
            other.shutdown(socket.SHUT_WR)


@pytest.fixture
def relay(monkeypatch):
    with tempfile.TemporaryDirectory(prefix="relay-") as folder:
        made = Relay(folder)
        monkeypatch.setenv("DOCKER_HOST", f"unix://{made.path}")
        yield made
        with contextlib.suppress(OSError):
            made.down()
        monkeypatch.undo()
        for one in made._open:
            one.close()


def kill_without_the_relay(name, monkeypatch):
    with monkeypatch.context() as patch:
        patch.delenv("DOCKER_HOST")
        containers.docker("kill", name)
        containers.until(lambda: name not in containers.ours(), "its removal")


def test_an_engine_that_is_restarted_in_mid_run_costs_no_verdict(open_pool, relay, monkeypatch):
    pool = open_pool(1, pool_size=1)
    killed = []

    def check(result, case):
        if not killed:
            killed.append(pool.agents()[0].name)
            relay.down()
            kill_without_the_relay(killed[0], monkeypatch)
        return Seen(result, case)

    future = pool.submit(batch_of(check=check))
    containers.until(lambda: killed, "the engine's end")
    engine, _ = pool._containers._ready
    containers.until(lambda: engine._down_since is not None, "the pool's wait for the engine")
    assert not future.done()
    relay.up()
    done = future.result(LONG_S)
    assert (passed(done), done.attempts) == ([True] * 40, 2)


def test_an_engine_that_does_not_come_back_is_an_error_soon(open_pool, relay, monkeypatch):
    monkeypatch.setattr("lcb_ray.docker_pool.engine.BACK_S", 1.0)
    pool = open_pool(1, pool_size=1)
    assert pool.submit(batch_of(1)).result(LONG_S).attempts == 1
    [name] = DockerHost(pool).names()
    relay.down()
    kill_without_the_relay(name, monkeypatch)
    for _ in range(2):
        with pytest.raises(PoolUnavailable, match="engine does not answer any more"):
            pool.submit(batch_of(1)).result(LONG_S)


@pytest.mark.parametrize(
    ("where", "said"),
    [
        ("unix:///nowhere/docker.sock", "start it (`sudo systemctl start docker`, or Docker Desktop)"),
        ("tcp://127.0.0.1:1", "engine is not running"),
        ("gopher://x", "check DOCKER_HOST"),
    ],
)
def test_no_engine(cli, monkeypatch, tmp_path, where, said):
    monkeypatch.setenv("DOCKER_HOST", where)
    (tmp_path / "solution.py").write_text("print(1)")
    ended = cli(
        "run", tmp_path / "solution.py", "--problem", "mini_sum_pairs", "--dataset", "mini", "--backend", "docker"
    )
    assert ended.status == 4
    assert f"DOCKER_HOST={where}" in ended.err
    assert said in ended.err


def test_a_build_that_fails_shows_the_end_of_its_log(open_pool, image, monkeypatch):
    script = f"FROM {image}\nUSER 0\nRUN echo the reason is told here && exit 3\n".encode()
    monkeypatch.setattr("lcb_ray.docker_pool.image.dockerfile", lambda: script)
    with pytest.raises(SandboxUnusable) as caught:
        open_pool(1, pool_size=1).info()
    said = str(caught.value)
    assert "the reason is told here" in said
    assert "returned a non-zero code: 3" in said
    assert "LIVECODEBENCH_SANDBOX_IMAGE=" in said


@pytest.mark.parametrize(
    ("script", "said"),
    [
        ("ENV PATH=/nowhere", "python"),
        (
            "USER 0\nRUN printf '#!/bin/sh\\necho unknown option -P >&2\\nexit 2\\n' > /usr/bin/python && "
            "chmod +x /usr/bin/python\nENV PATH=/usr/bin:/bin",
            "needs a Python of 3.11",
        ),
    ],
)
def test_an_image_that_cannot_be_a_sandbox(open_pool, image, script, said):
    tag = f"livecodebench-test:{os.getpid()}"
    with tempfile.TemporaryDirectory() as folder:
        Path(folder, "Dockerfile").write_text(f"FROM {image}\n{script}\n")
        containers.docker("build", "--quiet", "--tag", tag, folder)
    try:
        with pytest.raises(SandboxUnusable, match=said):
            open_pool(1, pool_size=1, settings=DockerSettings(image=tag)).info()
    finally:
        containers.docker("rmi", tag)


def test_an_image_that_is_nowhere(open_pool):
    settings = DockerSettings(image="localhost:1/livecodebench/none")
    with pytest.raises(SandboxUnusable, match="pull") as caught:
        open_pool(1, pool_size=1, settings=settings).info()
    assert "LIVECODEBENCH_SANDBOX_IMAGE" in str(caught.value)


def test_a_runtime_that_the_engine_does_not_know(open_pool):
    with pytest.raises(SandboxUnusable, match=r"runtime.*LIVECODEBENCH_SANDBOX_RUNTIME"):
        open_pool(1, pool_size=1, settings=DockerSettings(runtime="nope")).info()


def test_an_agent_that_refuses_says_why(open_pool):
    with pytest.raises(SandboxUnusable, match=r"cannot jail programs safely: .*no_network"):
        open_pool(1, pool_size=1, options=["--without", "seccomp"]).info()


def test_more_memory_than_a_container_has(open_pool):
    pool = open_pool(1, pool_size=1)
    with pytest.raises(SandboxUnusable, match="LIVECODEBENCH_SANDBOX_MEMORY=4352"):
        pool.submit(batch_of(1, memory_bytes=4096 * MIB))
