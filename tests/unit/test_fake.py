"""The scripted agent itself: it must fail exactly where it is told to, or the tests that use it prove nothing."""

from __future__ import annotations

import contextlib
import inspect
import socket
import threading

import pytest

from lcb_ray import fake
from lcb_ray.agent import protocol
from lcb_ray.agent.protocol import ExecutionResult, Frame, Limits, Outcome, Program
from lcb_ray.errors import SandboxLost
from lcb_ray.fake import Break, Cut, FakeAgent, Fault, How
from lcb_ray.launcher import AgentProcess

PROGRAM = protocol.pack_head(Frame.PROGRAM, protocol.program_fields(Program(source=b"pass"), Limits()), 4) + b"pass"
INPUT = protocol.pack_head(Frame.INPUT, {}, 2) + b"in"
END = protocol.pack_head(Frame.END, {})
HELLO = protocol.pack_head(Frame.HELLO, fake.HELLO)
ANSWER = ExecutionResult(index=0, outcome=Outcome.SIGNAL, signal=6, stdout=b"out", value=b"1", stderr=b"err")
COMPILED = fake.frame(fake.compiled())
DONE = protocol.pack_head(Frame.DONE, {})
WHOLE = HELLO + COMPILED + fake.frame(ANSWER) + DONE


def heard(agent, words):
    """All that the agent says to these words, until it ends the connection."""
    data = bytearray()
    with agent.connect() as sock:
        with contextlib.suppress(BrokenPipeError):  # it ended before it was told all this
            sock.sendall(words)
        with contextlib.suppress(ConnectionResetError):  # it left words unread
            while chunk := sock.recv(65536):
                data += chunk
    return bytes(data)


def always(answer):
    return fake.compiles(lambda program, index, data: answer)


def test_it_has_the_interface_of_a_launched_agent():
    public = {name for name in dir(FakeAgent) if not name.startswith("_")}
    assert {name for name, _ in inspect.getmembers(AgentProcess, inspect.isfunction) if name[0] != "_"} <= public
    for name in ("alive", "connect", "close"):
        assert inspect.signature(getattr(FakeAgent, name)) == inspect.signature(getattr(AgentProcess, name))


def test_an_honest_conversation():
    assert heard(FakeAgent(always(ANSWER)), PROGRAM + INPUT + END) == WHOLE


@pytest.mark.parametrize(
    "after", [0, 1, 100, len(HELLO + COMPILED) + 3, len(HELLO + COMPILED + fake.frame(ANSWER) + DONE)]
)
@pytest.mark.parametrize("how", [How.HANG_UP, How.DIE])
def test_a_cut_is_at_the_byte_it_names(after, how):
    agent = FakeAgent(always(ANSWER), cuts={0: Cut(how, after)})
    assert heard(agent, PROGRAM + INPUT + END) == WHOLE[:after]


@pytest.mark.parametrize("said", [b"", b"\x00noise", fake.frame(ANSWER)[:7]])
def test_a_break_says_what_it_says_and_no_more(said):
    assert heard(FakeAgent(always(Break(How.HANG_UP, said))), PROGRAM + INPUT + END) == HELLO + COMPILED + said


def test_a_fault_is_the_last_word():
    fault = Fault("memory", "why")
    assert heard(FakeAgent(always(fault)), PROGRAM + INPUT + INPUT) == HELLO + COMPILED + fake.frame(fault)


def test_a_compile_error_is_followed_by_done():
    broken = ExecutionResult(index=-1, outcome=Outcome.COMPILE_ERROR)
    assert heard(FakeAgent(lambda *_: broken), PROGRAM) == HELLO + fake.frame(broken) + DONE


def test_cancelling_ends_it():
    words = PROGRAM + protocol.pack_head(Frame.CANCEL, {})
    assert heard(FakeAgent(always(ANSWER)), words) == HELLO + COMPILED + DONE


def test_dying_ends_every_connection_and_refuses_new_ones():
    agent = FakeAgent(always(Break(How.DIE)))
    with agent.connect() as idle:
        assert idle.recv(len(HELLO), socket.MSG_WAITALL) == HELLO
        assert heard(agent, PROGRAM + INPUT) == HELLO + COMPILED
        assert idle.recv(1) == b""
    assert not agent.alive()
    with pytest.raises(SandboxLost):
        agent.connect()


def test_closing_it_ends_what_stalls_and_leaves_no_thread():
    before = set(threading.enumerate())
    agent = FakeAgent(always(Break(How.STALL)))
    with agent.connect() as sock:
        sock.sendall(PROGRAM + INPUT)
        assert sock.recv(len(HELLO + COMPILED), socket.MSG_WAITALL) == HELLO + COMPILED
        threads = set(threading.enumerate()) - before
        assert len(threads) == 1
        agent.close()
        assert sock.recv(1) == b""
        for thread in threads:
            thread.join()
    agent.close()
    assert not agent.alive()
