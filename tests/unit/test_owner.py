"""Whose a container is: a process that lives, one that has gone, or one that cannot be seen from here."""

from __future__ import annotations

import ctypes
import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from lcb_ray import owner
from lcb_ray.owner import Driver, driver_of, labels

_TELL = """
import json, sys
from lcb_ray.owner import labels
print(json.dumps(labels("x")), flush=True)
sys.stdin.read()
"""


@pytest.fixture
def other():
    """Another process, and its labels."""
    pipes = {"stdin": subprocess.PIPE, "stdout": subprocess.PIPE, "text": True}
    with subprocess.Popen([sys.executable, "-c", _TELL], **pipes) as started:
        yield started, json.loads(started.stdout.readline())


def test_this_process():
    assert driver_of(labels("x")) is Driver.HERE


def test_another_one_while_it_lives_and_afterwards(other):
    started, found = other
    assert driver_of(found) is Driver.ALIVE
    started.kill()
    os.waitid(os.P_PID, started.pid, os.WEXITED | os.WNOWAIT)
    assert driver_of(found) is Driver.GONE  # a zombie uses nothing
    started.wait()
    assert driver_of(found) is Driver.GONE


def test_a_number_that_another_process_has_by_now(other):
    _, found = other
    assert driver_of({**found, "livecodebench.pid-started": "1"}) is Driver.GONE


@pytest.mark.parametrize("changed", [{"livecodebench.machine": "another boot"}, {"livecodebench.pid": "x"}])
def test_what_cannot_be_seen_from_here(changed):
    assert driver_of({**labels("x"), **changed}) is Driver.ELSEWHERE


def test_labels_of_nobody():
    assert driver_of({}) is Driver.ELSEWHERE


def test_a_process_may_have_any_name():
    libc, name = ctypes.CDLL(None), ctypes.create_string_buffer(16)
    libc.prctl(16, name)
    try:
        libc.prctl(15, b"\xff) Z 1 (")
        assert driver_of(labels("x")) is Driver.HERE
    finally:
        libc.prctl(15, name)


def test_a_label_is_text_on_one_line():
    assert all(value and "\n" not in value for value in labels("x").values())


def test_where_the_system_does_not_tell_when_a_process_started(other, monkeypatch):
    """There is no /proc on macOS."""
    started, _ = other
    monkeypatch.setattr(owner, "Path", lambda name: Path("/nowhere" + str(name)))
    assert owner._started(started.pid) == owner._started(os.getpid()) == "alive"
    started.kill()
    started.wait()
    assert owner._started(started.pid) is None
