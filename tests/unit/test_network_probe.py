"""Whether policies are enforced, told from which addresses answer; on loopback, where silence is a full backlog."""

from __future__ import annotations

import socket
from contextlib import ExitStack

import pytest

pytest.importorskip("kubernetes", reason="the kubernetes client is not installed: uv sync --extra kubernetes")

from lcb_ray.kuberay.policies import word_of
from lcb_ray.ray_pool.network import NetworkProbe, answering, enforcement

WITHIN_S = 0.4


@pytest.fixture
def open_port():
    with socket.create_server(("127.0.0.1", 0)) as server:
        yield server.getsockname()


@pytest.fixture
def closed_port():
    with socket.create_server(("127.0.0.1", 0)) as server:
        return server.getsockname()


@pytest.fixture
def silent_port():
    """It drops what comes: its queue is full, and the kernel answers nobody more."""
    with ExitStack() as stack:
        server = stack.enter_context(socket.socket())
        server.bind(("127.0.0.1", 0))
        server.listen(0)
        for _ in range(4):
            sock = stack.enter_context(socket.socket())
            sock.setblocking(False)
            sock.connect_ex(server.getsockname())
        yield server.getsockname()


def test_a_refusal_is_an_answer_and_silence_is_none(open_port, closed_port, silent_port):
    tried = {"open": open_port, "closed": closed_port, "silent": silent_port}
    assert answering(tried, within_s=WITHIN_S) == {"open", "closed"}


def test_nothing_to_try_answers_nothing():
    assert answering({}, within_s=WITHIN_S) == set()


def test_what_is_said_of_a_network(open_port, closed_port, silent_port):
    allowed = {"the GCS": open_port}

    def said(**forbidden):
        return enforcement(allowed, forbidden, within_s=WITHIN_S)

    assert said(gateway=silent_port, api=silent_port) == "enforced"
    assert said(gateway=closed_port, api=open_port) == "not enforced"
    assert said(gateway=silent_port, api=open_port) == "partly: api can be reached, which is not allowed"


def test_silence_says_nothing_where_nothing_answers(silent_port):
    word = enforcement({"the GCS": silent_port}, {"gateway": silent_port}, within_s=WITHIN_S)
    assert word == "unknown: the GCS does not answer, which is allowed"


def test_outside_pods_nothing_is_tried(monkeypatch):
    monkeypatch.delenv("LIVECODEBENCH_AGENT_SOCKET", raising=False)
    probe = NetworkProbe()
    probe.try_now_and_then()
    assert probe.word == ""


@pytest.mark.parametrize(
    ("words", "expected"),
    [
        (set(), "unknown: no sandbox runs"),
        ({"enforced"}, "enforced"),
        ({"enforced", "not enforced"}, "not enforced"),
        ({"enforced", "unknown: x"}, "unknown: x"),
        ({"unknown: x", "partly: y"}, "partly: y"),
    ],
)
def test_of_several_pods_the_worst_counts(words, expected):
    assert word_of(words).startswith(expected)
