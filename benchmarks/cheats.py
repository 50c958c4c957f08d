"""How many programs that only cheat are passed: by the official grader's own code, and by each grading here.

    uv run python benchmarks/cheats.py --official path/to/a/checkout/of/LiveCodeBench

The programs are tests/corpus/cheats. The official code runs them without a sandbox, in a process of its own each, in an
empty folder: read them first. It needs numpy and tqdm in this environment.
"""

from __future__ import annotations

import argparse
import json
import os
import platform
import re
import subprocess
import sys
import tempfile
import tomllib
from contextlib import closing
from datetime import datetime
from pathlib import Path

from lcb_ray.agent.protocol import Limits
from livecodebench.judging.backend import open_pool
from livecodebench.judging.gradings import OFFICIAL, OFFICIAL_2025_01, STANDARD
from livecodebench.judging.judge import Judge
from livecodebench.problem import Difficulty, Platform, Problem, TestCase
from livecodebench.submission import Submission

CHEATS = Path(__file__).parents[1] / "tests" / "corpus" / "cheats"
_RUN = """
import json, sys
from lcb_runner.evaluation.compute_code_generation_metrics import evaluate_generations_by_problem
task = json.load(sys.stdin)
sample = {"input_output": json.dumps({name: task[name] for name in ("inputs", "outputs", "fn_name")})}
results, _ = evaluate_generations_by_problem(([task["code"]], sample, False, task["timeout"]))
open(sys.argv[1], "w").write(json.dumps([str(r) for r in results[0]] + [bool(all(r > 0 for r in results[0]))]))
"""


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--official", required=True, help="folder that has lcb_runner/ in it")
    official = parser.parse_args().official
    problems = json.loads((CHEATS / "problems.json").read_text())
    print(f"Python {platform.python_version()}; the official code is {official}")
    print(f"{'cheat':22}{'official code':>14}{OFFICIAL:>10}{OFFICIAL_2025_01:>18}{STANDARD:>10}  seen by")
    passed = [0, 0, 0, 0]
    with closing(open_pool("local")) as pool:
        for path in sorted(CHEATS.glob("*.py")):
            code = path.read_text()
            head = tomllib.loads(re.sub(r"^# ?", "", code.split("# ///")[1].partition("\n")[2], flags=re.MULTILINE))
            task = problems[head["problem"]]
            row = [officially(official, task | {"code": code})]
            traces = ()
            for grading in (OFFICIAL, OFFICIAL_2025_01, STANDARD):
                judge = Judge(
                    pool, {path.stem: problem_of(task)}, grading=grading, limits=Limits(cpu_s=float(task["timeout"]))
                )
                judgement = judge.judge(Submission(path.stem, code))
                row.append(bool(judgement.passed))
                traces = judgement.official.cheats if judgement.official else traces
            passed = [count + one for count, one in zip(passed, row, strict=True)]
            words = ["passes" if one else "fails" for one in row]
            print(f"{path.stem:22}{words[0]:>14}{words[1]:>10}{words[2]:>18}{words[3]:>10}  {', '.join(traces)}")
    print(f"{'passed':22}{passed[0]:>14}{passed[1]:>10}{passed[2]:>18}{passed[3]:>10}")


def officially(checkout: str, task: dict) -> bool:
    """What the official code says; False where it never says anything."""
    with tempfile.TemporaryDirectory() as folder:
        done = subprocess.run(
            [sys.executable, "-c", _RUN, str(Path(folder) / "result")],
            input=json.dumps(task).encode(),
            env={**os.environ, "PYTHONPATH": str(Path(checkout).resolve())},
            cwd=folder,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.PIPE,
            timeout=120,
            check=False,
        )
        if done.returncode:
            sys.exit(done.stderr.decode())
        return json.loads((Path(folder) / "result").read_text())[-1]


def problem_of(task: dict) -> Problem:
    tests = tuple(TestCase(*pair) for pair in zip(task["inputs"], task["outputs"], strict=True))
    return Problem(
        question_id="cheat",
        title="",
        content="",
        platform=Platform.ATCODER,
        difficulty=Difficulty.EASY,
        contest_id="",
        contest_date=datetime(2024, 1, 1),
        starter_code="",
        func_name=task["fn_name"],
        public_tests=tests[:1],
        private_tests=lambda: tests[1:],
    )


if __name__ == "__main__":
    main()
