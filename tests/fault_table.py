"""The table of docs/faults.md: what is lost, doubled or judged wrong when a part of the pool dies in the midst of work.

    uv run python -m tests.fault_table BACKEND [--fault NAME ...] [--runs 20] [--minutes M] [--keep FILE] [--write]

BACKEND is ray or kubernetes. Each run judges the 56 stored answers of the bundled dataset into a folder, on three Ray
nodes with a sandbox each, or on two pods of a kind cluster; one fault happens at a random moment. Runs are appended to
--keep, and counted in from there: the command can be broken off, and made in pieces (--minutes). "Doubled" is a key
with two verdicts in the folder; a program may have run twice.
"""

from __future__ import annotations

import argparse
import json
import os
import platform
import re
import statistics
import sys
import time
from collections import Counter
from contextlib import closing
from dataclasses import asdict
from importlib import import_module
from pathlib import Path
from typing import Any

PAGE = Path(__file__).parents[1] / "docs" / "faults.md"
COUNTED = ("lost", "doubled", "wrong", "errors")


def kept(path: Path) -> list[dict[str, Any]]:
    """The runs so far."""
    return [json.loads(line) for line in path.read_text().splitlines()] if path.exists() else []


def faults_of(backend: str) -> Any:  # noqa: ANN401 - a module
    """The faults and the benches of a backend."""
    return import_module({"ray": "tests.ray_faults", "kubernetes": "tests.kind_faults"}[backend])


def make(backend: str, names: list[str], *, runs: int, until: float, keep: Path) -> None:
    """Make the runs that are missing, as far as there is time, in turns on one cluster. A failed one is kept, too."""
    for bench, faults in faults_of(backend).BENCHES.items():
        wanted = [name for name in faults if name in names]
        while time.monotonic() < until and missing(wanted, runs=runs, keep=keep):
            with closing(bench()) as made:
                while time.monotonic() < until and (fault := missing(wanted, runs=runs, keep=keep)):
                    try:
                        row = asdict(made.run(fault))
                    except Exception as error:
                        add(keep, {"fault": fault, "failed": repr(error)})
                        break  # the next ones get a cluster of their own
                    add(keep, {"fault": fault, **row})


def missing(faults: list[str], *, runs: int, keep: Path) -> str | None:
    """The fault that has the fewest runs, unless all have enough."""
    count = Counter(run["fault"] for run in kept(keep))
    least = min(faults, key=lambda fault: count[fault], default=None)
    return least if least is not None and count[least] < runs else None


def add(keep: Path, row: dict[str, Any]) -> None:
    """Keep a run, and say it."""
    sys.stderr.write(json.dumps(row) + "\n")
    with keep.open("a") as file:
        file.write(json.dumps(row) + "\n")


def table(backend: str, rows: list[dict[str, Any]]) -> list[str]:
    """A line for each fault."""
    counted = (*COUNTED, *(("pods",) if backend == "kubernetes" else ()))
    words = [word if word != "pods" else "pods left" for word in counted]
    lines = [
        f"| fault | runs | answers | {' | '.join(words)} | s until whole: median, most |",
        "|---|---|---" + "|---" * len(counted) + "|---|",
    ]
    for name, fault in faults_of(backend).FAULTS.items():
        runs = [row for row in rows if row["fault"] == name]
        if not runs:
            continue
        done = [row for row in runs if "failed" not in row]
        counts = " | ".join(str(sum(row["findings"][word] for row in done)) for word in counted)
        failed = f", {len(runs) - len(done)} failed" if len(done) < len(runs) else ""
        seconds = [row["recovered_s"] for row in done] or [float("nan")]
        about = (fault.__doc__ or "").strip().rstrip(".")
        lines.append(
            f"| {about} | {len(done)}{failed} | {sum(row.get('answers', 56) for row in done)} | {counts} "
            f"| {statistics.median(seconds):.1f}, {max(seconds):.1f} |"
        )
    return lines


def write(backend: str, lines: list[str]) -> None:
    """Put the table into the page."""
    import ray

    stamp = f"Ray {ray.__version__}, Python {platform.python_version()}, {os.cpu_count()} CPUs"
    body = f"<!-- {backend}: made with {stamp}, by `python -m tests.fault_table {backend} --write` -->\n"
    body += "\n".join(lines) + "\n<!-- end -->"
    text, count = re.subn(rf"<!-- {backend}.*?<!-- end -->", lambda _: body, PAGE.read_text(), flags=re.DOTALL)
    assert count == 1, f"{PAGE} has no place for the table"
    PAGE.write_text(text)


def main() -> None:
    """Make runs, and the table of all so far."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("backend", choices=["ray", "kubernetes"])
    parser.add_argument("--fault", action="append", metavar="NAME")
    parser.add_argument("--runs", type=int, default=20)
    parser.add_argument("--minutes", type=float, default=600.0, help="begin no run later")
    parser.add_argument("--keep", type=Path, default=Path("fault-runs.jsonl"), metavar="FILE")
    parser.add_argument("--write", action="store_true", help="put the table into docs/faults.md")
    options = parser.parse_args()
    until = time.monotonic() + 60 * options.minutes
    make(
        options.backend,
        options.fault or list(faults_of(options.backend).FAULTS),
        runs=options.runs,
        until=until,
        keep=options.keep,
    )
    lines = table(options.backend, kept(options.keep))
    sys.stdout.write("\n".join(lines) + "\n")
    if options.write:
        write(options.backend, lines)


if __name__ == "__main__":
    main()
