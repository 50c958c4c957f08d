"""A pool of a thousand sandboxes that ten thousand submissions go through.

    uv run python benchmarks/pool_scale.py rules
    uv run python benchmarks/pool_scale.py ray [--sandboxes 1000] [--submissions 10000] [--stretch 15] [--drivers 4]

`rules`: the pool's rules alone, in simulated time: what one grant costs. `ray`: the real pool actor and real drivers on
a Ray of this machine; only the sandboxes are simulated, hundreds to a process: each waits as long as a submission took
when stored answers of several models were judged. This machine runs drivers, pool actor and sandboxes on its few cores,
which is less than what a thousand pods have; so the durations are stretched, and the stretch is part of the result.
"""

from __future__ import annotations

import argparse
import asyncio
import heapq
import itertools
import os
import random
import resource
import statistics
import sys
import time
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import ray

from lcb_ray.agent.protocol import Program
from lcb_ray.batch import Batch, Case
from lcb_ray.code_version import code_version
from lcb_ray.fake import compiled
from lcb_ray.launcher import AgentProcess
from lcb_ray.pool import SandboxInfo
from lcb_ray.ray_pool.connection import connect, disconnect
from lcb_ray.ray_pool.driver import RayPool
from lcb_ray.ray_pool.messages import NAMESPACE, PoolConfig
from lcb_ray.ray_pool.pool_actor import PoolActor
from lcb_ray.ray_pool.room import Room
from lcb_ray.ray_pool.sandboxes import Sandboxes
from lcb_ray.ray_pool.work import SandboxReport, Stage, Work
from lcb_ray.rules import events
from lcb_ray.rules.events import DriverId, LeaseId, SandboxId
from lcb_ray.rules.state import PoolRules, PoolState

NAME = "scale"
CODE = ("lcb_ray",)
# Wall seconds of 1,881 judged submissions, every twentieth of them in order: most are quick or stop early.
TWENTIETHS = (0.007, 0.013, 0.016, 0.019, 0.022, 0.025, 0.029, 0.033, 0.038, 0.044, 0.049, 0.055, 0.063, 0.071, 0.086,
              0.148, 0.779, 0.970, 1.132, 1.412, 9.6)  # fmt: skip


def durations(count: int, *, stretch: float) -> list[float]:
    """Durations as they were recorded, stretched; the same ones each time."""
    chosen = random.Random(0)
    made = []
    for _ in range(count):
        place = chosen.random() * (len(TWENTIETHS) - 1)
        low, high = TWENTIETHS[int(place)], TWENTIETHS[int(place) + 1]
        made.append(stretch * (low + (high - low) * (place % 1)))
    return made


def shown(values: Sequence[float], *, unit: str, by: float = 1.0) -> str:
    """Median and 99th percentile."""
    cuts = statistics.quantiles(values, n=100)
    return f"p50 {by * cuts[49]:.1f} {unit}, p99 {by * cuts[98]:.1f} {unit}"


# The rules alone


def rules(sandboxes: int, submissions: int, drivers: int) -> None:
    """Drive a pool in simulated time; what counts is the CPU time that the rules take."""
    state = PoolState(PoolRules(max_size=sandboxes, queue_limit=submissions), at=0.0)
    clock, took, waits, asked_at = 0.0, list[float](), list[float](), dict[LeaseId, float]()
    ends: list[tuple[float, LeaseId]] = []
    lasts = iter(durations(submissions, stretch=1.0))

    def tell(event: events.Event) -> None:
        began = time.thread_time()  # of CPU: what else the machine does is not the rules' fault
        out = state.handle(event)
        took.append(time.thread_time() - began)
        for word in out:
            if isinstance(word, events.Grant):
                waits.append(clock - asked_at.pop(word.lease))
                heapq.heappush(ends, (clock + next(lasts), word.lease))

    names = [DriverId(f"d{number}") for number in range(drivers)]
    for name in names:
        tell(events.DriverJoined(at=clock, driver=name, pool_size=sandboxes))
    for number, name in zip(range(submissions), itertools.cycle(names), strict=False):
        lease = LeaseId(f"{name}/{number}")
        asked_at[lease] = clock
        tell(events.LeaseAsked(at=clock, lease=lease, driver=name, until=1e9))
    asking = len(took)
    for number in range(1, sandboxes + 1):
        tell(events.SandboxJoined(at=clock, sandbox=SandboxId(number), slots=1))
    while ends:
        clock, lease = heapq.heappop(ends)
        tell(events.LeaseReleased(at=clock, lease=lease))
    print(f"rules: {len(waits)} grants by {len(took)} events in {sum(took):.2f} s of CPU: "
          f"{len(waits) / sum(took):.0f} grants/s")  # fmt: skip
    print(f"  a request: {shown(took[:asking], unit='us', by=1e6)}")
    print(f"  an end, with the grant that follows: {shown(took[asking:], unit='us', by=1e6)}")
    half_free(sandboxes)


