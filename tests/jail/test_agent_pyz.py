"""The agent as one file on a listening socket: it serves, it ends with all that it started, and it refuses."""

from __future__ import annotations

import contextlib
import os
import signal
import socket
import stat
import subprocess
import sys
import tempfile
from contextlib import ExitStack, closing, contextmanager
from pathlib import Path

import pytest

from lcb_ray import archive
from lcb_ray.agent import protocol
from lcb_ray.agent.protocol import VERSION, Frame, Limits, Outcome, Program
from lcb_ray.agent_client import CancelSignal, Connection
from lcb_ray.errors import SandboxLost
from tests import processes
from tests.listening_agent import ListeningAgent
from tests.processes import LONG_S

pytestmark = pytest.mark.jail

REFUSED = 78
ENDLESS = b"if sys.stdin.read():\n    while True: pass"


@pytest.fixture
def folder():
    """A short path: the name of a Unix socket has room for 107 bytes."""
    with tempfile.TemporaryDirectory(prefix="agent-") as name:
        yield Path(name)


@pytest.fixture(scope="module")
def serving():
    with tempfile.TemporaryDirectory(prefix="agent-") as name, closing(ListeningAgent(Path(name))) as agent:
        yield agent


def run(agent, source, inputs, **limits):
    with closing(CancelSignal()) as cancel, Connection(agent.connect(), cancel) as connection:
        connection.compile(Program(source=source), Limits(**limits))
        results = list(connection.results(inputs))
        connection.finish()
    return results


@contextmanager
def begun(agent, source, count):
    """Programs that run, each on a connection of its own; these are given, to be closed earlier."""
    with ExitStack() as stack:
        cancel = stack.enter_context(closing(CancelSignal()))
        connections = [stack.enter_context(Connection(agent.connect(), cancel)) for _ in range(count)]
        for connection in connections:
            connection.compile(Program(source=source), Limits(cpu_s=1000, overload_wall_s=5000))
            results = connection.results([b"", b"go on"])
            assert next(results).outcome is Outcome.EXITED
        while len(processes.programs(agent.pid)) < 2 * count:  # the program, and what it was forked from
            assert agent.alive()
        yield connections


def ended(pyz, *options, **more):
    """An agent that is to end by itself."""
    command = [sys.executable, "-s", "-P", "-S", pyz, *options]
    return subprocess.run(command, capture_output=True, text=True, timeout=LONG_S, **more)


def test_it_serves(folder):
    with closing(ListeningAgent(folder)) as agent:
        assert agent.hello["version"] == VERSION
        assert set(agent.hello["properties"]) == {
            "no_new_privs",
            "no_network",
            "no_signal_out",
            "fs_readonly",
            "no_exec",
            "no_foreign_memory",
        }
        results = run(agent, b"print(int(input()) * 2)", [b"4\n", b"x\n", b"5\n"])
        assert [result.stdout for result in results] == [b"8\n", b"", b"10\n"]
        assert results[1].uncaught == "ValueError"
        assert stat.S_IMODE(agent.path.stat().st_mode) == 0o660


def test_connections_are_served_at_once(folder):
    with closing(ListeningAgent(folder)) as agent, begun(agent, ENDLESS, 3):
        assert run(agent, b"print(1)", [b""])[0].stdout == b"1\n"


def test_an_abandoned_connection_ends_its_program(folder):
    with closing(ListeningAgent(folder)) as agent:
        with begun(agent, ENDLESS, 2):
            watch = processes.watch(processes.programs(agent.pid))
        assert not watch.left()
        assert processes.idle(agent.pid)


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGKILL, signal.SIGINT])
def test_it_ends_with_all_that_it_started(folder, number):
    deaf = b"import signal\nfor number in (1, 2, 15): signal.signal(number, signal.SIG_IGN)\n"
    with processes.orphans() as left, closing(ListeningAgent(folder)) as agent, begun(agent, deaf + ENDLESS, 2):
        watch = processes.watch(processes.descendants(agent.pid) | {agent.pid})
        os.kill(agent.pid, number)
        assert not watch.left()
        assert not agent.alive()
    assert not left


PROGRAM = protocol.program_fields(Program(source=b"pass"), Limits())


