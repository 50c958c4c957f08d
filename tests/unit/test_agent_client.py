"""The client against an agent that fails: at every byte and in every way, always a typed error and never a hang."""

from __future__ import annotations

import select
import socket
import threading
from contextlib import closing

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from lcb_ray import fake
from lcb_ray.agent import protocol
from lcb_ray.agent.protocol import ExecutionResult, Frame, Limits, Mode, Outcome, Program
from lcb_ray.agent_client import Cancelled, CancelSignal, Connection
from lcb_ray.errors import ProtocolError, SandboxError, SandboxLost, SandboxOverloaded
from lcb_ray.fake import Break, Cut, FakeAgent, Fault, How

PROGRAM = Program(source=b"print(input())")
LIMITS = Limits(overload_wall_s=0.001)
INPUTS = (b"first\n", b"second\n")
SHORT_S = 0.02
LONG_S = 60.0  # never waited for in full: a test that would is a hang


def result(index, data=b"", **fields):
    return ExecutionResult(index=index, outcome=Outcome.EXITED, exit_code=0, stdout=data, **fields)


RESULTS = [result(0, b"one", stderr=b"warning"), result(1, b"two", value=b'["x"]')]
WORDS = [
    protocol.pack_head(Frame.HELLO, fake.HELLO),
    fake.frame(fake.compiled()),
    *map(fake.frame, RESULTS),
    protocol.pack_head(Frame.DONE, {}),
]
STREAM = b"".join(WORDS)


def talk(sock, *, inputs=INPUTS, program=PROGRAM, cancel=None, silence_s=LONG_S):
    """A whole conversation; what came of it."""
    with (
        closing(cancel or CancelSignal()) as signal,
        Connection(sock, signal, silence_s=silence_s, goodbye_s=silence_s) as connection,
    ):
        connection.compile(program, LIMITS)
        results = list(connection.results(inputs))
        connection.finish()
    return results


def said(data, *, then="close", silence_s=LONG_S):
    """The same with an agent that has said all it will ever say; it never reads."""
    ours, theirs = socket.socketpair()
    with theirs:
        theirs.sendall(data)
        if then == "close":
            theirs.close()
        elif then == "shut":
            theirs.shutdown(socket.SHUT_WR)
        return talk(ours, silence_s=silence_s)


echo = fake.compiles(lambda program, index, data: result(index, data))


@pytest.fixture
def agent_of():
    with_close = []

    def make(script, **options):
        agent = FakeAgent(script, **options)
        with_close.append(agent)
        return agent

    yield make
    for agent in with_close:
        agent.close()


def test_a_conversation_without_faults(agent_of):
    assert said(STREAM) == RESULTS
    agent = agent_of(echo)
    assert [answer.stdout for answer in talk(agent.connect())] == list(INPUTS)


def test_the_agent_gets_the_program_as_it_is(agent_of):
    seen = []

    def script(program, index, data):
        seen.append((program, index, data))
        return fake.compiled() if index == fake.COMPILE else result(index)

    program = Program(source=b"\xff\x00", mode=Mode.CALL, function="solve")
    talk(agent_of(script).connect(), program=program)
    assert seen == [(program, -1, b""), (program, 0, INPUTS[0]), (program, 1, INPUTS[1])]


def test_an_agent_that_goes_away_at_any_byte_is_lost():
    for end in range(len(STREAM)):
        with pytest.raises(SandboxLost):
            said(STREAM[:end], then=("close", "shut")[end % 2])


def test_an_agent_that_goes_silent_within_any_frame_is_given_up():
    start = 0
    for word in WORDS:
        for said_of_it in (0, 1, protocol.HEAD.size, protocol.HEAD.size + 1, len(word) - 1):
            with pytest.raises(SandboxLost, match="did not answer"):
                said(STREAM[: start + said_of_it], then="stall", silence_s=SHORT_S)
        start += len(word)


@pytest.mark.parametrize("how", How)
@pytest.mark.parametrize("after", [0, 5, len(WORDS[0]) + 3, len(STREAM) - 1])
def test_a_cut_connection_is_lost(agent_of, how, after):
    script = {-1: fake.compiled(), 0: RESULTS[0], 1: RESULTS[1]}
    agent = agent_of(lambda program, index, data: script[index], cuts={0: Cut(how, after)})
    with pytest.raises(SandboxLost):
        talk(agent.connect(), silence_s=SHORT_S if how is How.STALL else LONG_S)
    assert agent.alive() is (how is not How.DIE)
    if agent.alive():
        assert talk(agent.connect()) == RESULTS  # only the first connection is cut


def test_any_changed_byte_gives_results_or_a_typed_error():
    for at in range(len(STREAM)):
        changed = bytearray(STREAM)
        changed[at] ^= (0x01, 0x80, 0xFF)[at % 3]
        try:
            results = said(bytes(changed))
        except SandboxError:
            continue
        assert [answer.index for answer in results] == [0, 1]


@given(st.binary(max_size=300), st.sampled_from(range(len(WORDS))))
@example(b"", 0)
def test_noise_instead_of_a_frame_is_a_typed_error(noise, position):
    with pytest.raises(SandboxLost):
        said(b"".join(WORDS[:position]) + noise)


