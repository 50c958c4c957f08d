"""Wardens serve one connection after another, lowest slot first, and nothing passes from one to the next."""

from __future__ import annotations

import contextlib
import os
import signal
import socket
import time
from contextlib import closing

import pytest

from lcb_ray.agent import protocol, warden
from lcb_ray.agent.protocol import Frame, Limits, Outcome, Program
from lcb_ray.agent_client import CancelSignal, Connection
from lcb_ray.errors import SandboxLost
from lcb_ray.launcher import AgentProcess
from tests import processes
from tests.memory_scan import SCAN, plus_one

pytestmark = pytest.mark.jail

WHO = b"import os\nprint(os.getuid())"


@pytest.fixture
def agent():
    with closing(AgentProcess()) as one:
        yield one


@contextlib.contextmanager
def connected(agent):
    with closing(CancelSignal()) as never, Connection(agent.connect(), never) as connection:
        yield connection


def run(agent, source, inputs=(b"",), **limits):
    with connected(agent) as connection:
        if connection.compile(Program(source=source), Limits(**limits)).outcome is not Outcome.EXITED:
            return []
        results = list(connection.results(inputs))
        connection.finish()
    return [result.stdout for result in results]


def wardens(agent):
    return sorted(processes.children(agent.pid), key=processes.began)


def test_one_serves_again_and_sees_to_it_that_the_next_program_finds_nothing_of_the_last(agent):
    word = os.urandom(12).hex()
    assert run(agent, f"word = '{word}'\nprint(word == input())".encode(), [word.encode()] * 3) == [b"True\n"] * 3
    before = wardens(agent)
    assert run(agent, SCAN.encode(), [plus_one(word.encode()).hex().encode()], cpu_s=30) == [b"True 0\n"]
    assert wardens(agent) == before
    assert len(before) == 1


def test_the_lowest_free_slot_serves(agent):
    with connected(agent), connected(agent) as second:
        second.compile(Program(source=WHO), Limits())
        upper = next(second.results([b""])).stdout
    assert processes.idle(agent.pid)
    assert len(wardens(agent)) == 2
    lower = run(agent, WHO)
    with connected(agent):
        assert run(agent, WHO) == [upper]
    if "own_uid" in agent.hello["properties"]["no_signal_out"]:
        assert int(lower[0]) + 1 == int(upper)


def test_it_is_replaced_after_a_while_and_grows_nothing_until_then(agent):
    held = []
    for number in range(warden.CONNECTIONS):
        assert run(agent, b"print(input())", [b"x" * 1000]) == [b"x" * 1000 + b"\n"]
        if number == 0:
            [one] = wardens(agent)
            end = processes.watch([one])
        if number < warden.CONNECTIONS - 1:
            held.append((processes.descriptors(one), processes.own_bytes(one)))
    assert not end.left()
    assert run(agent, b"print(1)") == [b"1\n"]
    early, late = held[5:25], held[-20:]
    assert min(files for files, _ in late) <= max(files for files, _ in early)
    assert min(size for _, size in late) <= 1.05 * max(size for _, size in early)


def break_off(agent, end):
    """A connection that ends in one of many ways."""
    with connected(agent) as connection:
        if end == "at once":
            return
        compiled = connection.compile(Program(source=b"not Python" if end == "no Python" else b"input()"), Limits())
        if compiled.outcome is not Outcome.EXITED or end == "compiled":
            return
        if end == "in the middle":
            next(connection.results([b"x\n"] * 16))
        elif end == "cancelled":
            next(connection.results([b"x\n"] * 16))
            connection.cancel()


@pytest.mark.parametrize("end", ["at once", "no Python", "compiled", "in the middle", "cancelled"])
def test_however_a_client_goes_nothing_of_it_is_kept_open(agent, end):
    run(agent, WHO)
    [one] = wardens(agent)
    assert processes.idle(agent.pid)
    counts = []
    for _ in range(20):
        break_off(agent, end)
        assert processes.idle(agent.pid)
        run(agent, WHO)
        counts.append(processes.descriptors(one))
    assert min(counts[10:]) <= max(counts[:3])
    assert one in wardens(agent)
    assert len(wardens(agent)) <= 2


def test_a_client_that_breaks_the_protocol_gets_no_second_one_there(agent):
    run(agent, WHO)
    before = processes.watch(wardens(agent))
    with closing(agent.connect()) as sock:
        sock.sendall(protocol.pack_head(Frame.END, {}))
        while sock.recv(65536):
            pass
    assert not before.left()
    assert run(agent, b"print(1)") == [b"1\n"]


def test_a_reset_ends_those_that_wait(agent):
    with connected(agent), connected(agent) as second:
        second.compile(Program(source=WHO), Limits())
    assert processes.idle(agent.pid)
    below = processes.watch(processes.descendants(agent.pid))
    with connected(agent) as connection:
        connection.reset()
        assert wardens(agent) == []
    assert not below.left()
    assert run(agent, b"print(1)") == [b"1\n"]


def below_waiting(agent):
    """The one warden that waits, what forks for it, and what it holds ready for the next program."""
    [one] = wardens(agent)
    end = time.monotonic() + processes.LONG_S
    while len(ready := sorted(processes.children(one), key=processes.began)) < 2:
        assert time.monotonic() < end
    return [one, *ready]


@pytest.mark.parametrize("who", ["warden", "nursery"])
def test_one_that_is_killed_while_it_waits_is_replaced(agent, who):
    run(agent, WHO)
    all_of_it = below_waiting(agent)
    below = processes.watch(all_of_it)
    os.kill(all_of_it[0 if who == "warden" else 1], signal.SIGKILL)
    for _ in range(2):  # the nursery is missed after the next program only
        with contextlib.suppress(SandboxLost):  # it may have been handed the connection before its death was seen
            run(agent, WHO)
    assert run(agent, b"print(1)") == [b"1\n"]
    assert not below.left()


def test_what_it_holds_ready_is_replaced_when_it_has_been_killed(agent):
    run(agent, WHO)
    one, _, ready = below_waiting(agent)
    below = processes.watch([ready])
    os.kill(ready, signal.SIGKILL)
    assert not below.left()
    assert run(agent, b"print(1)") == [b"1\n"]
    assert one in wardens(agent)


def test_what_it_holds_ready_is_no_compile_error_when_it_is_killed_as_the_program_comes(agent):
    run(agent, WHO)
    ready = below_waiting(agent)[2]
    with connected(agent) as connection:
        os.kill(ready, signal.SIGKILL)
        with contextlib.suppress(SandboxLost):
            assert connection.compile(Program(source=b"print(1)"), Limits()).outcome is Outcome.EXITED


def test_they_end_with_the_agent():
    with processes.orphans() as left:
        with closing(AgentProcess()) as agent:
            run(agent, WHO)
            below = processes.watch(processes.descendants(agent.pid))
        assert not below.left()
    assert left == set()


class Nothing:
    """A template that runs nothing, and what its executions would share."""

    def close(self):
        pass


def test_it_is_free_once_for_a_client_that_goes_before_it_is_told():
    ours, theirs = socket.socketpair()
    told = []

    def free():
        told.append(1)
        theirs.close()  # so DONE cannot be sent

    theirs.sendall(protocol.pack_head(Frame.CANCEL, {}))
    one = warden.Warden(ours, Nothing(), Nothing(), resets=ours, free=free, meanwhile=free)
    assert one.serve()
    one.close()
    assert told == [1]
