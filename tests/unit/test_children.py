"""A child's end is seen with pidfds and without, and nothing else is taken for it."""

from __future__ import annotations

import subprocess
import sys

import pytest

# In a process of its own, with one thread: signals are blocked in it.
_SCRIPT = """
import os, select, signal, sys
from lcb_ray.agent import children, kernel
children.PIDFDS = sys.argv[1] == "pidfds"

def forked(body):
    pid = kernel.fork()
    if pid == 0:
        try:
            body()
        finally:
            os._exit(7)
    return pid

def ready(descriptor, timeout_s=20.0):
    return bool(select.select([descriptor], [], [], timeout_s)[0])

def sleeps_till_told(read, write):
    def body():
        children.leave()
        assert signal.SIGCHLD not in signal.pthread_sigmask(signal.SIG_BLOCK, [])
        os.close(write)
        os.read(read, 1)
    return body

children.prepare()
for _ in range(3):  # one after the other: none is taken for the one before
    read, write = os.pipe()
    pid = forked(sleeps_till_told(read, write))
    descriptor = children.watch(pid)
    assert not children.ended(pid, descriptor)
    os.kill(pid, signal.SIGSTOP)
    os.waitid(os.P_PID, pid, os.WSTOPPED | os.WNOWAIT)
    assert not children.ended(pid, descriptor)
    assert not ready(descriptor, 0)
    os.kill(pid, signal.SIGCONT)
    os.close(write)
    while not children.ended(pid, descriptor):
        assert ready(descriptor)
    children.await_end(pid)
    assert os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1]) == 7
    os.close(descriptor)
    os.close(read)

lines = []
for _ in range(2):
    lifeline = children.Lifeline()
    pid = forked(lambda: (lifeline.keep(), signal.pause()))
    lines.append((pid, lifeline.watch(pid)))
(first, one), (second, other) = lines
assert not ready(one, 0)
os.kill(second, signal.SIGKILL)
assert ready(other)
assert not ready(one, 0)
os.kill(first, signal.SIGKILL)
assert ready(one)
assert {os.waitpid(pid, 0)[0] for pid in (first, second)} == {first, second}
print("right")
"""


@pytest.mark.parametrize("how", ["pidfds", "without"])
def test_the_end_of_children(how):
    done = subprocess.run([sys.executable, "-c", _SCRIPT, how], capture_output=True, text=True, timeout=60, check=False)
    assert done.stdout == "right\n", done.stderr
