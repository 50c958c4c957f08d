"""A busy machine is no reason to call a program slow: the CPU time it had counts, not the time it waited for it."""

from __future__ import annotations

import contextlib
import os
import subprocess
import sys

import pytest

from lcb_ray.agent import clocks
from lcb_ray.agent.protocol import Limits, Outcome, Program
from lcb_ray.batch import Batch, Case
from lcb_ray.local import LocalPool
from tests.processes import LONG_S

pytestmark = pytest.mark.jail

BURNERS_PER_CORE = 4
CPU_S = 0.3  # what the program takes by itself, and
LIMIT_S = 0.45  # its limit: less than the wall time that it takes among so many


class Seen:
    passed = True

    def __init__(self, result, case):
        self.result = result


@contextlib.contextmanager
def busy():
    """Every core with work for several, each in a session of its own: the scheduler shares by sessions."""
    source = "import sys\nprint(1, flush=True)\nwhile True: pass"
    with contextlib.ExitStack() as stack:
        for _ in range(BURNERS_PER_CORE * len(os.sched_getaffinity(0))):
            burner = subprocess.Popen([sys.executable, "-c", source], stdout=subprocess.PIPE, start_new_session=True)
            stack.enter_context(burner)
            stack.callback(burner.kill)
            assert burner.stdout.readline() == b"1\n"
        yield


@pytest.mark.skipif(not clocks.tells_waiting(), reason="this kernel does not tell waiting from sleeping")
def test_waiting_for_a_processor_is_not_held_against_a_program():
    source = f"import time\nwhile time.process_time() < {CPU_S}: pass\nprint('done')"
    with contextlib.closing(LocalPool(2)) as pool:
        pool.info()
        with busy():
            cases = [Case(b"")] * 2
            limits = Limits(cpu_s=LIMIT_S)
            batches = [Batch(Program(source=source.encode()), lambda: cases, Seen, limits) for _ in range(2)]
            futures = [pool.submit(batch) for batch in batches]
            results = [seen.result for future in futures for seen in future.result(LONG_S).checked]
    assert [(result.outcome, result.stdout) for result in results] == [(Outcome.EXITED, b"done\n")] * 4
    assert any(result.usage.wall_s > LIMIT_S * 1.1 + 0.2 for result in results), "the machine was not busy enough"
    assert all(result.usage.wall_s - result.usage.wait_s < LIMIT_S * 1.1 + 0.2 for result in results)
