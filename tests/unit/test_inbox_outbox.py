"""Frames in and out of a warden, however the socket cuts them up."""

from __future__ import annotations

import ctypes
import errno
import os
import re
import socket
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lcb_ray.agent import protocol
from lcb_ray.agent.inbox import Inbox
from lcb_ray.agent.outbox import Outbox
from lcb_ray.agent.protocol import Frame, WireError

frames = st.lists(
    st.tuples(
        st.sampled_from([Frame.PROGRAM, Frame.INPUT]),
        st.dictionaries(st.text(max_size=3), st.integers(), max_size=2),
        st.binary(max_size=40),
    ),
    min_size=1,
    max_size=4,
)


def encoded(kind, fields, body):
    return protocol.pack_head(kind, fields, len(body)) + body


@pytest.fixture
def pair():
    ours, theirs = socket.socketpair()
    ours.setblocking(False)
    with ours, theirs:
        yield ours, theirs


def memory_file(data):
    descriptor = os.memfd_create("test")
    os.write(descriptor, data)
    return descriptor


def taken(inbox):
    """Every whole message that has arrived."""
    while (message := inbox.read()) is not None:
        with os.fdopen(message.body, "rb") as body:
            yield message.kind, message.fields, body.read()


@given(frames, st.lists(st.integers(1, 60), max_size=30))
def test_messages_arrive_whole_in_any_pieces(sent, sizes):
    ours, theirs = socket.socketpair()
    ours.setblocking(False)
    with ours, theirs:
        inbox, got = Inbox(ours), []
        data = b"".join(encoded(*frame) for frame in sent)
        for size in [*sizes, len(data)]:
            theirs.sendall(data[:size])
            data = data[size:]
            got += taken(inbox)
        assert got == sent
        theirs.close()
        with pytest.raises(EOFError):
            inbox.read()


def test_a_body_is_a_sealed_file(pair):
    ours, theirs = pair
    theirs.sendall(encoded(Frame.INPUT, {}, b"input"))
    message = Inbox(ours).read()
    with os.fdopen(message.body, "r+b", buffering=0) as body:
        for attempt in (lambda: body.write(b"x"), lambda: body.truncate(0), lambda: body.truncate(100)):
            with pytest.raises(OSError, match="not permitted") as caught:
                attempt()
            assert caught.value.errno == errno.EPERM
        assert os.pread(message.body, 100, 0) == b"input"


def test_a_body_larger_than_the_buffer(pair):
    ours, theirs = pair
    inbox, data = Inbox(ours), os.urandom(1_000_000)
    wire, messages = encoded(Frame.INPUT, {}, data), []
    theirs.setblocking(False)
    while wire:
        wire = wire[theirs.send(wire) :]
        messages += taken(inbox)
    assert messages == [(Frame.INPUT, {}, data)]


def test_the_receive_buffer_is_not_inherited(pair):
    """Else a test process would find the next test's input in its memory. The kernel says so by the flag dc."""
    inbox = Inbox(pair[0])
    address = ctypes.addressof(ctypes.c_char.from_buffer(inbox._buffer))
    for mapping in re.split(r"\n(?=[0-9a-f]+-[0-9a-f]+ )", Path("/proc/self/smaps").read_text()):
        start, end = (int(number, 16) for number in mapping.split(maxsplit=1)[0].split("-"))
        if start <= address < end:
            assert "dc" in mapping.partition("VmFlags:")[2].split()
            return
    pytest.fail("the buffer is not in the list of mappings")


@pytest.mark.parametrize(
    "noise", [b"\xff" * 9, protocol.HEAD.pack(Frame.INPUT, 2, 0) + b"[]", protocol.HEAD.pack(Frame.INPUT, 1, 0) + b"{"]
)
def test_noise_is_a_wire_error(pair, noise):
    ours, theirs = pair
    theirs.sendall(noise)
    inbox = Inbox(ours)
    with pytest.raises(WireError):
        inbox.read()


def heard(data):
    """What an inbox makes of these bytes, and then the end: whole messages, and what it refused, if anything."""
    ours, theirs = socket.socketpair()
    ours.setblocking(False)
    with ours, theirs:
        theirs.sendall(data)
        theirs.shutdown(socket.SHUT_WR)
        inbox, got = Inbox(ours), []
        try:
            for message in taken(inbox):
                got.append(message)
            pytest.fail("an inbox says when the client has closed")
        except (WireError, EOFError) as error:
            return got, type(error)
        finally:
            if inbox._body >= 0:  # a warden ends with it
                os.close(inbox._body)


@given(frames, st.integers(0, 200))
def test_a_client_that_goes_away_at_any_byte_is_noticed(sent, end):
    data = b"".join(encoded(*frame) for frame in sent)
    got, error = heard(data[:end])
    assert got == sent[: len(got)]
    assert error is EOFError
    assert sum(len(encoded(*frame)) for frame in got) <= end


@given(frames, st.integers(0, 200), st.integers(1, 255))
def test_any_changed_byte_gives_other_messages_or_is_refused(sent, at, change):
    data = bytearray(b"".join(encoded(*frame) for frame in sent))
    data[at % len(data)] ^= change
    for kind, fields, body in heard(bytes(data))[0]:
        assert isinstance(kind, Frame)
        assert isinstance(fields, dict)
        assert len(body) <= protocol._LONGEST_BODY.get(kind, 0)


@given(st.lists(st.binary(max_size=40) | st.integers(1, 9).map(lambda kind: protocol.HEAD.pack(kind, 2, 3) + b"{}abc")))
def test_any_bytes_are_messages_or_refused(pieces):
    assert heard(b"".join(pieces))[1] in (WireError, EOFError)


@given(frames, st.lists(st.tuples(st.integers(0, 10), st.integers(0, 10)), max_size=3))
def test_frames_leave_in_order_with_their_ranges(sent, ranges):
    ours, theirs = socket.socketpair()
    ours.setblocking(False)
    with ours, theirs:
        outbox, expected = Outbox(ours), b""
        for kind, fields, body in sent:
            spans = [(min(span), max(span)) for span in ranges]
            parts = [body[start:end] for start, end in spans]
            outbox.put(kind, fields, [(memory_file(body.ljust(10)), *span) for span in spans])
            parts = [body.ljust(10)[start:end] for start, end in spans]
            expected += protocol.pack_head(kind, fields, sum(map(len, parts))) + b"".join(parts)
        assert outbox.pending == len(expected)
        outbox.flush()
        assert outbox.pending == 0
        assert theirs.recv(len(expected) + 1) == expected


def test_what_the_socket_does_not_take_waits(pair):
    ours, theirs = pair
    data = os.urandom(3_000_000)
    outbox, body = Outbox(ours), memory_file(data)
    outbox.put(Frame.RESULT, {}, [(body, 0, len(data))])
    outbox.put(Frame.DONE, {})
    received = bytearray()
    theirs.setblocking(False)
    outbox.flush()
    assert outbox.pending > 1_000_000
    while outbox.pending:
        received += theirs.recv(1_000_000)
        outbox.flush()
    while len(received) < len(data) + 22:
        received += theirs.recv(1_000_000)
    assert received == encoded(Frame.RESULT, {}, data) + encoded(Frame.DONE, {}, b"")
    with pytest.raises(OSError, match="Bad file descriptor"):  # the body's memory is free
        os.fstat(body)


def test_a_client_that_has_gone_is_an_error(pair):
    ours, theirs = pair
    theirs.close()
    outbox = Outbox(ours)
    outbox.put(Frame.DONE, {})
    with pytest.raises(ConnectionError):
        outbox.flush()
