"""The memory of a driver while it judges many submissions.

    uv run python benchmarks/driver_memory.py [--submissions 100000]

All of `grade` but the sandbox: answers are read from a file, judged against the bundled problems, and each judgement is
written to a results folder. The sandbox is the tests' scripted agent, in this process: it speaks the real protocol and
answers every program with the right output of its test or, for every third, with a wrong one.
"""

from __future__ import annotations

import argparse
import gc
import json
import tempfile
import time
from contextlib import closing
from pathlib import Path

from agents import machine

from lcb_ray import fake
from lcb_ray.agent.protocol import ExecutionResult, Outcome, Program
from lcb_ray.fake import FakeAgent
from lcb_ray.local import LocalPool
from livecodebench.answers.generations import open_generations
from livecodebench.dataset.opening import Dataset, open_dataset
from livecodebench.grading import Grading
from livecodebench.judging.stream import Judging

LOOKS = 10


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--submissions", type=int, default=100_000)
    options = parser.parse_args()
    print(machine())
    problems = open_dataset("mini")
    with tempfile.TemporaryDirectory() as folder:
        file = answers_file(Path(folder), problems, options.submissions)
        job = Grading(problems, open_generations(file, problems=problems))
        run(job, Path(folder, "results"), problems)


def answers_file(folder: Path, problems: Dataset, wanted: int) -> Path:
    file = folder / "answers.jsonl"
    each, more = divmod(wanted, len(problems))
    with file.open("w") as out:
        for number, question in enumerate(problems):
            codes = [f"# {sample}\npass" for sample in range(each + (number < more))]
            out.write(json.dumps({"model": "m", "question_id": question, "code_list": codes}) + "\n")
    return file


def run(job: Grading, folder: Path, problems: Dataset) -> None:
    right = {test.input.encode(): test.output.encode() for key in problems for test in problems[key].tests()}

    def answer(program: Program, index: int, data: bytes) -> ExecutionResult:
        good = int(program.source.split()[1]) % 3 > 0
        output = right.get(data, b"") if good else b"wrong"
        return ExecutionResult(index=index, outcome=Outcome.EXITED, exit_code=0, stdout=output)

    total, judged, began = len(job.submissions), 0, time.monotonic()
    with (
        job.open_results(folder) as results,
        closing(LocalPool(2, start=lambda: FakeAgent(fake.compiles(answer)))) as pool,
    ):
        judges = job.start(pool, results)
        print(f"  {0:7} judged: {resident_mib():6.1f} MiB")

        def keep(judgement: object) -> None:
            nonlocal judged
            results.append(judgement)  # type: ignore[arg-type]
            judged += 1
            if judged % max(total // LOOKS, 1) == 0:
                gc.collect()
                print(f"  {judged:7} judged: {resident_mib():6.1f} MiB, {time.monotonic() - began:.0f} s", flush=True)

        Judging(judges, window=8).run(job.waiting(results), keep)
        job.finish(results)
    print(f"  at the end, with the summary written: {resident_mib():.1f} MiB")


def resident_mib() -> float:
    status = Path("/proc/self/status").read_text()
    return int(status.partition("VmRSS:")[2].split()[0]) / 1024


if __name__ == "__main__":
    main()
