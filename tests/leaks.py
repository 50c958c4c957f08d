"""What a pool holds, before and after many executions: processes, descriptors, sockets and memory must be the same.

uv run python -m tests.leaks [--executions 20000]
"""

from __future__ import annotations

import argparse
import ctypes
import gc
import os
import sys
import time
from contextlib import closing
from pathlib import Path

from lcb_ray.agent.protocol import ExecutionResult, Limits, Program
from lcb_ray.agent_client import CancelSignal, Connection
from lcb_ray.batch import Batch, Case
from lcb_ray.local import LocalPool
from tests import processes
from tests.processes import LONG_S

EACH = 20  # executions of a submission
# Before the first look: every program's every path has been taken, and the allocator has grown to what it needs.
WARM_UP = 10_000
LOOKS = 10  # on the way, so that a leak can be told from what comes and goes
# Ends of every kind: right, an exception, a limit on output or memory, a signal, with threads, with files open.
PROGRAMS = tuple(
    Program(source=source)
    for source in (
        b"print(input())",
        b"raise ValueError",
        b"print('x' * 100_000)",
        b"bytearray(10**10)",
        b"import os\nos.kill(os.getpid(), 11)",
        b"import threading\nfor _ in range(5): threading.Thread(target=print).start()",
        b"import os, socket\npairs = [socket.socketpair() for _ in range(9)] + [os.pipe()]\nos._exit(3)",
        b"print(len(input()), file=sys.stderr)",
    )
)
LIMITS = Limits(output_bytes=50_000, cpu_s=20.0)


class Seen:
    """A verdict that keeps nothing."""

    passed = True

    def __init__(self, result: ExecutionResult, case: Case) -> None:
        pass


def execute(pool: LocalPool, executions: int) -> None:
    """Run so many, a few submissions at a time; one submission in ten does not compile, one in ten is cancelled."""
    cases = [Case(b"1" * 1000 + b"\n")] * EACH
    done, number = 0, 0
    while done < executions:
        futures = []
        for _ in range(8):
            program = PROGRAMS[number % len(PROGRAMS)] if number % 10 else Program(source=b"not Python")
            futures.append(pool.submit(Batch(program, lambda: cases, Seen, LIMITS)))
            done += len(cases) if number % 10 else 1
            number += 1
        pool.submit(Batch(PROGRAMS[0], lambda: cases, Seen, LIMITS)).cancel()
        for future in futures:
            assert future.result(4 * LONG_S).attempts == 1


def held(pool: LocalPool) -> dict[str, int]:
    """What an idle agent and this process hold.

    Wardens are looked at first, and then ended: how many of them wait for work is chance. So is how much of what this
    process has freed the C library keeps for later, more than what a leak of a few bytes an execution would come to:
    that is given back.
    """
    gc.collect()
    ctypes.CDLL(None).malloc_trim(0)
    [one] = pool.agents()
    agent: int = one.pid  # type: ignore[attr-defined]
    assert processes.idle(agent)
    looks = []
    for _ in range(20):  # nothing tells when one has closed the last of what it had open for its client
        looks.append(max(map(processes.descriptors, processes.children(agent))))
        time.sleep(0.01)
    with closing(CancelSignal()) as never, Connection(one.connect(), never) as connection:
        connection.reset()
    assert processes.idle(agent)
    assert not processes.watch(processes.descendants(agent)).left()
    return {
        "warden: descriptors": min(looks),
        "processes": len(processes.descendants(os.getpid())),
        "agent: descriptors": processes.descriptors(agent),
        "agent: sockets": _sockets(agent),
        "agent: memory": processes.own_bytes(agent),
        "client: descriptors": processes.descriptors(os.getpid()),
        "client: sockets": _sockets(os.getpid()),
        "client: memory": processes.own_bytes(os.getpid()),
        "client: objects": len(gc.get_objects()),
    }


def _sockets(pid: int) -> int:
    links = [str(path.readlink()) for path in Path(f"/proc/{pid}/fd").iterdir() if path.is_symlink()]
    return sum(link.startswith("socket:") for link in links)


def grown(before: dict[str, int], after: dict[str, int]) -> list[str]:
    """What is more than it was; of memory, by more than 5 %."""
    room = {name: 1.05 if "memory" in name else 1.0 for name in before}
    return [f"{name}: {before[name]}, then {after[name]}" for name in before if after[name] > before[name] * room[name]]


def main() -> None:
    """Run many, and say what came of it."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--executions", type=int, default=20_000)
    executions = parser.parse_args().executions
    with closing(LocalPool(2)) as pool:
        execute(pool, WARM_UP)
        seen, start = [held(pool)], time.monotonic()
        for _ in range(LOOKS):
            execute(pool, executions // LOOKS)
            seen.append(held(pool))
        took = time.monotonic() - start
    before, after = seen[0], seen[-1]
    shares = " | ".join(f"{part}/{LOOKS}" for part in range(1, LOOKS + 1))
    sys.stdout.write(f"{executions} executions in {took:.0f} s, after {WARM_UP} to warm up\n\n")
    sys.stdout.write(f"|  | before | {shares} |\n|{'---|' * (LOOKS + 2)}\n")
    for name in before:
        sys.stdout.write(f"| {name} | {' | '.join(f'{one[name]:,}' for one in seen)} |\n")
    if left := processes.descendants(os.getpid()):
        raise SystemExit(f"processes are left after the pool was closed: {left}")
    if more := grown(before, after):
        raise SystemExit("grown: " + "; ".join(more))


if __name__ == "__main__":
    main()
