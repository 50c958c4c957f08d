"""Executions whose ends could be misread: one that nobody looks at in time, one that was killed from outside."""

from __future__ import annotations

import subprocess
import sys

import pytest

from lcb_ray.agent.clocks import tells_waiting
from lcb_ray.agent.protocol import Limits
from tests.processes import LONG_S

# In a process of its own, with one thread: it forks.
_BEGIN = """
import os, signal, sys, time
from typing import cast
from lcb_ray.agent import kernel
from lcb_ray.agent.execution import Cell, Execution, SandboxFault
from lcb_ray.agent.jail import Descriptors, Jail
from lcb_ray.agent.protocol import Limits

cell = Cell.make(cast(Jail, None), 0)
files = Descriptors(*(os.memfd_create("file", os.MFD_CLOEXEC) for _ in range(4)))
"""
_LATE = """
pid = kernel.fork()
if pid == 0:
    os.eventfd_write(cell.gate, 1)
    os._exit(0)
long_ago = time.monotonic() - float(sys.argv[1])
execution = Execution(cell, Limits(cpu_s=1.0), files, pid, start=long_ago, index=0)
os.waitid(os.P_PID, pid, os.WEXITED | os.WNOWAIT)
execution.look()
assert execution.ended()
print(execution.finish().result.outcome.value)
"""
_KILLED = """
pid = kernel.fork()
if pid == 0:
    os.eventfd_write(cell.gate, 1)
    os.kill(os.getpid(), signal.SIGKILL)
execution = Execution(cell, Limits(), files, pid, start=time.monotonic(), index=int(sys.argv[1]))
os.waitid(os.P_PID, pid, os.WEXITED | os.WNOWAIT)
try:
    print(execution.finish().result.outcome.value)
except SandboxFault as fault:
    print(fault.code)
"""


def run(script, argument):
    done = subprocess.run(
        [sys.executable, "-c", _BEGIN + script, str(argument)],
        capture_output=True,
        text=True,
        timeout=LONG_S,
        check=False,
    )
    assert done.stderr == ""
    return done.stdout.strip()


@pytest.mark.parametrize("late_s", [0.0, 2.0, 20.0])
def test_a_program_that_has_ended_is_not_called_too_slow(late_s):
    if not tells_waiting():
        pytest.skip("this kernel does not tell how long a process has waited for a CPU")
    assert Limits().overload_wall_s > late_s
    assert run(_LATE, late_s) == "exited"


@pytest.mark.parametrize(("index", "told"), [(0, "signal"), (-1, "internal")])
def test_a_program_can_kill_itself_but_not_what_compiles_it(index, told):
    assert run(_KILLED, index) == told
