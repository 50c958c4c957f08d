"""Nothing passes from one execution to another, and nothing is left of one."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from lcb_ray.agent.protocol import Limits, Outcome
from lcb_ray.batch import Batch, Case
from tests import processes
from tests.contract.conftest import see
from tests.memory_scan import SCAN, plus_one
from tests.processes import LONG_S

pytestmark = pytest.mark.usefixtures("runs_programs")


def test_the_next_input_is_not_in_memory(run, programs):
    secrets = [os.urandom(12).hex().encode() for _ in range(3)]
    # Each looks for the word of the next: the input that holds it has reached the agent by then.
    following = [secrets[1], secrets[2], secrets[0]]
    inputs = [plus_one(word).hex().encode() + b"\n" + own for word, own in zip(following, secrets, strict=True)]
    done = run.batch(programs.add(SCAN), inputs, limits=Limits(cpu_s=30))
    said = [(seen.result.stdout, seen.result.stderr) for seen in done.checked]
    assert said == [(b"True 0\n", b"")] * 3  # it finds what it planted, and nothing of the others


def test_what_was_judged_before_is_not_in_memory(run, programs):
    """Nor in what it was forked from: neither the source of the program before, nor its input."""
    word = os.urandom(12).hex()
    before = run.batch(programs.add(f"word = '{word}'\nprint(word == input())"), [word.encode()] * 3)
    assert {seen.result.stdout for seen in before.checked} == {b"True\n"}
    done = run.batch(programs.add(SCAN), [plus_one(word.encode()).hex().encode()] * 2, limits=Limits(cpu_s=30))
    assert [(seen.result.stdout, seen.result.stderr) for seen in done.checked] == [(b"True 0\n", b"")] * 2


STATE = """
import builtins, json, random, sys
print(getattr(builtins, "mark", None), getattr(json, "mark", None), getattr(sys, "mark", None), "mark" in globals(),
      len(sys.modules) == sys.modules.get("count", len(sys.modules)))
builtins.mark = json.mark = sys.mark = mark = 1
random.seed(5)
sys.setrecursionlimit(100)
sys.stdout.flush()
"""


def test_what_a_program_changes_is_gone_with_it(run, programs):
    done = run.batch(programs.add(STATE), [b""] * 3)
    assert {seen.result.stdout for seen in done.checked} == {b"None None None False True\n"}
    again = run.batch(programs.add("print(sys.getrecursionlimit(), 'mark' in dir(json))"), [b""])
    assert again.checked[0].result.stdout == b"50000 False\n"


LOOK = """
import os
near = range(os.getpid() - 200, os.getpid() + 50)
for pid in {os.getppid(), os.getpid(), 1, *near}:
    for name in ("mem", "maps", "environ", "cmdline", "status", "fd"):
        path = f"/proc/{pid}/{name}"
        try:
            print(path, os.listdir(path) if name == "fd" else open(path, "rb").read(1))
        except OSError:
            pass
print("done")
"""


def test_other_processes_cannot_be_read(run, programs):
    """Nor its own entry: descriptors could be opened anew by that way."""
    assert run.one(programs.add(LOOK)).stdout == b"done\n"


DESCRIPTORS = """
import os
found = []
for number in range(0, 1024):
    try:
        os.fstat(number)
        found.append(number)
    except OSError:
        pass
print(found)
"""


def test_nothing_is_inherited_but_four_files(run, programs):
    assert run.one(programs.add(DESCRIPTORS)).stdout == b"[0, 1, 2, 3]\n"


FOLDERS = ["/tmp", "/var/tmp", "/dev/shm", "/dev/mqueue", "/run", "/root", "/home", "/etc", "/usr/lib", "/", "."]
WRITE = f"""
import os, sys
name, made = input(), []
for folder in {FOLDERS} + ["/proc/self", os.path.dirname(os.__file__), os.path.dirname(sys.executable)]:
    path = folder + "/" + name
    for action in (
        lambda: open(path, "w"),
        lambda: os.mkdir(path),
        lambda: os.symlink("/", path),
        lambda: os.mkfifo(path),
        lambda: os.link(os.__file__, path),
    ):
        try:
            action()
            made.append(path)
        except OSError:
            pass
print(made)
"""


def test_no_file_can_be_left_anywhere(run, programs):
    name = f"left-{os.getpid()}-{os.urandom(4).hex()}"
    assert run.one(programs.add(WRITE), name.encode()).stdout == b"[]\n"
    for folder in (
        "/tmp",
        "/var/tmp",
        "/dev/shm",
        "/dev/mqueue",
        "/run",
        "/root",
        "/home",
        "/etc",
        "/usr/lib",
        "/",
        ".",
    ):
        assert not Path(folder, name).exists()


THREADS = """
import os, threading, time
for _ in range(20):
    threading.Thread(target=time.sleep, args=(1000,), daemon=True).start()
for attempt in (os.fork, os.forkpty, lambda: os.posix_spawn("/bin/true", ["true"], {}), os.setsid):
    try:
        if attempt() == 0:
            time.sleep(1000)
        print("got away")
    except OSError:
        pass
print(input())
"""


def test_no_process_is_left(fresh, host, programs):
    pool = fresh(2)
    program = programs.add(THREADS)
    futures = [pool.submit(Batch(program, lambda: [Case(b"x", b"x\n")] * 3, see)) for _ in range(4)]
    assert all(seen.passed for future in futures for seen in future.result(LONG_S).checked)
    assert processes.idle(host(pool).agent)


def test_a_stopped_program_leaves_no_process(fresh, host, programs):
    pool = fresh(1)
    assert pool.submit(Batch(programs.add("pass"), lambda: [Case(b"")], see)).result(LONG_S)
    agent = host(pool).agent
    program = programs.add("while True: pass")
    batch = Batch(program, lambda: [Case(b"")], see, Limits(cpu_s=300))
    future = pool.submit(batch)
    while not (running := processes.programs(agent)):
        assert not future.done()
    ended = processes.watch(running)
    assert future.cancel()
    assert not ended.left()


def test_a_closed_pool_leaves_no_process(fresh, host, programs):
    pool = fresh(2)
    futures = [pool.submit(Batch(programs.add("while True: pass"), lambda: [Case(b"")], see, Limits(cpu_s=300)))] * 2
    pool.info()
    agent = host(pool).agent
    while len(below := processes.descendants(agent)) < 2:
        assert not futures[0].done()
    ended = processes.watch({agent, *below})
    pool.close()
    assert not ended.left()


def test_outcomes_do_not_depend_on_the_neighbour(run, programs):
    """Two slots, one of them computing to its limit: the other's short sleep and small output are what they are."""
    busy = run.pool.submit(Batch(programs.add("while True: pass"), lambda: [Case(b"")], see, Limits(cpu_s=0.5)))
    quiet = run.one(programs.add("import time\ntime.sleep(0.05)\nprint(1)"), limits=Limits(cpu_s=1))
    assert (quiet.outcome, quiet.stdout) == (Outcome.EXITED, b"1\n")
    assert busy.result(LONG_S).checked[0].result.outcome is Outcome.CPU_LIMIT