@given(st.permutations(WORDS))
def test_frames_out_of_order_are_a_typed_error(words):
    if b"".join(words) == STREAM:
        assert said(STREAM) == RESULTS
        return
    with pytest.raises(SandboxLost):
        said(b"".join(words))


@pytest.mark.parametrize(
    ("lie", "message"),
    [
        (protocol.HEAD.pack(Frame.RESULT, 10, 2**32 - 1), "announces"),
        (protocol.HEAD.pack(Frame.RESULT, 2**32 - 1, 0), "announces"),
        (protocol.HEAD.pack(99, 0, 0), "unknown frame"),
        (protocol.pack_head(Frame.RESULT, {}), "malformed"),
        (protocol.pack_head(Frame.RESULT, {}, 7) + b"lengths", "malformed"),
        (protocol.pack_head(Frame.RESULT, protocol.result_fields(result(0), 5, 0, 0), 3) + b"abc", "malformed"),
        (protocol.pack_head(Frame.DONE, {}), "sent DONE where RESULT"),
        (fake.frame(result(1)), "answered input 1 when 0"),
        (fake.frame(result(-1)), "sent COMPILED where RESULT"),
    ],
)
def test_lies_break_the_protocol(agent_of, lie, message):
    agent = agent_of(fake.compiles(lambda program, index, data: Break(How.STALL, lie)))
    with pytest.raises(ProtocolError, match=message):
        talk(agent.connect())


def test_a_result_is_bounded_by_the_limits_of_its_program():
    """What the protocol allows is far more: a sandbox could have every client allocate it."""
    limits, larger = Limits(output_bytes=100), 2 * 100 + protocol.STDERR_TAIL_BYTES
    for size, error, message in ((larger, SandboxLost, "closed the connection"), (larger + 1, ProtocolError, "allow")):
        ours, theirs = socket.socketpair()
        with theirs, closing(CancelSignal()) as signal:
            theirs.sendall(WORDS[0] + WORDS[1] + protocol.HEAD.pack(Frame.RESULT, 2, size) + b"{}")
            theirs.shutdown(socket.SHUT_WR)
            with Connection(ours, signal) as connection:
                connection.compile(PROGRAM, limits)
                with pytest.raises(error, match=message):
                    next(connection.results(INPUTS))


def test_a_true_length_without_its_bytes_is_given_up(agent_of):
    agent = agent_of(fake.compiles(lambda *_: Break(How.STALL, fake.frame(result(0, b"x" * 100))[:-1])))
    with pytest.raises(SandboxLost, match="did not answer"):
        talk(agent.connect(), silence_s=SHORT_S)


def test_an_agent_that_drips_is_given_up():
    """Each byte is progress, but not enough of it: the whole frame has to come in time."""
    ours, theirs = socket.socketpair()
    dripped = threading.Event()

    def drip():
        theirs.sendall(WORDS[0] + WORDS[1] + protocol.HEAD.pack(Frame.RESULT, protocol.MAX_HEADER_BYTES, 0))
        while not dripped.wait(SHORT_S / 10):
            theirs.sendall(b" ")
        theirs.close()

    thread = threading.Thread(target=drip)
    thread.start()
    try:
        with pytest.raises(SandboxLost, match="did not answer"):
            talk(ours, silence_s=SHORT_S * 5)
    finally:
        dripped.set()
        thread.join()


@pytest.mark.parametrize(
    ("code", "kind"),
    [
        ("jail", SandboxLost),
        ("overloaded", SandboxOverloaded),
        ("memory", SandboxOverloaded),
        ("protocol", ProtocolError),
        ("internal", SandboxLost),
        ("KeyboardInterrupt", SandboxLost),
    ],
)
@pytest.mark.parametrize("at", [fake.COMPILE, 0, 1])
def test_a_fault_is_raised_as_its_code_says(agent_of, code, kind, at):
    def script(program, index, data):
        return Fault(code, "of the script") if index == at else fake.compiled() if index < 0 else result(index)

    with pytest.raises(SandboxError, match="of the script") as caught:
        talk(agent_of(script).connect())
    assert type(caught.value) is kind


def test_every_fault_code_of_the_protocol_has_its_exception():
    from lcb_ray.agent_client import _FAULTS

    assert set(_FAULTS) == set(protocol.FAULTS)


def test_a_fault_is_heard_though_the_agent_closed_with_input_unread():
    """What it says last must not be lost to the send that fails."""
    with pytest.raises(SandboxOverloaded, match="last words"):
        said(WORDS[0] + fake.frame(Fault("overloaded", "last words")))


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"version": 2}, "use the agent.pyz"),
        ({"version": None}, "use the agent.pyz"),
        ({"window_cases": 0}, "lacks a positive window_cases"),
        ({"window_bytes": "many"}, "lacks a positive window_bytes"),
        ({"window_bytes": True}, "lacks a positive window_bytes"),
    ],
)
def test_a_hello_of_another_kind_is_refused(agent_of, change, message):
    with pytest.raises(ProtocolError, match=message):
        talk(agent_of(echo, hello=change).connect())


