"""Do verdicts stay what they are on a busy machine? Programs at half and at twice their limit, many times over.

    uv run python benchmarks/stable_verdicts.py [--runs 200] [--long-runs 20] [--only 1x,2x,4x,quota,memory,container]

Each condition runs on a local pool of as many slots as cores, beside as many endless programs as it takes; `quota` puts
the whole pool under a quarter of one core, by a cgroup (root); `container` is `memory` in one container of the docker
backend, which must be the same at the end. A verdict that is not the one due is a failure, whose cause is to be found;
an error of the infrastructure is none, and is counted. Takes half an hour on a quiet machine.
"""

from __future__ import annotations

import argparse
import contextlib
import os
import signal
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Callable, Iterator
from concurrent.futures import Future
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path

from lcb_ray.agent.protocol import ExecutionResult, Limits, Outcome, Program
from lcb_ray.batch import Batch, BatchResult, Case
from lcb_ray.errors import SandboxError
from lcb_ray.local import LocalPool
from lcb_ray.pool import Pool

_CORES = len(os.sched_getaffinity(0))
_SPIN = "import time\nwhile time.process_time() < {seconds}: pass\nprint('done')"
_FILL = "data = bytearray({size})\ndata[::4096] = bytes(len(range(0, {size}, 4096)))\nprint('done')"
_MEMORY = 200_000_000
_QUOTA = 0.25


@dataclass(frozen=True, slots=True)
class Task:
    """A program, what it is due, and how often it is run."""

    name: str
    source: str
    limits: Limits
    due: Outcome
    runs: int


class Seen:
    """A verdict that keeps the execution."""

    passed = True

    def __init__(self, result: ExecutionResult, case: Case) -> None:
        self.result = result


def tasks_of_time(runs: int, long_runs: int) -> list[Task]:
    """At a short limit, where noise is largest beside it, and at the usual one."""
    return [
        Task(f"{factor} x {limit} s", _SPIN.format(seconds=factor * limit), Limits(cpu_s=limit), due, count)
        for limit, count in ((0.5, runs), (6.0, long_runs))
        for factor, due in ((0.5, Outcome.EXITED), (2.0, Outcome.CPU_LIMIT))
        if count
    ]


def tasks_of_memory(runs: int) -> list[Task]:
    """Below and above the limit."""
    return [
        Task(
            f"{factor} x {_MEMORY // 10**6} MB",
            _FILL.format(size=int(factor * _MEMORY)),
            Limits(memory_bytes=_MEMORY),
            due,
            runs,
        )
        for factor, due in ((0.8, Outcome.EXITED), (1.2, Outcome.MEMORY_LIMIT))
    ]


@contextlib.contextmanager
def burners(count: int) -> Iterator[None]:
    """Endless programs, each in a session of its own: the scheduler shares by sessions."""
    running = [
        subprocess.Popen([sys.executable, "-S", "-c", "while True: pass"], start_new_session=True) for _ in range(count)
    ]
    try:
        yield
    finally:
        for one in running:
            one.kill()
            one.wait()


@contextlib.contextmanager
def quota() -> Iterator[None]:
    """This process and all that it starts, under a quarter of a core."""
    old, new = Path("/sys/fs/cgroup/cpu"), Path("/sys/fs/cgroup")
    folder = (old if old.is_dir() else new) / f"stable-verdicts-{os.getpid()}"
    home = next(line.split(":") for line in Path("/proc/self/cgroup").read_text().splitlines() if _governs(line))[2]
    root = old if old.is_dir() else new
    folder.mkdir()
    try:
        if old.is_dir():
            (folder / "cpu.cfs_period_us").write_text("100000")
            (folder / "cpu.cfs_quota_us").write_text(str(int(_QUOTA * 100_000)))
        else:
            (folder / "cpu.max").write_text(f"{int(_QUOTA * 100_000)} 100000")
        (folder / "cgroup.procs").write_text(str(os.getpid()))
        try:
            yield
        finally:
            (root / home.lstrip("/") / "cgroup.procs").write_text(str(os.getpid()))
    finally:
        end = time.monotonic() + 10
        while time.monotonic() < end:
            try:
                folder.rmdir()
                break
            except OSError:  # the last of its processes is on its way out
                time.sleep(0.1)


def _governs(line: str) -> bool:
    _, controllers, _ = line.split(":", 2)
    return controllers == "" or "cpu" in controllers.split(",")


def in_a_container(tasks: list[Task]) -> int:
    """As `run`, in one container. Returns how many verdicts were wrong, and one more where it was replaced."""
    from lcb_ray.docker_pool.pool import DockerPool
    from livecodebench.judging.sandbox_settings import docker_settings

    pool = DockerPool(_CORES, pool_size=1, settings=docker_settings())
    pool.info()
    [before] = pool.agents()

    def lost() -> int:
        return int(pool.agents() != [before] or not before.alive())

    return run("memory, 4x, in a container", tasks, pool, lost)


def run(condition: str, tasks: list[Task], pool: Pool | None = None, lost: Callable[[], int] = lambda: 0) -> int:
    """Run each task as often as it says, on all slots; print a line for each. Returns how many verdicts were wrong."""
    wrong = 0
    with closing(pool or LocalPool(_CORES)) as pool:
        for task in tasks:
            start = time.monotonic()
            program = Program(source=task.source.encode())
            batch = Batch(program, lambda: [Case(b"")], Seen, task.limits)
            futures: list[Future[BatchResult[Seen]]] = [pool.submit(batch) for _ in range(task.runs)]
            outcomes: Counter[str] = Counter()
            walls = []
            for future in futures:
                try:
                    result = future.result().checked[0].result
                except SandboxError as error:
                    outcomes[type(error).__name__] += 1
                    continue
                outcomes[result.outcome] += 1
                walls.append(result.usage.wall_s)
            bad = sum(count for name, count in outcomes.items() if name in set(Outcome) - {task.due})
            wrong += bad
            said = ", ".join(f"{count} {name}" for name, count in outcomes.most_common())
            longest = f"{max(walls):.2f}" if walls else "-"
            print(
                f"| {condition} | {task.name} | {task.runs} | {said} | {bad} | {longest} "
                f"| {time.monotonic() - start:.0f} |",
                flush=True,
            )
        return wrong + lost()


def main() -> None:
    """Run all conditions, or those asked for."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--runs", type=int, default=200)
    parser.add_argument("--long-runs", type=int, default=20)
    parser.add_argument("--only", default="1x,2x,4x,quota,memory,container")
    options = parser.parse_args()
    asked = options.only.split(",")
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))
    tasks, wrong = tasks_of_time(options.runs, options.long_runs), 0
    print(f"{_CORES} cores; load before: {os.getloadavg()[0]:.1f}")
    print("| condition | task | runs | outcomes | wrong | longest wall, s | took, s |\n|---|---|---|---|---|---|---|")
    for factor in (1, 2, 4):
        if f"{factor}x" in asked:
            with burners((factor - 1) * _CORES):
                wrong += run(f"{factor}x", tasks)
    if "quota" in asked:
        with quota():
            wrong += run(f"quota {_QUOTA:.0%}", tasks)
    if "memory" in asked:
        with burners(3 * _CORES):
            wrong += run("memory, 4x", tasks_of_memory(options.runs))
    if "container" in asked:
        with burners(3 * _CORES):
            wrong += in_a_container(tasks_of_memory(options.runs))
    print(f"{wrong} verdicts were not the ones due")
    raise SystemExit(bool(wrong))


if __name__ == "__main__":
    main()
