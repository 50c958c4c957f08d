"""Are verdicts the same on two backends? Every stored answer of the corpus is graded on both, test by test.

    LCB_CORPUS=… uv run python -m tests.same_verdicts --folder FOLDER [local docker] [--pool-size N] [--slots N]
        [--ray-nodes N]

The folder keeps what is done: a run that was broken off goes on. Takes minutes for each backend. Says which verdicts
differ, and ends with status 1 where one does that is not near a limit: a program that takes 5.9 s of CPU once takes 6.0
the next time, on one backend as well as on two, and the results of both say that it is so near. With --ray-nodes the
backend ray is a cluster of so many nodes on this machine, with a sandbox each.
"""

from __future__ import annotations

import argparse
import json
import os
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from livecodebench.judging.backend import ADDRESS_VARIABLE

Key = tuple[str, str, int]


def grade(corpus: Path, backend: str, folder: Path, more: list[str]) -> float:
    """Grade all of them; seconds. Ends this process where that cannot be finished."""
    start = time.monotonic()
    words = [str(corpus / "dev" / "solutions.jsonl.gz"), "--dataset", str(corpus / "dev" / "problems.jsonl.gz")]
    command = [sys.executable, "-m", "livecodebench", "grade", *words, "--backend", backend, "--output", str(folder)]
    status = subprocess.run([*command, *more], stdout=subprocess.DEVNULL, check=False).returncode
    if status:
        raise SystemExit(f"{backend}: grade ended with status {status}")
    return time.monotonic() - start


def judgements(folder: Path) -> dict[Key, dict[str, Any]]:
    """Each submission's line."""
    rows = map(json.loads, (folder / "judgements.jsonl").read_text(encoding="utf-8").splitlines())
    return {(row["model"], row["question_id"], row["sample"]): row for row in rows}


def verdicts(row: dict[str, Any]) -> tuple[str, list[str]]:
    """Of the submission, and of each of its tests."""
    return row["verdict"], [test["verdict"] for test in row["tests"]]


@contextmanager
def ray_nodes(count: int | None) -> Iterator[None]:
    """The backend ray has so many nodes meanwhile; None: whatever the environment says."""
    if count is None:
        yield
        return
    from tests.ray_rig import Rig

    rig = Rig(attached=False, nodes=count)
    os.environ[ADDRESS_VARIABLE] = rig.address
    try:
        yield
    finally:
        rig.close()


def main() -> None:
    """Grade and compare."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("backends", nargs="*", default=["local", "docker"])
    parser.add_argument("--folder", type=Path, required=True)
    parser.add_argument("--pool-size")
    parser.add_argument("--slots")
    parser.add_argument("--ray-nodes", type=int, metavar="N")
    options = parser.parse_args()
    if "LCB_CORPUS" not in os.environ:
        parser.error("LCB_CORPUS must name the folder of the corpus, which is not part of the repository")
    one, other = options.backends
    made = []
    for backend in (one, other):
        more = ["--slots", options.slots] if options.slots else []
        size = options.pool_size or options.ray_nodes
        more += ["--pool-size", str(size)] if size and backend != "local" else []
        with ray_nodes(options.ray_nodes if backend == "ray" else None):
            took = grade(Path(os.environ["LCB_CORPUS"]), backend, options.folder / backend, more)
        made.append(judgements(options.folder / backend))
        tests = sum(len(row["tests"]) for row in made[-1].values())
        sys.stdout.write(f"{backend}: {len(made[-1])} answers, {tests} executions, {took:.0f} s\n")
    first, second = made
    differ = [key for key in first.keys() | second.keys() if key not in first or key not in second]
    differ += [key for key in first.keys() & second.keys() if verdicts(first[key]) != verdicts(second[key])]
    for key in sorted(differ):
        for backend, rows in ((one, first), (other, second)):
            row = rows.get(key)
            last = row["tests"][-1:] if row else None
            sys.stdout.write(f"{key} {backend}: {row and row['verdict']}, {row and len(row['tests'])} tests, {last}\n")
    near = [key for key in differ if all(rows.get(key, {}).get("near_limit") for rows in (first, second))]
    count = len(first.keys() | second.keys())
    sys.stdout.write(f"{len(differ)} of {count} differ, {len(near)} of them near a limit on both\n")
    raise SystemExit(len(near) < len(differ))


if __name__ == "__main__":
    main()
