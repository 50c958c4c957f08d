"""Opening a dataset as large as release_v6, which is several gigabytes: memory and time.

    uv run python benchmarks/large_dataset.py [--problems 1055] [--gib 4] [--folder /tmp]

Makes a file of the official form whose private tests are that large, opens it as the commands do, looks at all
problems, reads the tests of ten, and removes the file. What is printed is of a process of its own.
"""

from __future__ import annotations

import argparse
import base64
import json
import pickle  # noqa: TID251 - to make such a file
import random
import subprocess
import sys
import tempfile
import time
import zlib
from pathlib import Path

from agents import machine

_OPEN = """
import resource, sys, time
from livecodebench.dataset.opening import open_dataset
def told(what):
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    print(f"  {what}: {time.monotonic() - began:.1f} s, peak {peak:.0f} MiB", flush=True)
began = time.monotonic()
told("started")
problems = open_dataset(sys.argv[1])
told(f"opened, {len(problems)} problems")
letters = sum(len(problems[key].content) for key in problems)
told(f"all statements read, {letters} letters")
tests = [len(problems[key].tests()) for key in list(problems)[:: max(len(problems) // 10, 1)][:10]]
told(f"the tests of {len(tests)} read, {sum(tests)} tests")
"""


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--problems", type=int, default=1055)
    parser.add_argument("--gib", type=float, default=4.0)
    parser.add_argument("--folder", help="where there is room for it")
    options = parser.parse_args()
    print(machine())
    with tempfile.TemporaryDirectory(dir=options.folder) as folder:
        file = Path(folder, "large.jsonl")
        began = time.monotonic()
        write(file, options.problems, int(options.gib * 2**30 / options.problems))
        print(f"  made: {file.stat().st_size / 2**30:.2f} GiB, {time.monotonic() - began:.0f} s", flush=True)
        for what in ("first time", "again"):
            print(f" {what}:", flush=True)
            subprocess.run([sys.executable, "-c", _OPEN, str(file)], check=True)


def write(file: Path, problems: int, row_bytes: int) -> None:
    """The tests are the same for all: making others for each would take an hour, and nobody compares them."""
    private = private_tests(row_bytes)
    with file.open("w") as out:
        for number in range(problems):
            row = {
                "question_title": f"Problem {number}",
                "question_content": f"Statement {number}. " * 100,
                "platform": "atcoder",
                "question_id": f"large{number}_a",
                "contest_id": f"large{number}",
                "contest_date": "2024-01-01T00:00:00",
                "starter_code": "",
                "difficulty": "hard",
                "public_test_cases": json.dumps([{"input": "1\n", "output": "1\n", "testtype": "stdin"}]),
                "private_test_cases": private,
                "metadata": "{}",
            }
            out.write(json.dumps(row) + "\n")


def private_tests(size: int) -> str:
    """Twenty tests that are about that large in the official form: base64 of a compressed pickle of JSON."""
    numbers = random.Random(1)
    digits = "".join(map(str, numbers.choices(range(10), k=int(size * 1.78 / 20))))
    tests = [{"input": f"{digits}{number}\n", "output": f"{number}\n", "testtype": "stdin"} for number in range(20)]
    return base64.b64encode(zlib.compress(pickle.dumps(json.dumps(tests)), 1)).decode()


if __name__ == "__main__":
    main()
