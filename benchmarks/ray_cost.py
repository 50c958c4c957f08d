"""What Ray costs: CPU seconds for each submission, beside the same sandbox without it.

    uv run python benchmarks/ray_cost.py [--rounds 4] [--submissions 100] [--core 0]

Stored answers of the bundled dataset are judged in turns by a `local` pool and a `ray` pool, one slot each, everything
on one core. Counted is the CPU time of this process and all below it: Ray's own processes, the pool's actors, agents,
programs. The programs are the same, so the difference is Ray's. Ray's processes also do a little all the time,
whatever is asked of them: that is measured with nothing to do, and told apart.
"""

from __future__ import annotations

import argparse
import os
import statistics
import time
from collections.abc import Iterator
from contextlib import closing, contextmanager
from itertools import cycle, islice
from pathlib import Path

from gateway_cost import CODE, NAME, quick_ones, shown

from lcb_ray.local import LocalPool
from lcb_ray.pool import Pool
from lcb_ray.ray_pool.driver import RayPool
from livecodebench.dataset.opening import open_dataset
from livecodebench.judging.judge import Judge
from livecodebench.submission import Submission

IDLE_S = 10.0


class Spent:
    """What a block took.

    Attributes:
        cpu_s: Of this process and all below it, those that have ended included.
        wall_s: By the clock.
    """

    cpu_s = wall_s = 0.0


@contextmanager
def spending() -> Iterator[Spent]:
    spent, began, before = Spent(), time.monotonic(), cpu_seconds()
    yield spent
    spent.cpu_s, spent.wall_s = cpu_seconds() - before, time.monotonic() - began


def cpu_seconds() -> float:
    """Of this process and its descendants, with those of theirs that were waited for."""
    pids = (int(entry.name) for entry in Path("/proc").iterdir() if entry.name.isdigit())
    fields = {pid: found for pid in pids if (found := stat(pid))}
    ours, edge = set[int](), {os.getpid()}
    while edge:
        ours |= edge
        edge = {pid for pid, found in fields.items() if int(found[1]) in edge} - ours
    return sum(sum(map(int, fields[pid][11:15])) for pid in ours) / os.sysconf("SC_CLK_TCK")


def stat(pid: int) -> list[str]:
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    except OSError:
        return []


def judged(pool: Pool, submissions: list[Submission]) -> Spent:
    judge = Judge(pool, open_dataset("mini"))
    with spending() as spent:
        for future in [judge.submit(submission) for submission in submissions]:
            assert future.result().error is None
    return spent


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("--rounds", type=int, default=4)
    parser.add_argument("--submissions", type=int, default=100)
    parser.add_argument("--core", type=int, default=0)
    options = parser.parse_args()
    os.sched_setaffinity(0, {options.core})
    submissions = list(islice(cycle(quick_ones()), options.submissions))
    local, ray = list[Spent](), list[Spent]()
    with (
        closing(LocalPool(1)) as without,
        closing(RayPool(1, pool_size=1, name=NAME, code=CODE, address="local")) as pool,
    ):
        for one in (without, pool):  # imports, connections, tests
            judged(one, submissions)
        with spending() as idle:
            time.sleep(IDLE_S)
        for _ in range(options.rounds):
            local.append(judged(without, submissions))
            ray.append(judged(pool, submissions))
    each = options.submissions
    rate = idle.cpu_s / idle.wall_s
    costs = {
        "local": [one.cpu_s / each for one in local],
        "ray": [one.cpu_s / each for one in ray],
        "ray without what it does idle": [(one.cpu_s - rate * one.wall_s) / each for one in ray],
    }
    for name, found in costs.items():
        print(f"{name}: median {1000 * statistics.median(found):.2f} ms a submission; rounds {shown(found)}")
    base, *others = (statistics.median(found) for found in costs.values())
    print(f"added: {1000 * (others[0] - base):.2f} ms, of it {1000 * (others[0] - others[1]):.2f} ms idle work")
    print(f"idle: {1000 * rate:.1f} ms of CPU a second")


if __name__ == "__main__":
    main()
