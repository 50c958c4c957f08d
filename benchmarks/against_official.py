"""Submissions a second of `grade` against the official grader's `codegen_metrics`, alternating, equal processes.

    uv run python benchmarks/against_official.py --dataset problems.jsonl.gz --generations solutions.jsonl.gz \
        --official path/to/a/checkout/of/LiveCodeBench --problems 100 --rounds 3

Both sides judge the same programs on the same tests and stop at the first failure. Each run is a whole process, with
its start. The programs over the time limit are found by a first run and measured apart: they cost both sides the limit.
The official grader needs numpy and tqdm in this environment (`uv run --with tqdm …`).
"""

from __future__ import annotations

import argparse
import json
import os
import platform
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

from livecodebench.answers.generations import open_generations
from livecodebench.dataset.filters import Filters
from livecodebench.dataset.opening import open_dataset
from livecodebench.submission import Submission

# Runs in a process of its own, with the official checkout on the path.
_OFFICIAL = """
import contextlib, io, json, sys
from lcb_runner.evaluation.compute_code_generation_metrics import codegen_metrics
work = json.load(open(sys.argv[1]))
with contextlib.redirect_stdout(io.StringIO()):
    processes = int(sys.argv[2])
    _, results, _ = codegen_metrics(work["samples"], work["codes"], num_process_evaluate=processes, timeout=6)
passed = sum(all(r > 0 for r in one) for many in results.values() for one in many)
print(json.dumps({"passed": passed}))
"""


def main() -> None:
    options = _options()
    problems = open_dataset(options.dataset, filters=Filters(first=options.problems))
    answers = open_generations(Path(options.generations), problems=problems, skip_unknown=True)
    submissions = [answer.submission for answer in answers if answer.submission.code.strip()]
    machine = f"{platform.platform()}, Python {platform.python_version()}, {os.cpu_count()} cores"
    print(f"{machine}, load {os.getloadavg()[0]:.1f}")
    with tempfile.TemporaryDirectory() as folder:
        bench = Bench(Path(folder), options, {key: problems[key] for key in problems})
        slow = bench.time_limited(submissions)
        within = [submission for submission in submissions if submission.key not in slow]
        for name, chosen in (("all", submissions), ("without time-limit programs", within)):
            bench.compare(name, chosen)


class Bench:
    def __init__(self, folder: Path, options: argparse.Namespace, problems: dict) -> None:
        self._folder = folder
        self._options = options
        self._problems = problems
        self._count = 0

    def time_limited(self, submissions: list[Submission]) -> set:
        output = self._folder / "first"
        self._grade(submissions, output)
        lines = [json.loads(line) for line in (output / "judgements.jsonl").read_text().splitlines()]
        return {(row["model"], row["question_id"], row["sample"]) for row in lines if row["verdict"] == "time_limit"}

    def compare(self, name: str, submissions: list[Submission]) -> None:
        ratios: list[float] = []
        rates: dict[str, list[float]] = {"ours": [], "official": []}
        for _ in range(self._options.rounds):
            ours, passed = self._timed(lambda: self._grade(submissions, self._folder / f"run{self._count}"))
            theirs, official_passed = self._timed(lambda: self._official(submissions))
            ratios.append(theirs / ours)
            rates["ours"].append(len(submissions) / ours)
            rates["official"].append(len(submissions) / theirs)
        print(f"{name}: {len(submissions)} submissions, passed {passed} (official {official_passed})")
        for side, values in rates.items():
            print(f"  {side:9}{statistics.median(values):7.2f} submissions/s ({min(values):.2f} to {max(values):.2f})")
        spread = f"({min(ratios):.2f} to {max(ratios):.2f})"
        print(f"  ratio    {statistics.median(ratios):7.2f} {spread}, {len(ratios)} rounds")

    def _timed(self, run: Callable[[], int]) -> tuple[float, int]:
        self._count += 1
        start = time.monotonic()
        passed = run()
        return time.monotonic() - start, passed

    def _grade(self, submissions: list[Submission], output: Path) -> int:
        file = self._folder / "generations.jsonl"
        rows: dict = {}
        for submission in submissions:
            rows.setdefault((submission.model, submission.question_id), []).append(submission.code)
        file.write_text(
            "".join(json.dumps({"model": m, "question_id": q, "code_list": c}) + "\n" for (m, q), c in rows.items())
        )
        command = [
            sys.executable,
            "-m",
            "livecodebench",
            "grade",
            str(file),
            "--dataset",
            self._options.dataset,
            "--json",
        ]
        command += [
            "--first",
            str(self._options.problems),
            "--slots",
            str(self._options.processes),
            "--output",
            str(output),
        ]
        done = subprocess.run(command, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, check=True)
        return json.loads(done.stdout)["passed"]

    def _official(self, submissions: list[Submission]) -> int:
        file = self._folder / "official.json"
        samples = [self._sample(submission.question_id) for submission in submissions]
        file.write_text(json.dumps({"samples": samples, "codes": [[submission.code] for submission in submissions]}))
        done = subprocess.run(
            [sys.executable, "-c", _OFFICIAL, str(file), str(self._options.processes)],
            env={**os.environ, "PYTHONPATH": self._options.official},
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            check=True,
        )
        return json.loads(done.stdout)["passed"]

    def _sample(self, question_id: str) -> dict:
        problem = self._problems[question_id]
        tests = problem.tests()
        sample = {
            "inputs": [t.input for t in tests],
            "outputs": [t.output for t in tests],
            "fn_name": problem.func_name,
        }
        return {"input_output": json.dumps(sample)}


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--dataset", required=True)
    parser.add_argument("--generations", required=True)
    parser.add_argument("--official", required=True, help="folder that has lcb_runner/ in it")
    parser.add_argument("--problems", type=int, default=100, help="the first N problems")
    parser.add_argument("--processes", type=int, default=2)
    parser.add_argument("--rounds", type=int, default=3)
    return parser.parse_args()


if __name__ == "__main__":
    main()
