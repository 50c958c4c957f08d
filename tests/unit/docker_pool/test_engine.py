"""The engine's errors as ours, with the fix in them, and its stream of frames. Needs Docker's SDK, and no engine."""

from __future__ import annotations

import socket
import threading

import pytest

pytest.importorskip("docker", reason="Docker's SDK is not installed: uv sync --extra docker")

from docker.errors import APIError, DockerException
from requests import Response
from requests.exceptions import ConnectionError as NoConnection
from requests.exceptions import ReadTimeout

from lcb_ray.docker_pool import engine
from lcb_ray.docker_pool.engine import EngineGone, Streams
from lcb_ray.errors import PoolUnavailable, SandboxLost, SandboxUnusable


def refusal(status, words):
    response = Response()
    response.status_code = status
    return APIError("no", response=response, explanation=words)


@pytest.mark.parametrize(
    ("error", "kind", "said"),
    [
        (refusal(400, "Unknown runtime specified x"), SandboxUnusable, "Docker says: Unknown runtime"),
        (refusal(500, "write /var/x: no space left on device"), SandboxUnusable, "docker system prune"),
        (refusal(500, "something failed"), SandboxLost, "something failed"),
        (NoConnection("refused"), EngineGone, "is it being restarted"),
        (ReadTimeout("slow"), EngineGone, "does not answer any more"),
        (ConnectionResetError("reset"), EngineGone, "does not answer any more"),
    ],
)
def test_an_error_of_the_engine(error, kind, said):
    with pytest.raises(kind, match=said) as caught, engine._told("starting a container"):
        raise error
    assert str(caught.value).startswith("starting a container: ")


@pytest.mark.parametrize(
    ("words", "fix"),
    [
        ("('Connection aborted.', PermissionError(13, 'Permission denied'))", "usermod -aG docker"),
        ("('Connection aborted.', FileNotFoundError(2, 'No such file or directory'))", "systemctl start docker"),
        ("[Errno 111] Connection refused", "systemctl start docker"),
        ("what is this", "check DOCKER_HOST"),
    ],
)
def test_why_there_is_no_engine(monkeypatch, words, fix):
    monkeypatch.setenv("DOCKER_HOST", "unix:///x.sock")
    said = engine._unreachable(DockerException(words))
    assert said.startswith("DOCKER_HOST=unix:///x.sock: ")
    assert fix in said


def test_a_log_that_ends_in_an_error():
    lines = [{"stream": f"Step {number}\n"} for number in range(30)] + [{"error": "exit 3: no space left on device"}]
    said = []
    with pytest.raises(SandboxUnusable) as caught:
        engine._follow(iter(lines), "it failed", said.append, threading.Event())
    told = str(caught.value).splitlines()
    assert told[0] == "it failed:"
    assert told[1:3] == ["Step 10", "Step 11"]
    assert "prune" in told[-1]
    assert len(said) == 30


def test_a_log_is_followed_no_further_once_the_pool_is_closed():
    stop = threading.Event()
    stop.set()
    with pytest.raises(PoolUnavailable):
        engine._follow(iter([{"stream": "Step 1"}]), "it failed", print, stop)


def frame(stream, data):
    return bytes([stream, 0, 0, 0]) + len(data).to_bytes(4, "big") + data


@pytest.mark.parametrize("size", [1, 3, 7, 8, 9, 1000])
def test_frames_in_pieces(size):
    data = frame(1, b"out") + frame(2, b"err") + frame(1, b"") + frame(2, b"x" * 5000) + frame(1, b"put")
    ours, theirs = socket.socketpair()
    with theirs:
        streams = Streams(ours)
        output = b"".join(streams.unwrap(data[start : start + size]) for start in range(0, len(data), size))
        assert output == b"output"
        assert streams.errors() == "x" * 4000
        streams.close()
        assert theirs.recv(1) == b""