def half_free(sandboxes: int) -> None:
    """What a grant takes where half of the sandboxes are free, and one of them has to be chosen."""
    state = PoolState(PoolRules(max_size=sandboxes), at=0.0)
    driver = DriverId("d")
    state.handle(events.DriverJoined(at=0.0, driver=driver, pool_size=sandboxes))
    for number in range(1, sandboxes + 1):
        state.handle(events.SandboxJoined(at=0.0, sandbox=SandboxId(number), slots=1))
    leases = [LeaseId(f"d/{number}") for number in range(sandboxes)]
    began = time.thread_time()
    for number, lease in enumerate(leases):
        if number >= sandboxes // 2:
            state.handle(events.LeaseReleased(at=0.0, lease=leases[number - sandboxes // 2]))
        state.handle(events.LeaseAsked(at=0.0, lease=lease, driver=driver, until=1e9))
    print(f"  a request, and an end, where half is free: {1e6 * (time.thread_time() - began) / sandboxes:.1f} us")


# A real pool with simulated sandboxes


@dataclass(frozen=True, slots=True)
class Simulated:
    """Stands for the handle of a sandbox actor; many of them share a process."""

    host: Any
    sandbox: SandboxId

    def __getattr__(self, method: str) -> Call:
        if method.startswith("_"):
            raise AttributeError(method)
        return Call(self, method)


@dataclass(frozen=True, slots=True)
class Call:
    """A method of such a handle."""

    of: Simulated
    method: str

    def remote(self, *args: object) -> Any:  # noqa: ANN401 - a reference
        """Call it."""
        return self.of.host.call.remote(self.method, self.of.sandbox, *args)


class Host:
    """A process with many simulated sandboxes, of one slot each."""

    def __init__(self, hello: dict[str, Any]) -> None:
        info = SandboxInfo("ray", hello["python"], hello["numpy"], hello["properties"], hello["sees_waiting"])
        self._report = SandboxReport(
            slots=1, info=info, version=code_version(CODE), host="simulated", node="", pid=os.getpid(), running=()
        )
        self._ran: list[tuple[SandboxId, float, float]] = []

    async def call(self, method: str, sandbox: SandboxId, *args: Any) -> object:  # noqa: ANN401 - of any method
        """What a sandbox actor would answer."""
        if method == "report":
            return self._report
        if method != "run":
            return None
        work: Work[Any] = args[0]
        began = time.monotonic()
        await asyncio.sleep(float(work.program.source))
        self._ran.append((sandbox, began, time.monotonic()))
        return Stage(compiled=compiled(), finished=True)

    async def ran(self) -> list[tuple[SandboxId, float, float]]:
        """When which sandbox was at work."""
        return self._ran


class SimulatedSandboxes(Sandboxes):
    """Sandboxes in a few hosts, instead of actors of their own."""

    hosts: Sequence[Any] = ()

    def _make(self, sandbox: SandboxId) -> Any:  # noqa: ANN401 - what stands for a handle
        return Simulated(self.hosts[sandbox % len(self.hosts)], sandbox)

    def _kill(self, sandbox: SandboxId) -> None:
        self.actors.pop(sandbox)


class ScalePool(PoolActor):
    """The pool actor, with simulated sandboxes, and a note of each grant."""

    def __init__(self, config: PoolConfig, hosts: list[Any]) -> None:
        self._asked: dict[LeaseId, float] = {}
        self._waits: list[tuple[float, float]] = []
        super().__init__(config)
        room = Room(slots=1, options={}, most=len(hosts), grows=True)
        self._sandboxes = SimulatedSandboxes(config, room, epoch=self._epoch, tell=self._handle)
        self._sandboxes.hosts = hosts
        self._state = PoolState(config.rules, at=time.monotonic())

    def _handle(self, event: events.Event) -> None:
        if isinstance(event, events.LeaseAsked):
            self._asked.setdefault(event.lease, event.at)
        super()._handle(event)

    def _carry_out(self, instruction: events.Instruction) -> None:
        if isinstance(instruction, events.Grant):
            now = time.monotonic()
            self._waits.append((now, now - self._asked.pop(instruction.lease, now)))
        super()._carry_out(instruction)

    async def seen(self) -> dict[str, Any]:
        """Grants, and what this process takes."""
        peak_kib = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
        return {"waits": self._waits, "peak_mib": peak_kib / 1024, "cpu_s": time.process_time(), "pid": os.getpid()}


class Driver:
    """A process that submits its part of the work."""

    def __init__(self, address: str, sandboxes: int) -> None:
        self._pool = RayPool(1, pool_size=sandboxes, name=NAME, address=address, code=CODE, acquire_s=3600.0)

    def join(self) -> None:
        """Be a driver of the pool."""
        self._pool.info()

    def run(self, lasts: list[float]) -> float:
        """Submit all, and wait for all; CPU seconds that took."""
        before = time.process_time()
        futures = [self._pool.submit(Batch(Program(source=b"%f" % last), lambda: [Case(b"")], bool)) for last in lasts]
        for future in futures:
            future.result()
        return time.process_time() - before


def on_ray(sandboxes: int, submissions: int, drivers: int, stretch: float) -> None:
    """Put the work through a real pool actor."""
    agent = AgentProcess()
    hello = agent.hello
    agent.close()
    options = {"num_cpus": 0, "max_concurrency": 10_000}
    hosts = [ray.remote(Host).options(**options).remote(hello) for _ in range(max(sandboxes // 250, 1))]
    config = PoolConfig(
        name=NAME,
        backend="ray",
        code=CODE,
        source=AgentProcess,
        rules=PoolRules(default_size=sandboxes, max_size=sandboxes),
    )
    named = {"name": f"pool:{NAME}", "namespace": NAMESPACE, **options}
    pool: Any = ray.remote(ScalePool).options(**named).remote(config, hosts)
    address = ray.get_runtime_context().gcs_address
    clients = [ray.remote(Driver).options(num_cpus=0).remote(address, sandboxes) for _ in range(drivers)]
    ray.get([client.join.remote() for client in clients])
    while len([one for one in ray.get(pool.status.remote())["sandboxes"].values() if one["slots"]]) < sandboxes:
        time.sleep(0.2)
    before = ray.get(pool.seen.remote())
    print(f"ray: {sandboxes} sandboxes are up in {len(hosts)} processes; pool actor pid {before['pid']}", flush=True)
    lasts = durations(submissions, stretch=stretch)
    began = time.monotonic()
    cpu_s = ray.get([client.run.remote(lasts[number::drivers]) for number, client in enumerate(clients)])
    took_s = time.monotonic() - began
    tell(ray.get([host.ran.remote() for host in hosts]), before, ray.get(pool.seen.remote()), sandboxes)
    print(f"  {took_s:.0f} s in all; drivers: {1000 * sum(cpu_s) / submissions:.1f} ms of CPU for each submission")


def tell(ran: list[list[tuple[int, float, float]]], before: dict[str, Any], after: dict[str, Any], size: int) -> None:
    """The figures of a run: while requests waited for every slot, from the first grant of all to the last."""
    runs = sorted(run for one in ran for run in one)
    grants = [at for at, _ in after["waits"]]
    full, last = sorted(grants)[size - 1], max(grants)
    busy_s = sum(max(min(end, last) - max(begin, full), 0.0) for _, begin, end in runs)
    gaps = [later[1] - one[2] for one, later in itertools.pairwise(runs) if one[0] == later[0]]
    later = [wait for at, wait in after["waits"] if at > full]
    cpu_s = after["cpu_s"] - before["cpu_s"]
    print(f"  {len(grants)} grants; the first {size} in {full - min(grants):.1f} s, then "
          f"{(len(grants) - size) / (last - full):.0f}/s for {last - full:.0f} s")  # fmt: skip
    print(f"  slots busy meanwhile: {busy_s / (size * (last - full)):.1%}")
    print(f"  wait for a lease: {shown(later, unit='s')}; a slot from one program to the next: {shown(gaps, unit='s')}")
    print(f"  pool actor: {1000 * cpu_s / len(grants):.2f} ms of CPU for each grant; "
          f"{before['peak_mib']:.0f} MiB at most before, {after['peak_mib']:.0f} MiB after")  # fmt: skip


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("what", choices=["rules", "ray"])
    parser.add_argument("--sandboxes", type=int, default=1000)
    parser.add_argument("--submissions", type=int, default=10_000)
    parser.add_argument("--drivers", type=int, default=4)
    parser.add_argument("--stretch", type=float, default=15.0)
    options = parser.parse_args()
    if options.what == "rules":
        rules(options.sandboxes, options.submissions, options.drivers)
        return
    connect("local", code=CODE, cpus=4)
    try:
        on_ray(options.sandboxes, options.submissions, options.drivers, options.stretch)
    finally:
        disconnect()


if __name__ == "__main__":
    sys.exit(main())
