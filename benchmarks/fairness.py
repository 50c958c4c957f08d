"""How a saturated pool is shared: eight drivers on four slots, two priorities, and a driver that is killed.

    uv run python benchmarks/fairness.py [--seconds 60] [equal | priorities | killed ...]

Half of the drivers are processes, half are Ray actors; each keeps twice as many programs with the pool as it has slots.
The programs sleep, each driver's for a time of its own, so that two cores are enough. What a driver had is what its
programs took, as their sandboxes measured it; not what the pool says of itself.
"""

from __future__ import annotations

import argparse
import json
import subprocess
import sys
import threading
import time
from concurrent.futures import Future
from contextlib import closing
from typing import Any

import ray

from lcb_ray.agent.protocol import ExecutionResult, Program
from lcb_ray.batch import Batch, BatchResult, Case
from lcb_ray.ray_pool.connection import connect, disconnect
from lcb_ray.ray_pool.driver import RayPool
from lcb_ray.rules.events import Priority

NAME = "fairness"
CODE = ("lcb_ray",)
SLOTS = 4
SLEEP = b"import time\ntime.sleep(float(input()))"


class Slept:
    """How long a program slept. Travels by value: the cluster need not have this file."""

    def __init__(self, wall_s: float) -> None:
        self.wall_s = wall_s
        self.passed = True


def slept(result: ExecutionResult, case: Case) -> Slept:
    """The check of a sleeping program."""
    return Slept(result.usage.wall_s)


class Load:
    """A driver that always wants more.

    Args:
        address: Of the cluster.
        priority: What it runs.
        sleep_s: How long each of its programs takes.
    """

    def __init__(self, address: str, priority: str, sleep_s: float) -> None:
        self._pool = RayPool(1, pool_size=SLOTS, name=NAME, address=address, code=CODE, priority=Priority(priority))
        self._sleep_s = sleep_s
        self._ended: list[tuple[float, float]] = []
        self._until = 0.0

    def join(self) -> bool:
        """Be a driver of the pool from here on."""
        self._pool.info()
        return True

    def run(self, seconds: float) -> float:
        """Want more for so long; the slot-seconds that it had of them."""
        began = time.monotonic()
        self._until = began + seconds
        over = threading.Event()
        for _ in range(2 * SLOTS):
            self._submit()
        over.wait(seconds)
        self._pool.close()
        # Of a program that crosses the end, what lies before it counts.
        return sum(wall_s - max(at - self._until, 0.0) for at, wall_s in self._ended if at - wall_s < self._until)

    def _submit(self) -> None:
        case = Case(b"%f\n" % self._sleep_s)
        future = self._pool.submit(Batch(Program(source=SLEEP), lambda: [case], slept))
        future.add_done_callback(self._note)

    def _note(self, future: Future[BatchResult[Slept]]) -> None:
        if future.cancelled() or future.exception() is not None:  # the end came first
            return
        self._ended.append((time.monotonic(), future.result().checked[0].wall_s))
        if time.monotonic() < self._until:
            self._submit()


class Process:
    """A driver in a process of its own; hears "run" on its standard input."""

    def __init__(self, address: str, priority: str, sleep_s: float) -> None:
        command = [sys.executable, __file__, "--load", address, priority, str(sleep_s)]
        self.process = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)

    def joined(self) -> None:
        """Wait until it is a driver of the pool."""
        assert self._word() is True

    def run(self, seconds: float) -> None:
        """Begin."""
        assert self.process.stdin is not None
        self.process.stdin.write(f"{seconds}\n")
        self.process.stdin.flush()

    def had(self) -> float:
        """Its slot-seconds."""
        return float(self._word())

    def _word(self) -> Any:  # noqa: ANN401 - JSON
        assert self.process.stdout is not None
        return json.loads(self.process.stdout.readline())


class Actor:
    """A driver in a Ray actor of the same cluster."""

    def __init__(self, address: str, priority: str, sleep_s: float) -> None:
        made: Any = ray.remote(Load).options(num_cpus=0, max_concurrency=2)
        self._actor = made.remote(address, priority, sleep_s)
        self._joined = self._actor.join.remote()
        self._had: Any = None

    def joined(self) -> None:
        """Wait until it is a driver of the pool."""
        ray.get(self._joined)

    def run(self, seconds: float) -> None:
        """Begin."""
        self._had = self._actor.run.remote(seconds)

    def had(self) -> float:
        """Its slot-seconds."""
        return float(ray.get(self._had))


