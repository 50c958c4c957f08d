"""What containers cost: CPU seconds for each submission, beside the same agent as a process of this machine.

    uv run python benchmarks/docker_cost.py [--rounds 6] [--submissions 100] [--core 0]

Stored answers of the bundled dataset are judged in turns by a `local` pool and a `docker` pool, one slot each, all on
one core. Counted is the CPU time of this process, of the agents and all below them, and of what the engine has in front
of its container (the shim); the engine itself has no part in a submission. The programs are the same, so the difference
is the container's. As root, since the container's processes are moved to the core.
"""

from __future__ import annotations

import argparse
import os
import statistics
import subprocess
import time
from collections.abc import Iterable, Iterator
from contextlib import closing, contextmanager
from itertools import cycle, islice
from pathlib import Path

from gateway_cost import quick_ones, shown

from lcb_ray.docker_pool.pool import DockerPool
from lcb_ray.local import LocalPool
from lcb_ray.pool import Pool
from livecodebench.dataset.opening import open_dataset
from livecodebench.judging.judge import Judge
from livecodebench.judging.sandbox_settings import docker_settings
from livecodebench.submission import Submission


def cpu_seconds(roots: Iterable[int]) -> float:
    """Of processes and their descendants, with those of theirs that were waited for."""
    found, edge = set[int](), set(roots)
    fields = {int(entry.name): fields_of(entry) for entry in Path("/proc").iterdir() if entry.name.isdigit()}
    while edge:
        found |= edge
        edge = {pid for pid, words in fields.items() if words and int(words[1]) in edge} - found
    return sum(sum(map(int, fields[pid][11:15])) for pid in found if fields.get(pid)) / os.sysconf("SC_CLK_TCK")


def fields_of(entry: Path) -> list[str]:
    """A process's figures, from its state on; empty where it has ended."""
    try:
        return (entry / "stat").read_text().rpartition(")")[2].split()
    except OSError:
        return []


def shim_of(pool: DockerPool, core: int) -> int:
    """The process in front of the pool's one container, moved to the core with all below it."""
    pool.info()
    [agent] = pool.agents()
    command = ["docker", "inspect", "--format", "{{.State.Pid}}", agent.name]  # type: ignore[attr-defined]
    first = int(subprocess.run(command, capture_output=True, text=True, check=True).stdout)
    below = {first}
    for entry in sorted(Path("/proc").iterdir()):
        if entry.name.isdigit() and (words := fields_of(entry)) and int(words[1]) in below:
            below.add(int(entry.name))
    for pid in below:
        os.sched_setaffinity(pid, {core})
    return int(fields_of(Path("/proc", str(first)))[1])


@contextmanager
def spending(spent: list[float], roots: list[int]) -> Iterator[None]:
    """Add what a block took."""
    before = cpu_seconds(roots)
    yield
    spent.append(cpu_seconds(roots) - before)


def judged(pool: Pool, submissions: list[Submission]) -> None:
    """Judge all."""
    judge = Judge(pool, open_dataset("mini"))
    for future in [judge.submit(submission) for submission in submissions]:
        assert future.result().error is None


def main() -> None:
    """Measure in turns."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--rounds", type=int, default=6)
    parser.add_argument("--submissions", type=int, default=100)
    parser.add_argument("--core", type=int, default=0)
    options = parser.parse_args()
    os.sched_setaffinity(0, {options.core})
    submissions = list(islice(cycle(quick_ones()), options.submissions))
    local, docker = list[float](), list[float]()
    with (
        closing(LocalPool(1)) as without,
        closing(DockerPool(1, pool_size=1, settings=docker_settings())) as pool,
    ):
        roots = [os.getpid(), shim_of(pool, options.core)]
        for one in (without, pool):  # imports, connections, tests
            judged(one, submissions)
        for _ in range(options.rounds):
            with spending(local, roots):
                judged(without, submissions)
            with spending(docker, roots):
                judged(pool, submissions)
        idle: list[float] = []
        with spending(idle, roots):
            time.sleep(5)
    each = {name: [one / options.submissions for one in took] for name, took in (("local", local), ("docker", docker))}
    for name, found in each.items():
        print(f"{name}: median {1000 * statistics.median(found):.2f} ms a submission; rounds {shown(found)}")
    added = [two - one for one, two in zip(each["local"], each["docker"], strict=True)]
    print(f"added: median {1000 * statistics.median(added):.2f} ms; rounds {shown(added)}")
    print(f"idle: {1000 * idle[0] / 5:.2f} ms of CPU a second")


if __name__ == "__main__":
    main()
