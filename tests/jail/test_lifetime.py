"""However a pool ends, nothing is left of it: no process, no socket, no file. Nor does anything grow in a long life."""

from __future__ import annotations

import contextlib
import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from lcb_ray.agent.protocol import Program
from lcb_ray.batch import Batch, Case
from lcb_ray.errors import SandboxUnusable
from lcb_ray.launcher import AgentProcess
from lcb_ray.local import LocalPool
from tests import processes
from tests.processes import LONG_S

pytestmark = pytest.mark.jail

# Two programs run, one of them with threads, deaf to signals; then it waits for its end, or ends as it is told.
_OWNER = """
import os, sys, threading, time
from lcb_ray.agent.protocol import Limits, Program
from lcb_ray.batch import Batch, Case
from lcb_ray.local import LocalPool

class Seen:
    passed = True

def check(result, case):
    os.write(1, b"running\\n")  # whole, whichever thread it is
    return Seen()

DEAF = '''
import signal, threading
for number in range(1, 32):
    try: signal.signal(number, signal.SIG_IGN)
    except (OSError, ValueError): pass
def spin():
    while True: pass
if sys.stdin.read():
    threading.Thread(target=spin).start()
    spin()
'''
SLEEPER = "import time\\nif sys.stdin.read(): time.sleep(10000)"
pool = LocalPool(2)
limits = Limits(cpu_s=10000, overload_wall_s=50000)
futures = [
    pool.submit(Batch(Program(source=source.encode()), lambda: [Case(b""), Case(b"go on")], check, limits))
    for source in (DEAF, SLEEPER)
]
how = sys.stdin.readline().strip()
if how == "exit":
    sys.exit()
if how == "fork":
    child = os.fork()
    if child == 0:
        time.sleep(1000)
    print(child, flush=True)
try:
    futures[0].result()
finally:
    pool.close()
"""


@contextlib.contextmanager
def owner():
    """A process with a pool at work, as a terminal would start it, and all below it; given once both programs run."""
    command = [sys.executable, "-c", _OWNER]
    pipes = {"stdin": subprocess.PIPE, "stdout": subprocess.PIPE, "stderr": subprocess.PIPE, "text": True}
    with subprocess.Popen(command, **pipes, start_new_session=True) as started:
        below = set()
        try:
            said = [started.stdout.readline() for _ in range(2)]
            if said != ["running\n"] * 2:
                started.kill()  # else its last words would be waited for as long as it lives
            assert said == ["running\n"] * 2, started.stderr.read()
            # The agent; twice a warden, a process that forks, the one that it has forked, and a program.
            while len(below := processes.descendants(started.pid)) < 9:
                assert started.poll() is None
            yield started, below
        finally:
            started.kill()


def end(how):
    """One owner from start to end. Returns its status, its last words, and who was left of those it had started."""
    with owner() as (started, below):
        watch = processes.watch(below)
        if isinstance(how, str):
            started.stdin.write(how + "\n")
            started.stdin.flush()
        elif how is signal.SIGINT:
            started.stdin.write("wait\n")
            started.stdin.flush()
            os.killpg(started.pid, how)  # Ctrl-C reaches the whole foreground group
        else:
            os.kill(started.pid, how)
        status = started.wait(LONG_S)
        return status, started.stderr.read(), watch.left()


@pytest.mark.parametrize(
    ("how", "expected"),
    [
        (signal.SIGKILL, -signal.SIGKILL),
        (signal.SIGTERM, -signal.SIGTERM),
        (signal.SIGINT, -signal.SIGINT),
        ("exit", 0),
    ],
    ids=["SIGKILL", "SIGTERM", "Ctrl-C", "exit without closing"],
)
def test_nothing_is_left_of_a_pool_whose_process_ends(how, expected):
    left_lying = []
    for _ in range(3):  # other programs of this machine may leave files meanwhile, but not each time
        before = processes.litter()
        with processes.orphans() as orphans:
            status, words, left = end(how)
        assert status == expected, words
        assert left == set()
        assert orphans == set()
        assert "Exception ignored" not in words
        left_lying.append(processes.litter() - before)
        if not left_lying[-1]:
            return
    pytest.fail(f"left lying about: {left_lying}")


def test_a_forked_child_that_lives_on_does_not_keep_the_agent_alive():
    """It has a copy of all that the pool had open, the agent's control socket too."""
    with processes.orphans() as orphans, owner() as (started, below):
        started.stdin.write("fork\n")
        started.stdin.flush()
        child = int(started.stdout.readline())
        try:
            watch = processes.watch(below)
            os.kill(started.pid, signal.SIGKILL)
            assert not watch.left()
        finally:
            os.kill(child, signal.SIGKILL)
    assert orphans == set()


def test_a_killed_agent_takes_its_programs_with_it():
    with processes.orphans() as orphans, owner() as (started, below):
        (agent,) = [pid for pid in processes.children(started.pid) if pid in below]
        watch = processes.watch(below)
        os.kill(agent, signal.SIGKILL)
        assert not watch.left()
    assert orphans == set()


def test_a_killed_warden_takes_its_program_with_it():
    with processes.orphans() as orphans, owner() as (started, _):
        (agent,) = processes.children(started.pid)
        for warden in processes.children(agent):
            watch = processes.watch(processes.descendants(warden))
            os.kill(warden, signal.SIGKILL)
            assert not watch.left()
    assert orphans == set()


def test_a_machine_without_a_required_property_is_refused():
    with processes.orphans() as orphans:
        with pytest.raises(SandboxUnusable, match=r"cannot jail programs safely: .*no_network"):
            AgentProcess(["--without", "seccomp"])
        pool = LocalPool(1, start=lambda: AgentProcess(["--without", "seccomp"]))
        future = pool.submit(Batch(Program(source=b""), lambda: [Case(b"")], None))
        with pytest.raises(SandboxUnusable):
            future.result(LONG_S)
        pool.close()
    assert orphans == set()


def test_a_profile_does_without_one_property_and_no_other():
    with processes.orphans() as orphans:
        agent = AgentProcess(["--profile", "gvisor"])
        assert "no_foreign_memory" in agent.hello["properties"], "what can be had is had"
        agent.close()
        with pytest.raises(SandboxUnusable, match="no_exec") as caught:
            AgentProcess(["--profile", "gvisor", "--without", "seccomp,landlock,dumpable"])
        assert "no_foreign_memory" not in str(caught.value)
    assert orphans == set()


# In a process of its own: whatever else lives in the tests' process makes objects, too.
_LONG_LIFE = """
import contextlib
from lcb_ray.local import LocalPool
from tests import leaks
with contextlib.closing(LocalPool(2)) as pool:
    leaks.execute(pool, 200)
    before = leaks.held(pool)
    leaks.execute(pool, 500)
    print(leaks.grown(before, leaks.held(pool)))
"""


def test_a_long_life_grows_nothing():
    """A few hundred executions; `python -m tests.leaks` runs as many thousands as it is told."""
    done = subprocess.run(
        [sys.executable, "-c", _LONG_LIFE],
        cwd=Path(__file__).parents[2],
        capture_output=True,
        text=True,
        timeout=5 * LONG_S,
        check=False,
    )
    assert (done.stdout, done.stderr) == ("[]\n", "")