def measured(drivers: list[Process | Actor], seconds: float) -> list[float]:
    """What each driver had of so many seconds."""
    for driver in drivers:
        driver.joined()
    for driver in drivers:
        driver.run(seconds)
    return [driver.had() for driver in drivers]


def equal(address: str, seconds: float) -> bool:
    """Eight drivers that want all: each within 20 % of the mean."""
    kinds = [Process, Actor] * 4
    drivers = [kind(address, Priority.EVALUATION, 0.2 + 0.1 * number) for number, kind in enumerate(kinds)]
    had = measured(drivers, seconds)
    mean = sum(had) / len(had)
    for number, one in enumerate(had):
        name = kinds[number].__name__.lower()
        print(
            f"  {name:8} programs of {0.2 + 0.1 * number:.1f} s: {one:6.1f} slot-s, {one / mean - 1:+.1%} of the mean"
        )
    print(f"  all: {sum(had):.1f} of {SLOTS * seconds:.0f} slot-seconds")
    return all(abs(one / mean - 1) <= 0.2 for one in had)


def priorities(address: str, seconds: float) -> bool:
    """Evaluation and training, each wanting all: three quarters and one."""
    words = [Priority.EVALUATION, Priority.TRAINING]
    had = measured([Process(address, word, 0.3) for word in words], seconds)
    for word, one in zip(words, had, strict=True):
        print(f"  {word:10}: {one:6.1f} slot-s, {one / sum(had):.1%}")
    return min(had) > 0.15 * sum(had)


def killed(address: str, seconds: float) -> bool:
    """A driver with all slots is killed: how long until they are back."""
    with closing(RayPool(1, pool_size=SLOTS, name=NAME, address=address, code=CODE)) as pool:
        victim = Process(address, Priority.EVALUATION, 30.0)
        victim.joined()
        victim.run(600.0)
        wait_for(lambda: len(pool.status()["leases"]) == SLOTS)
        victim.process.kill()
        at = time.monotonic()
        wait_for(lambda: len(free(pool)) == SLOTS)
        took_s = time.monotonic() - at
    print(f"  {SLOTS} slots are back {took_s:.1f} s after the SIGKILL")
    return took_s <= 15


def free(pool: RayPool) -> list[Any]:
    """The sandboxes on which nothing is lent or dirty."""
    return [one for one in pool.status()["sandboxes"].values() if one["slots"] and not one["taken"]]


def wait_for(seen: Any) -> None:  # noqa: ANN401 - a function
    """Look until it is true."""
    while not seen():
        time.sleep(0.1)


PARTS = {"equal": equal, "priorities": priorities, "killed": killed}


def load(address: str, priority: str, sleep_s: str) -> None:
    """A driver's process."""
    driver = Load(address, priority, float(sleep_s))
    print(json.dumps(driver.join()), flush=True)
    print(json.dumps(driver.run(float(sys.stdin.readline()))), flush=True)


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("parts", nargs="*", metavar="PART", help=", ".join(PARTS))
    parser.add_argument("--seconds", type=float, default=60.0)
    options = parser.parse_args()
    connect("local", code=CODE, cpus=SLOTS)
    ends = []
    try:
        with closing(RayPool(1, pool_size=SLOTS, name=NAME, code=CODE)) as pool:
            wait_for(lambda: len(free(pool)) == SLOTS)
            for part in options.parts or PARTS:
                print(f"{part}: {PARTS[part].__doc__}", flush=True)
                ends.append(PARTS[part](ray.get_runtime_context().gcs_address, options.seconds))
                print("  as promised" if ends[-1] else "  NOT as promised", flush=True)
    finally:
        disconnect()
    return 0 if all(ends) else 1


if __name__ == "__main__":
    if sys.argv[1:2] == ["--load"]:
        load(*sys.argv[2:])
    else:
        sys.exit(main())
