"""Talking to an agent of one's own, and what it costs; what the benchmarks of the agent share."""

from __future__ import annotations

import contextlib
import os
import platform
import statistics
import time
from collections.abc import Sequence
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path

from lcb_ray import launcher
from lcb_ray.agent.protocol import Limits, Program
from lcb_ray.agent_client import CancelSignal, Connection
from lcb_ray.launcher import AgentProcess

SUM = b"a, b = map(int, input().split())\nprint(a + b)\n"
INPUT, OUTPUT = b"1 2\n", b"3\n"


def machine() -> str:
    cpu = next((line.partition(": ")[2] for line in _lines("/proc/cpuinfo") if line.startswith("model name")), "?")
    memory = int(_lines("/proc/meminfo")[0].split()[1]) / 2**20
    return (
        f"{platform.platform()}, {cpu}, {os.cpu_count()} cores, {memory:.0f} GiB, "
        f"Python {platform.python_version()}, load {os.getloadavg()[0]:.1f}"
    )


def start(checkout: str | None = None) -> AgentProcess:
    """An agent of this checkout, or of another one's folder."""
    ours = launcher.__file__
    if checkout is not None:
        launcher.__file__ = str(Path(checkout).absolute() / "lcb_ray" / "launcher.py")
    try:
        return AgentProcess()
    finally:
        launcher.__file__ = ours


@dataclass
class Cost:
    """Of a test or a submission.

    Attributes:
        wall_s: By the clock.
        cpu_s: Of the agent and all that it forked.
        client_cpu_s: Of this process.
    """

    wall_s: float
    cpu_s: float
    client_cpu_s: float

    def __sub__(self, other: Cost) -> Cost:
        return Cost(self.wall_s - other.wall_s, self.cpu_s - other.cpu_s, self.client_cpu_s - other.client_cpu_s)

    def __truediv__(self, count: int) -> Cost:
        return Cost(self.wall_s / count, self.cpu_s / count, self.client_cpu_s / count)

    def __str__(self) -> str:
        cpu = f"CPU {self.cpu_s * 1e3:.2f} ms and {self.client_cpu_s * 1e3:.2f} ms of the client's"
        return f"{self.wall_s * 1e3:6.2f} ms; {cpu}"


def submit(agent: AgentProcess, tests: int, source: bytes = SUM) -> None:
    """A submission of the sum, from its connection to its end."""
    with closing(CancelSignal()) as never, Connection(agent.connect(), never) as connection:
        connection.compile(Program(source=source), Limits())
        for result in connection.results([INPUT] * tests):
            assert result.stdout == OUTPUT, result
        connection.finish()


def cost(agent: AgentProcess, submissions: int, tests: int) -> Cost:
    """Of that many submissions with that many tests, one after the other."""
    before = Cost(time.monotonic(), _cpu_below(agent.pid), time.process_time())
    for _ in range(submissions):
        submit(agent, tests)
    wall_s, client_cpu_s = time.monotonic(), time.process_time()
    return Cost(wall_s, _cpu_below(agent.pid), client_cpu_s) - before


def spread(values: Sequence[float], unit: str = "", form: str = ".2f") -> str:
    return f"{statistics.median(values):{form}}{unit} ({min(values):{form}} to {max(values):{form}})"


def pss_bytes(pid: int) -> int:
    """A process's memory; what is shared counts by its share."""
    return sum(int(line.split()[1]) for line in _lines(f"/proc/{pid}/smaps_rollup") if line.startswith("Pss:")) * 1024


def below(pid: int) -> list[int]:
    """A process and all its descendants."""
    return [pid, *(one for child in _children(pid) for one in below(child))]


def _children(pid: int) -> list[int]:
    return [int(one) for one in Path(f"/proc/{pid}/task/{pid}/children").read_text().split()]


def _cpu_below(pid: int) -> float:
    """CPU seconds of a process and of all that it ever started, once all that is on its way out has ended.

    What waits for more work lives on, and counts; a process that has ended counts with the one that waited for it.
    """
    while True:
        with contextlib.suppress(OSError):  # one of them has just ended
            there = below(pid)
            fields = [Path(f"/proc/{one}/stat").read_text().rpartition(")")[2].split() for one in there]
            if all(one[0] == "S" for one in fields) and below(pid) == there:
                return sum(sum(map(int, one[11:15])) for one in fields) / os.sysconf("SC_CLK_TCK")
        time.sleep(0.001)


def _lines(path: str) -> list[str]:
    return Path(path).read_text().splitlines()
