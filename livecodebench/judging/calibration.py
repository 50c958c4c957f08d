"""How fast the sandboxes run Python, against the machine that the time limit is thought for. Off unless asked for.

LiveCodeBench allows 6 s, on whatever machine. The reference is the speed of the machine on which the official grader's
verdicts of 1,881 stored answers were recorded: programs of theirs that took half a second or more there take about as
long here, divided by the factor that is found here. So a program gets 6 s of that machine's time wherever it runs.

One sandbox is measured, for all of a pool. It is CPU time that is measured, and the least of several runs that counts:
neighbours can only make a run longer.
"""

from __future__ import annotations

from dataclasses import asdict, dataclass, replace
from functools import cache
from importlib.resources import files

from lcb_ray.agent.protocol import ExecutionResult, Limits, Outcome, Program
from lcb_ray.batch import Batch, Case
from lcb_ray.errors import SandboxUnusable
from lcb_ray.pool import Pool

REFERENCE_S = 0.114  # CPU seconds that the workload takes at the reference speed: benchmarks/reference_speed.py
_ROUNDS = 7
_LONGEST_S = 60.0


@dataclass(frozen=True, slots=True)
class Calibration:
    """What was measured.

    Attributes:
        benchmark_s: CPU seconds of the workload.
        reference_s: What it takes at the reference speed.
        factor: How many times as long a program takes here.
    """

    benchmark_s: float
    reference_s: float
    factor: float

    def scaled(self, limits: Limits) -> Limits:
        """Limits with the same time in the reference's seconds."""
        return replace(
            limits,
            cpu_s=limits.cpu_s * self.factor,
            overload_wall_s=limits.overload_wall_s * max(self.factor, 1.0),
        )

    def as_json(self) -> dict[str, float]:
        """For run.json and summary.json."""
        return {name: round(value, 4) for name, value in asdict(self).items()}


@dataclass(frozen=True, slots=True)
class _Run:
    cpu_s: float
    passed: bool


def calibrate(pool: Pool) -> Calibration:
    """Measure, which takes some seconds.

    Raises:
        SandboxError: The sandbox cannot be had, or cannot run the workload.
    """
    batch = Batch(
        program=Program(source=workload()),
        cases=lambda: [Case(b"")] * _ROUNDS,
        check=_timed,
        limits=Limits(cpu_s=_LONGEST_S, overload_wall_s=10 * _LONGEST_S),
        key="calibration",
    )
    runs = pool.submit(batch).result().checked
    if len(runs) != _ROUNDS or not all(run.passed for run in runs):
        raise SandboxUnusable("the sandbox could not run the benchmark of --calibrate: leave the option out")
    seconds = min(run.cpu_s for run in runs)
    return Calibration(seconds, REFERENCE_S, seconds / REFERENCE_S)


@cache
def workload() -> bytes:
    """The program that is timed."""
    return files("livecodebench").joinpath("data/calibration_workload.py").read_bytes()


def _timed(result: ExecutionResult, case: Case) -> _Run:
    return _Run(result.usage.cpu_s, result.outcome is Outcome.EXITED and result.stdout == b"done\n")
