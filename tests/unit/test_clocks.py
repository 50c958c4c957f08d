"""What the warden reads of a running process."""

from __future__ import annotations

import os
import subprocess
import sys
import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lcb_ray.agent import clocks

LONG_S = 60.0

NAMED = "import ctypes, sys; ctypes.CDLL(None).prctl(15, {name!r}, 0, 0, 0); print(1, flush=True); sys.stdin.read()"

THREADED = """
import sys, threading
for _ in range(3): threading.Thread(target=threading.Event().wait, daemon=True).start()
print(1, flush=True)
sys.stdin.read()
"""


@pytest.mark.parametrize("name", [b"plain", b") Z 1 (", b"\xff\xfe", b"", b"\n\n"])
def test_threads_are_counted_whatever_the_process_calls_itself(name):
    command = [sys.executable, "-S", "-c", NAMED.format(name=name)]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE) as process:
        process.stdout.readline()
        assert clocks.threads(process.pid) == 1


def test_threads_of_a_process_and_of_none():
    with subprocess.Popen(
        [sys.executable, "-S", "-c", THREADED], stdin=subprocess.PIPE, stdout=subprocess.PIPE
    ) as process:
        process.stdout.readline()
        assert clocks.threads(process.pid) == 4
        process.kill()
    assert clocks.threads(2**22 + 1) == 0


class Tasks:
    """A folder as the kernel's, whose threads wait as the test says."""

    def __init__(self, folder):
        self.folder = folder

    def are(self, **waits):
        for path in self.folder.iterdir():
            (path / "schedstat").unlink()
            path.rmdir()
        for name, seconds in waits.items():
            (self.folder / name).mkdir()
            (self.folder / name / "schedstat").write_text(f"1 {int(seconds * 1e9)} 1\n")


@pytest.fixture
def tasks(tmp_path):
    return Tasks(tmp_path)


def waiting(tasks):
    return clocks.Waiting(0, 100.0, tasks=tasks.folder)


def test_what_one_thread_waited_since_the_last_look(tasks):
    looked = waiting(tasks)
    tasks.are(a=0.25)
    assert looked.since_last_look(101.0) == pytest.approx(0.25)
    tasks.are(a=0.75)
    assert looked.since_last_look(102.0) == pytest.approx(0.5)
    assert looked.since_last_look(103.0) == 0.0


def test_threads_that_take_turns_wait_one_after_another(tasks):
    looked = waiting(tasks)
    tasks.are(a=0.2, b=0.2, c=0.2)
    assert looked.since_last_look(101.0) == pytest.approx(0.6)


def test_threads_that_end_take_nothing_with_them(tasks):
    looked = waiting(tasks)
    tasks.are(a=0.5, b=0.4)
    first = looked.since_last_look(101.0)
    tasks.are(a=0.5)
    assert (first, looked.since_last_look(102.0)) == (pytest.approx(0.9), 0.0)
    tasks.are(a=0.1)  # a new thread under an old number
    assert looked.since_last_look(103.0) == 0.0
    tasks.are(a=0.2)
    assert looked.since_last_look(104.0) == pytest.approx(0.1)


def test_many_threads_in_each_others_way_do_not_wait_longer_than_time_passes(tasks):
    looked = waiting(tasks)
    tasks.are(**{f"t{number}": 0.9 for number in range(50)})
    assert looked.since_last_look(101.0) == 1.0


def test_a_crowd_that_waits_for_itself_does_not_borrow_time(tasks):
    """Sixty threads that each wait a little, because of each other: their sum would be a long time to sleep in."""
    looked = waiting(tasks)
    tasks.are(**{f"t{number}": 0.01 for number in range(60)})
    assert looked.since_last_look(101.0) == pytest.approx(0.04)


@given(st.lists(st.lists(st.floats(0, 10), max_size=5), max_size=6))
def test_waiting_is_never_negative_nor_longer_than_the_wall(tmp_path_factory, looks):
    tasks = Tasks(tmp_path_factory.mktemp("tasks"))
    looked, now = waiting(tasks), 100.0
    for waits in looks:
        tasks.are(**{f"t{number}": wait for number, wait in enumerate(waits)})
        now += 0.5
        assert 0.0 <= looked.since_last_look(now) <= 0.5


def test_a_process_that_is_gone_does_not_wait(tmp_path):
    assert clocks.Waiting(0, 0.0, tasks=tmp_path / "gone").since_last_look(1.0) == 0.0
    assert clocks.Waiting(2**22 + 1, 0.0).since_last_look(1.0) == 0.0


@pytest.mark.parametrize(
    ("states", "asleep"),
    [
        *[("S", True), ("R", False), ("D", False), ("SSR", False), ("TZSX", True), ("ZS", True)],
        *[("", False), ("Z", False), ("ZX", False)],  # it has ended
    ],
)
def test_a_process_sleeps_where_none_of_its_threads_could_run(tmp_path, states, asleep):
    for number, state in enumerate(states):
        (tmp_path / str(number)).mkdir()
        (tmp_path / str(number) / "stat").write_bytes(b"1 (\xff) R (x) %s 2 3\n" % state.encode())
    assert clocks.sleeps(0, tasks=tmp_path) is asleep


def test_whether_a_real_process_sleeps():
    assert not clocks.sleeps(os.getpid())
    with subprocess.Popen(["/bin/sh", "-c", "read word"], stdin=subprocess.PIPE) as process:
        end = time.monotonic() + LONG_S
        while not clocks.sleeps(process.pid):  # it starts first
            assert time.monotonic() < end
        process.stdin.close()
        os.waitid(os.P_PID, process.pid, os.WEXITED | os.WNOWAIT)
        assert not clocks.sleeps(process.pid), "it has ended, which nobody has taken notice of yet"
    assert not clocks.sleeps(process.pid)


def test_this_process_is_seen():
    assert 0.0 <= clocks.Waiting(os.getpid(), 0.0).since_last_look(1e6) < 1e6
