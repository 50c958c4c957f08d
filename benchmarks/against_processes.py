"""A test in the agent against a new process for each test: a fresh interpreter, `docker exec`, `kubectl exec`.

    uv run python benchmarks/against_processes.py [--rounds 7] [--tests 10] [--imports]
        [--container NAME] [--pod NAMESPACE/NAME [--in CONTAINER] [--context CONTEXT]]

Wall time of a test that adds two numbers, one after the other, the candidates in turns. `fresh` is
`python -I -S` with the program's file; `fresh+imports` the same with the imports that LiveCodeBench's grader puts in
front of every program, as many programs need them (in the agent they are there at no cost). The container and the pod
must have python3. The ratios are of neighbouring rounds: how many times as long as in the agent.
"""

from __future__ import annotations

import argparse
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from contextlib import closing
from pathlib import Path

from agents import INPUT, OUTPUT, SUM, machine, spread, start, submit

from livecodebench.judging.official.harness.source import import_string


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--rounds", type=int, default=7)
    parser.add_argument("--tests", type=int, default=10, help="for each round and candidate")
    parser.add_argument("--container", metavar="NAME", help="a running container: docker exec")
    parser.add_argument("--pod", metavar="NAMESPACE/NAME", help="a running pod: kubectl exec")
    parser.add_argument("--in", dest="pod_container", metavar="CONTAINER", help="which container of the pod")
    parser.add_argument("--context", help="of the kubeconfig")
    options = parser.parse_args()
    print(machine())
    with tempfile.TemporaryDirectory() as folder, closing(start()) as agent:
        candidates: dict[str, Callable[[], None]] = {"agent": lambda: submit(agent, options.tests)}
        for name, command in commands(options, Path(folder)).items():
            candidates[name] = lambda command=command: each(command, options.tests)
        compare(candidates, options)


def commands(options: argparse.Namespace, folder: Path) -> dict[str, list[str]]:
    """What runs the program once."""
    plain, imports = folder / "plain.py", folder / "imports.py"
    plain.write_bytes(SUM)
    imports.write_bytes(import_string.encode() + b"\n" + SUM)
    found = {
        "fresh": [sys.executable, "-I", "-S", str(plain)],
        "fresh+imports": [sys.executable, "-I", "-S", str(imports)],
    }
    program = ["python3", "-I", "-S", "-c", SUM.decode()]
    if options.container:
        found["docker exec"] = ["docker", "exec", "-i", options.container, *program]
    if options.pod:
        namespace, _, pod = options.pod.partition("/")
        where = ["--context", options.context] if options.context else []
        inside = ["-c", options.pod_container] if options.pod_container else []
        found["kubectl exec"] = ["kubectl", *where, "-n", namespace, "exec", "-i", pod, *inside, "--", *program]
    return found


def each(command: list[str], tests: int) -> None:
    for _ in range(tests):
        done = subprocess.run(command, input=INPUT, stdout=subprocess.PIPE, check=True)
        assert done.stdout == OUTPUT, done


def compare(candidates: dict[str, Callable[[], None]], options: argparse.Namespace) -> None:
    times: dict[str, list[float]] = {name: [] for name in candidates}
    for run in candidates.values():
        run()
    for _ in range(options.rounds):
        for name, run in candidates.items():
            began = time.monotonic()
            run()
            times[name].append((time.monotonic() - began) / options.tests * 1e3)
    for name, values in times.items():
        ratios = [value / ours for value, ours in zip(values, times["agent"], strict=True)]
        beside = "" if name == "agent" else f"   {spread(ratios, ' times', '.1f')}"
        print(f"  {name:14} {spread(values)} ms{beside}")


if __name__ == "__main__":
    main()
