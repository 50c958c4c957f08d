"""An execution that is watched late: by the time that anybody looks, the program has ended by itself."""

from __future__ import annotations

import subprocess
import sys

import pytest

from lcb_ray.agent.clocks import tells_waiting
from lcb_ray.agent.protocol import Limits
from tests.processes import LONG_S

# In a process of its own, with one thread: it forks.
_SCRIPT = """
import os, sys, time
from typing import cast
from lcb_ray.agent import kernel
from lcb_ray.agent.execution import Cell, Execution
from lcb_ray.agent.jail import Descriptors, Jail
from lcb_ray.agent.protocol import Limits

cell = Cell.make(cast(Jail, None), 0)
files = Descriptors(*(os.memfd_create("file", os.MFD_CLOEXEC) for _ in range(4)))
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


@pytest.mark.parametrize("late_s", [0.0, 2.0, 20.0])
def test_a_program_that_has_ended_is_not_called_too_slow(late_s):
    if not tells_waiting():
        pytest.skip("this kernel does not tell how long a process has waited for a CPU")
    assert Limits().overload_wall_s > late_s
    done = subprocess.run(
        [sys.executable, "-c", _SCRIPT, str(late_s)], capture_output=True, text=True, timeout=LONG_S, check=False
    )
    assert (done.stdout, done.stderr) == ("exited\n", "")
