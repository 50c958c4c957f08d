"""`livecodebench top` without a cluster: a gateway with a pool to show, and what is said where there is nothing."""

from __future__ import annotations

import json
import os
import pty
import signal
import subprocess
import sys
import threading

import pytest

from tests.gateway_thread import TOKEN
from tests.unit.test_pool_view import VIEW


@pytest.fixture(autouse=True)
def nothing_set(monkeypatch):
    for name in ("LIVECODEBENCH_RAY_ADDRESS", "RAY_ADDRESS", "LIVECODEBENCH_GATEWAY_TOKEN"):
        monkeypatch.delenv(name, raising=False)


@pytest.fixture
def behind(gateway, monkeypatch):
    monkeypatch.setenv("LIVECODEBENCH_RAY_ADDRESS", gateway.url)
    monkeypatch.setenv("LIVECODEBENCH_GATEWAY_TOKEN", TOKEN)
    gateway.views = [VIEW.as_json()]
    return gateway


def test_one_table_where_nobody_watches(cli, behind):
    ended = cli("top")
    assert (ended.status, ended.err) == (0, "")
    assert "Pool livecodebench" in ended.out
    assert "1 of 2 lent" in ended.out


def test_as_json(cli, behind):
    ended = cli("top", "--json")
    assert ended.status == 0
    found = json.loads(ended.out)
    assert found["schema"] == 1
    assert found["pools"] == json.loads(json.dumps([VIEW.as_json()]))


def test_no_pool_is_no_error(cli, behind):
    behind.views = []
    ended = cli("top", "--once")
    assert ended.status == 0
    assert ended.out.startswith("No pool")


def test_a_wrong_token(cli, behind, monkeypatch):
    monkeypatch.setenv("LIVECODEBENCH_GATEWAY_TOKEN", "another-token-altogether")
    ended = cli("top")
    assert (ended.status, ended.out) == (4, "")
    assert "LIVECODEBENCH_GATEWAY_TOKEN" in ended.err


@pytest.mark.parametrize(
    ("options", "words"),
    [
        (["--backend", "local"], "choose ray or kubernetes"),
        (["--backend", "ray"], "set LIVECODEBENCH_RAY_ADDRESS"),
        (["--interval", "0"], "--interval must be"),
    ],
)
def test_bad_input(cli, options, words):
    ended = cli("top", *options)
    assert (ended.status, ended.out) == (2, "")
    assert words in ended.err


def test_the_dashboards_address_is_not_taken_for_a_gateway(cli, monkeypatch):
    monkeypatch.setenv("RAY_ADDRESS", "http://127.0.0.1:8265")
    ended = cli("top", "--backend", "ray")
    assert ended.status == 2
    assert "set LIVECODEBENCH_RAY_ADDRESS" in ended.err


def test_on_a_terminal_it_goes_on_until_it_is_told_to_end(behind):
    ours, theirs = pty.openpty()
    command = [sys.executable, "-m", "livecodebench", "top", "--interval", "0.2"]
    process = subprocess.Popen(command, stdout=theirs, stderr=subprocess.PIPE, env={**os.environ, "TERM": "xterm"})
    os.close(theirs)
    shown = b""
    while b"another-pool" not in shown:
        shown += os.read(ours, 65536)
        if b"livecodebench" in shown:  # it is seen; what it shows next is what there is then
            behind.views = [VIEW.as_json() | {"pool": "another-pool"}]
    process.send_signal(signal.SIGINT)
    reading = threading.Thread(target=_drain, args=(ours,))
    reading.start()
    _, errors = process.communicate(timeout=60)
    reading.join()
    os.close(ours)
    assert (process.returncode, errors) == (0, b"")


def _drain(descriptor):
    """What nobody reads would hold up the other side."""
    try:
        while os.read(descriptor, 65536):
            pass
    except OSError:  # the other end of a terminal is closed
        pass
