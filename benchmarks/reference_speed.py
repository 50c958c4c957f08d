"""Where the reference of --calibrate comes from: how long stored programs took when their verdicts were recorded.

    uv run python benchmarks/reference_speed.py CORPUS

CORPUS has dev/problems.jsonl.gz and dev/solutions.jsonl.gz, with the times that the official grader measured. Each
program that took at least half a second then is run here several times, alone; the least CPU time counts. The recorded
times are wall times of a machine with other work to do: they can only be too long, and the ratios too small. So the
upper quartile of the ratios is taken for how much slower this machine is, and the workload's time divided by it is the
reference.
"""

from __future__ import annotations

import gzip
import json
import platform
import statistics
import sys
from contextlib import closing
from pathlib import Path

from lcb_ray.agent.protocol import Limits
from livecodebench.dataset.filters import Filters
from livecodebench.dataset.opening import open_dataset
from livecodebench.judging.backend import open_pool
from livecodebench.judging.calibration import REFERENCE_S, calibrate
from livecodebench.judging.gradings import OFFICIAL
from livecodebench.judging.judge import Judge
from livecodebench.submission import Submission

_AT_LEAST_S = 0.5
_ROUNDS = 3


def main() -> None:
    corpus = Path(sys.argv[1])
    problems = open_dataset(corpus / "dev" / "problems.jsonl.gz", filters=Filters())
    with gzip.open(corpus / "dev" / "solutions.jsonl.gz", "rt") as file:
        rows = [json.loads(line) for line in file]
    ratios = []
    with closing(open_pool("local", slots=1)) as pool:
        judge = Judge(pool, problems, grading=OFFICIAL, limits=Limits(cpu_s=60.0))
        for row in rows:
            recorded = row["our_tests_head"]["metadata"].get("execution time", 0.0)
            if recorded < _AT_LEAST_S:
                continue
            submission = Submission(row["question_id"], row["code_list"][0])
            runs = [judge.judge(submission) for _ in range(_ROUNDS)]
            seconds = min(sum(test.usage.cpu_s for test in run.tests) for run in runs)
            ratios.append(seconds / recorded)
            print(
                f"{row['question_id']:10} {recorded:6.2f} s recorded, {seconds:6.2f} s here: {ratios[-1]:.2f}",
                flush=True,
            )
        measured = calibrate(pool)
    # A program that took next to no CPU time here was only waiting when it was recorded.
    slower = statistics.quantiles((ratio for ratio in ratios if ratio > 0.2), n=4)[2]
    print(
        f"Python {platform.python_version()} ({platform.python_compiler()}), "
        f"{len(ratios)} programs, upper quartile {slower:.2f}"
    )
    print(f"workload {measured.benchmark_s:.4f} s: the reference would be {measured.benchmark_s / slower:.4f} s")
    print(f"with the present one, {REFERENCE_S} s, the factor here is {measured.factor:.2f}")


if __name__ == "__main__":
    main()