@pytest.mark.parametrize(
    "words",
    [
        b"\xff" * 9,
        protocol.HEAD.pack(Frame.INPUT, 2**32 - 1, 0),
        protocol.HEAD.pack(Frame.INPUT, 0, 2**32 - 1),
        protocol.pack_head(Frame.INPUT, {}),
        protocol.pack_head(Frame.END, {}),
        protocol.pack_head(Frame.RESULT, {}),
        protocol.pack_head(Frame.PROGRAM, {}),
        protocol.pack_head(Frame.PROGRAM, PROGRAM | {"mode": "shell"}),
        protocol.pack_head(Frame.PROGRAM, PROGRAM | {"extra": 1}),
        protocol.pack_head(Frame.PROGRAM, PROGRAM) * 2,
        protocol.pack_head(Frame.PROGRAM, PROGRAM)
        + protocol.pack_head(Frame.END, {})
        + protocol.pack_head(Frame.INPUT, {}),
    ],
    ids=range(11),
)
def test_a_client_that_breaks_the_protocol_is_told_so_and_hurts_nobody(serving, words):
    with serving.connect() as sock:
        sock.sendall(words)
        heard = bytearray()
        with contextlib.suppress(ConnectionResetError):  # it leaves words unread
            while data := sock.recv(65536):
                heard += data
    assert b'{"code":"protocol","message":' in heard
    assert run(serving, b"print(1)", [b""])[0].stdout == b"1\n"


def test_a_client_that_goes_away_at_any_point_hurts_nobody(serving):
    source = b"print(input())"
    fields = protocol.program_fields(Program(source=source), Limits())
    words = protocol.pack_head(Frame.PROGRAM, fields, len(source)) + source
    words += (protocol.pack_head(Frame.INPUT, {}, 2) + b"1\n") * 2 + protocol.pack_head(Frame.END, {})
    for end in range(len(words) + 1):
        with serving.connect() as sock:
            sock.sendall(words[:end])
    assert run(serving, source, [b"x\n"])[0].stdout == b"x\n"
    assert processes.idle(serving.pid)


def test_a_stale_socket_is_replaced(folder):
    with closing(ListeningAgent(folder)) as agent:
        path = agent.path
    assert path.exists()
    with closing(ListeningAgent(folder)) as agent:
        assert run(agent, b"print(1)", [b""])[0].stdout == b"1\n"


@pytest.mark.parametrize(
    ("options", "said"),
    [
        (["--without", "seccomp"], ["no_network (a program can open a socket AF_", "no_signal_out (", "no_exec ("]),
        (["--without", "seccomp,landlock"], ["no_exec (a program can run another program, fork)", "no_network ("]),
        (["--landlock-abi", "0", "--without", "seccomp"], ["no_exec (a program can run another program, fork)"]),
        (["--require", "no_exec", "--without", "seccomp"], ["no_exec ("]),
    ],
)
def test_it_refuses_without_a_required_property(folder, options, said):
    (folder / "agent.pyz").write_bytes(archive.build())
    done = ended(folder / "agent.pyz", "--listen", folder / "sock", *options)
    assert done.returncode == REFUSED
    assert done.stdout == ""
    assert done.stderr.startswith("agent: required but not given here: ")
    assert all(words in done.stderr for words in said), done.stderr
    assert not (folder / "sock").exists()


def test_what_is_not_required_may_be_missing(folder):
    options = ["--without", "seccomp,netns", "--require", "no_new_privs,fs_readonly"]
    with pytest.raises(SandboxLost, match="fs_readonly"):
        ListeningAgent(folder, *options)
    with closing(ListeningAgent(folder, "--without", "seccomp,netns", "--require", "no_new_privs")) as agent:
        assert "no_network" not in agent.hello["properties"]
        assert run(agent, b"print(socket.socket().fileno())", [b""])[0].uncaught == "NameError"
        found = run(agent, b"import socket\nprint(socket.socket().fileno())", [b""])[0]
        assert found.outcome is Outcome.EXITED  # the layers do what is said of them: without, there is a socket


@pytest.mark.parametrize(
    ("options", "said"),
    [
        (["--require", "no_exec,no_netwrok", "--listen", "x"], "unknown: no_netwrok; choose of no_new_privs, "),
        (["--without", "sekkomp", "--listen", "x"], "unknown: sekkomp; choose of seccomp"),
        ([], "one of the arguments --listen --control --connect --stdio is required"),
    ],
)
def test_it_refuses_options_that_it_does_not_know(folder, options, said):
    (folder / "agent.pyz").write_bytes(archive.build())
    done = ended(folder / "agent.pyz", *options)
    assert done.returncode == 2
    assert said in done.stderr


def test_it_says_where_it_cannot_listen(folder):
    (folder / "agent.pyz").write_bytes(archive.build())
    done = ended(folder / "agent.pyz", "--listen", folder / "none" / "sock")
    assert done.returncode == REFUSED
    assert f"cannot listen on {folder}/none/sock: " in done.stderr


def test_relative_paths_are_the_caller_s(folder):
    (folder / "agent.pyz").write_bytes(archive.build())
    process = subprocess.Popen([sys.executable, "-s", "-P", "-S", "agent.pyz", "--listen", "sock"], cwd=folder)
    with process:
        try:
            while not (folder / "sock").exists():
                assert process.poll() is None
            with socket.socket(socket.AF_UNIX) as sock:
                while sock.connect_ex(str(folder / "sock")) != 0:
                    assert process.poll() is None
                assert sock.recv(1) == b"\x01"
        finally:
            process.kill()
