"""A control socket: the agent's first words are hostile input, connections go over it, and its end is seen."""

from __future__ import annotations

import json
import socket

import pytest

from lcb_ray import control
from lcb_ray.control import ControlSocket
from lcb_ray.errors import ProtocolError, SandboxLost, SandboxUnusable


@pytest.fixture
def ends():
    ours, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
    made = ControlSocket(ours)
    with theirs:
        yield made, theirs
    made.close()


def test_the_first_words(ends):
    ours, theirs = ends
    theirs.send(json.dumps({"ready": {"python": "3.11.7"}}).encode())
    assert ours.hello() == {"python": "3.11.7"}
    assert ours.alive()


def test_a_refusal(ends):
    ours, theirs = ends
    theirs.send(json.dumps({"refused": "no_network is missing"}).encode())
    with pytest.raises(SandboxUnusable, match="cannot jail programs safely: no_network is missing"):
        ours.hello()


@pytest.mark.parametrize("words", [b"\xff", b"[]", b"7", b'{"ready": 7}', b"{}", b'"refused"', b"null"])
def test_nonsense(ends, words):
    ours, theirs = ends
    theirs.send(words)
    with pytest.raises(ProtocolError):
        ours.hello()


def test_an_end_without_a_word(ends):
    ours, theirs = ends
    theirs.close()
    with pytest.raises(EOFError):
        ours.hello()
    assert not ours.alive()


def test_silence(monkeypatch):
    monkeypatch.setattr(control, "START_S", 0.01)
    ours, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
    made = ControlSocket(ours)
    with theirs, pytest.raises(SandboxLost, match="did not start"):
        made.hello()
    made.close()


def test_a_connection_goes_over_it(ends):
    ours, theirs = ends
    mine = ours.connect()
    _, [descriptor], _, _ = socket.recv_fds(theirs, 1, 1)
    with mine, socket.socket(fileno=descriptor) as other:
        other.send(b"hello")
        assert mine.recv(10) == b"hello"


def test_no_connection_to_one_that_has_gone(ends):
    ours, theirs = ends
    theirs.close()
    with pytest.raises(SandboxLost):
        ours.connect()
    ours.close()
    assert not ours.alive()
    with pytest.raises(SandboxLost):
        ours.connect()
