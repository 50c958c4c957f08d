"""Many processes of the same user are no reason to fail a program with threads.

A limit on processes would count all of that user's on the machine, so there is none: other layers deny new processes.
"""

from __future__ import annotations

import contextlib
import os
import resource
import subprocess
import tempfile
from pathlib import Path

import pytest

from lcb_ray.agent.protocol import Outcome, Program
from lcb_ray.batch import Batch, Case
from lcb_ray.launcher import AgentProcess
from lcb_ray.local import LocalPool
from tests import processes
from tests.listening_agent import NOBODY, ListeningAgent, python_for
from tests.processes import LONG_S

pytestmark = pytest.mark.jail

COUNT = 2000
# Each waits for a word that never comes; when this process ends, however it does, they all read the end of the pipe.
_CROWD = f"""
exec 3<&0
count=0
while [ $count -lt {COUNT} ]; do
    read word <&3 &
    count=$((count + 1))
done
echo ready
wait
"""
THREADS = b"""
import resource, threading
total, lock, gate = 0, threading.Lock(), threading.Barrier(40)
def work(number):
    global total
    gate.wait()
    with lock:
        total += number
threads = [threading.Thread(target=work, args=(number,)) for number in range(40)]
for thread in threads: thread.start()
for thread in threads: thread.join()
print(total, *resource.getrlimit(resource.RLIMIT_NPROC))
"""


class Seen:
    passed = True

    def __init__(self, result, case):
        self.result = result


@contextlib.contextmanager
def crowd(user):
    """So many sleeping processes of a user; of our own where None."""
    options = {"stdin": subprocess.PIPE, "stdout": subprocess.PIPE, "user": user, "cwd": "/"}
    with subprocess.Popen(["/bin/sh", "-c", _CROWD], **options) as shell:
        assert shell.stdout.readline() == b"ready\n"
        below = processes.descendants(shell.pid)
        assert len(below) == COUNT
        yield
    assert not processes.watch(below).left()


def run_threads(start):
    with contextlib.closing(LocalPool(2, start=start)) as pool:
        cases = [Case(b"")] * 3
        futures = [pool.submit(Batch(Program(source=THREADS), lambda: cases, Seen)) for _ in range(2)]
        results = [seen.result for future in futures for seen in future.result(LONG_S).checked]
    limits = " ".join(map(str, resource.getrlimit(resource.RLIMIT_NPROC)))
    for result in results:
        assert (result.outcome, result.stdout.decode()) == (Outcome.EXITED, f"780 {limits}\n"), result.stderr
    assert len(results) == 6


@pytest.mark.skipif(os.geteuid() != 0, reason="only root can start a process as someone else")
def test_threads_in_a_crowd_of_the_sandbox_s_user():
    """Root is exempt from the limit on processes, so this is shown with another user."""
    if (python := python_for(NOBODY)) is None:
        pytest.skip("no Python 3.11 here that another user can run")
    with tempfile.TemporaryDirectory(prefix="agent-") as folder, crowd(NOBODY):
        os.chown(folder, NOBODY, NOBODY)
        run_threads(lambda: ListeningAgent(Path(folder), python=python, user=NOBODY))


def test_threads_in_a_crowd_of_our_own():
    with crowd(None):
        run_threads(AgentProcess)
