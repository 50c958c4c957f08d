"""An agent on standard input and output: as any other, through the two ends of one stream."""

from __future__ import annotations

import os
import socket
import subprocess
import sys
import threading
from contextlib import closing, contextmanager

import pytest

from lcb_ray import archive
from lcb_ray.agent.protocol import Limits, Program
from lcb_ray.agent_client import CancelSignal, Connection
from lcb_ray.errors import SandboxLost, SandboxUnusable
from lcb_ray.stdio_control import StdioControl
from tests import processes
from tests.processes import LONG_S

pytestmark = pytest.mark.jail

MB = 1024 * 1024
ECHO = Program(source=b"sys.stdout.buffer.write(sys.stdin.buffer.read()[:15 * 1024 * 1024])")


class Pipes:
    """A child's standard streams, as one stream."""

    def __init__(self, process):
        self.source, self.sink = process.stdout.fileno(), process.stdin.fileno()
        self._process = process

    def unwrap(self, data):
        return data

    def close(self):
        self._process.stdin.close()
        self._process.stdout.close()


@contextmanager
def started(tmp_path, *options):
    (tmp_path / "agent.pyz").write_bytes(archive.build())
    command = [sys.executable, "-s", "-P", "-S", tmp_path / "agent.pyz", "--stdio", *options]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL) as agent:
        try:
            with closing(StdioControl(Pipes(agent))) as control:
                yield agent, control
        finally:
            agent.kill()


def run(control, program, inputs, **limits):
    with closing(CancelSignal()) as cancel, Connection(control.connect(), cancel) as connection:
        connection.compile(program, Limits(**limits))
        results = list(connection.results(inputs))
        connection.finish()
    return results


def test_it_serves_many_at_once_and_ends_with_its_client(tmp_path):
    said = {}
    with processes.orphans() as left, started(tmp_path) as (agent, control):
        assert "no_network" in control.hello()["properties"]

        def client(name):
            inputs = [name * (5 * MB + number) for number in range(3)]
            results = run(control, ECHO, inputs, output_bytes=16 * MB)
            said[name] = [result.stdout for result in results] == inputs

        threads = [threading.Thread(target=client, args=(name,)) for name in (b"a", b"b", b"c")]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join(LONG_S)
        assert said == {b"a": True, b"b": True, b"c": True}
        assert control.alive()
        below = processes.watch({agent.pid, *processes.descendants(agent.pid)})
        control.close()
        assert not below.left()
        assert not control.alive()
        with pytest.raises(SandboxLost):
            control.connect()
    assert left == set()


def test_more_than_any_buffer_both_ways(tmp_path):
    with started(tmp_path) as (_, control):
        control.hello()
        results = run(control, ECHO, [bytes([number]) * (20 * MB) for number in range(3)], output_bytes=16 * MB)
        assert [(len(result.stdout), result.stdout[0]) for result in results] == [(15 * MB, n) for n in range(3)]


def test_an_abandoned_connection_ends_its_program(tmp_path):
    with started(tmp_path) as (agent, control), closing(CancelSignal()) as cancel:
        control.hello()
        with Connection(control.connect(), cancel) as connection:
            connection.compile(Program(source=b"while True: pass"), Limits(cpu_s=1000, overload_wall_s=5000))
            below = processes.watch(processes.programs(agent.pid))
        assert not below.left()
        assert run(control, ECHO, [b"x"])[0].stdout == b"x"


def test_it_ends_with_what_it_runs_when_its_client_is_gone(tmp_path):
    with processes.orphans() as left, started(tmp_path) as (agent, control), closing(CancelSignal()) as cancel:
        control.hello()
        connection = Connection(control.connect(), cancel)
        connection.compile(Program(source=b"while True: pass"), Limits(cpu_s=1000, overload_wall_s=5000))
        below = processes.watch({agent.pid, *processes.descendants(agent.pid)})
        os.kill(agent.pid, 9)
        assert not below.left()
        with connection, pytest.raises(SandboxLost):
            list(connection.results([b""]))
    assert left == set()


def test_it_says_why_it_refuses(tmp_path):
    with started(tmp_path, "--without", "seccomp") as (agent, control):
        with pytest.raises(SandboxUnusable, match="no_network"):
            control.hello()
        assert agent.wait(LONG_S) == 78
        assert not control.alive()


def test_a_client_that_breaks_the_rules_ends_it(tmp_path):
    (tmp_path / "agent.pyz").write_bytes(archive.build())
    command = [sys.executable, "-s", "-P", "-S", tmp_path / "agent.pyz", "--stdio"]
    ended = subprocess.run(command, input=b"\xff" * 100, capture_output=True, timeout=LONG_S)
    assert b"the client broke the protocol" in ended.stderr


def test_a_control_connection_and_a_pair_of_sockets_are_all_it_takes():
    """What an agent that lies may send: too long frames end it, connections that nobody asked for are nothing."""
    ours, theirs = socket.socketpair()

    class Stream:
        source = sink = ours.fileno()

        def unwrap(self, data):
            return data

        def close(self):
            ours.close()

    with theirs, closing(StdioControl(Stream())) as control:
        theirs.sendall((99).to_bytes(4, "big") + (3).to_bytes(4, "big") + b"abc")
        theirs.sendall((0).to_bytes(4, "big") + (9).to_bytes(4, "big") + b'{"ready":')
        with pytest.raises(SandboxLost, match="malformed"):
            control.hello()
        mine = control.connect()
        assert theirs.recv(100) == (0).to_bytes(4, "big") + (4).to_bytes(4, "big") + (1).to_bytes(4, "big")
        theirs.sendall(b"\xff" * 8)
        mine.settimeout(LONG_S)
        assert mine.recv(10) == b""
        mine.close()
        control._thread.join(LONG_S)
        assert not control.alive()