def test_a_compile_error_ends_the_conversation(agent_of):
    broken = ExecutionResult(index=-1, outcome=Outcome.COMPILE_ERROR, exit_code=1, stderr=b"SyntaxError")
    agent = agent_of(lambda *_: broken)
    with closing(CancelSignal()) as signal, Connection(agent.connect(), signal) as connection:
        assert connection.compile(PROGRAM, LIMITS) == broken
        connection.finish()


class Logged(Connection):
    """Notes what is put on the wire."""

    def _send(self, kind, fields, body=b""):
        self.log.append((kind, len(body)))
        super()._send(kind, fields, body)


@given(
    sizes=st.lists(st.integers(0, 30), min_size=1, max_size=12),
    window_bytes=st.integers(1, 40),
    window_cases=st.integers(1, 5),
)
def test_no_more_input_is_outstanding_than_the_agent_takes(sizes, window_bytes, window_cases):
    agent = FakeAgent(echo, hello={"window_bytes": window_bytes, "window_cases": window_cases})
    inputs = [bytes(size) for size in sizes]
    with closing(CancelSignal()) as signal, Logged(agent.connect(), signal) as connection:
        connection.log = []
        connection.compile(PROGRAM, LIMITS)
        for done, answer in enumerate(connection.results(inputs)):
            assert answer.stdout == inputs[done]
            sent = [size for kind, size in connection.log if kind is Frame.INPUT]
            outstanding = sent[done:]
            assert len(outstanding) <= window_cases
            assert sum(outstanding) <= window_bytes or len(outstanding) == 1
        connection.finish()
        assert [kind for kind, _ in connection.log] == [Frame.PROGRAM, *[Frame.INPUT] * len(inputs), Frame.END]


def test_large_input_and_output_at_once(agent_of):
    """Both directions fill their buffers at once: whoever blocks on one of them waits for ever."""
    agent = agent_of(
        fake.compiles(lambda program, index, data: result(index, data[: 3 * 1024**2], value=b"1" * 1024**2))
    )
    inputs = [bytes([number]) * (4 * 1024**2) for number in range(4)]
    answers = talk(agent.connect(), inputs=inputs)
    assert [answer.stdout[:1] for answer in answers] == [b"\x00", b"\x01", b"\x02", b"\x03"]
    assert {len(answer.stdout) for answer in answers} == {3 * 1024**2}


def test_cancel_before_and_while_the_agent_is_silent(agent_of):
    signal = CancelSignal()
    signal.set()
    assert signal.is_set()
    with pytest.raises(Cancelled):
        talk(agent_of(echo).connect(), cancel=signal)

    signal = CancelSignal()

    def script(program, index, data):
        if index == 1:
            signal.set()
            return Break(How.STALL)
        return fake.compiled() if index < 0 else result(index)

    with pytest.raises(Cancelled):
        talk(agent_of(script).connect(), cancel=signal)


def test_a_signal_can_be_set_at_any_time_and_any_number_of_times():
    signal = CancelSignal()
    signal.set()
    signal.fileno()
    signal.set()
    assert signal.is_set()
    signal.close()
    signal.set()
    signal.close()
    unused = CancelSignal()
    unused.close()
    unused.set()


def test_telling_the_agent_to_stop_waits_until_it_has(agent_of):
    agent = agent_of(echo)
    with closing(CancelSignal()) as signal, Connection(agent.connect(), signal) as connection:
        connection.compile(PROGRAM, LIMITS)
        results = connection.results([b"%d" % number for number in range(40)])
        assert next(results).stdout == b"0"
        results.close()
        connection.cancel()


def test_an_agent_that_does_not_stop_is_given_up():
    ours, theirs = socket.socketpair()
    with theirs:
        theirs.sendall(WORDS[0] + WORDS[1] + b"".join(WORDS[2:4]) * 50)
        with closing(CancelSignal()) as signal, Connection(ours, signal, goodbye_s=LONG_S) as connection:
            connection.compile(PROGRAM, LIMITS)
            with pytest.raises(ProtocolError, match="goes on and on"):
                connection.cancel()


@pytest.mark.parametrize("data", [b"", WORDS[0][:4], protocol.pack_head(Frame.DONE, {})])
def test_a_connection_that_does_not_begin_is_closed(data):
    ours, theirs = socket.socketpair()
    with theirs:
        theirs.sendall(data)
        theirs.shutdown(socket.SHUT_WR)
        with closing(CancelSignal()) as signal, pytest.raises(SandboxLost):
            Connection(ours, signal)
        assert ours.fileno() == -1


def test_a_signal_where_the_system_has_no_event_descriptors(monkeypatch):
    """There are none on macOS."""
    monkeypatch.delattr("os.eventfd")
    for before in (True, False):
        with closing(CancelSignal()) as signal:
            if before:
                signal.set()
            number = signal.fileno()
            assert bool(select.select([number], [], [], 0)[0]) is before
            signal.set()
            assert select.select([number], [], [], 0)[0]
        signal.set()
