"""How a pool's pods come and go: two for one program, six when a second one asks for them, none when both have ended.

    python benchmarks/pod_growth.py ANSWERS DATASET --context kind-livecodebench [--pods 2 6]

Prints a line whenever the pods of a node change: seconds since the first program began, what happened, and the sandbox
pods that are there and that are ready, node by node. The sandboxes are small, so that six fit on two nodes.
"""

from __future__ import annotations

import argparse
import json
import os
import subprocess
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Callable
from pathlib import Path

SMALL = {
    "LIVECODEBENCH_K8S_SANDBOX_CPU": "250m",
    "LIVECODEBENCH_K8S_GRACE": "10",
}
NAMESPACE = "livecodebench"
LOOK_S, LONG_S = 0.5, 1800.0


class Pods:
    """Looks at the sandbox pods, and says what has changed."""

    def __init__(self, context: str) -> None:
        self._list = ["kubectl", "--context", context, "--namespace", NAMESPACE, "get", "pods", "--output", "json"]
        self._list += ["--selector", "ray.io/node-type=worker"]
        self._began, self._last = time.monotonic(), ""

    def say(self, what: str) -> None:
        """A line with the time."""
        sys.stdout.write(f"{time.monotonic() - self._began:6.1f} s  {what}\n")
        sys.stdout.flush()

    def look(self) -> tuple[int, int]:
        """Pods that are there, and of them those that are ready."""
        found = subprocess.run(self._list, capture_output=True, text=True, check=True).stdout
        there, ready = Counter[str](), Counter[str]()
        for pod in json.loads(found)["items"]:
            node = pod["spec"].get("nodeName", "no node yet")
            conditions = {one["type"]: one["status"] for one in pod["status"].get("conditions", [])}
            there[node] += 1
            ready[node] += conditions.get("Ready") == "True" and "deletionTimestamp" not in pod["metadata"]
        words = f"{there.total()} pods, {ready.total()} ready"
        by_node = ", ".join(f"{ready[node]} of {count} on {node}" for node, count in sorted(there.items()))
        if (line := f"{words}: {by_node}" if by_node else words) != self._last:
            self.say(line)
            self._last = line
        return there.total(), ready.total()

    def until(self, seen: Callable[[int, int], bool]) -> None:
        """Look until it is so."""
        deadline = time.monotonic() + LONG_S
        while not seen(*self.look()):
            assert time.monotonic() < deadline, "it never came"
            time.sleep(LOOK_S)


def grade(given: argparse.Namespace, pods: int, output: Path) -> subprocess.Popen[bytes]:
    """A program that uses so many."""
    words = ["grade", given.answers, "--dataset", given.dataset, "--backend", "kubernetes", "--pool-size", pods]
    command = [sys.executable, "-m", "livecodebench", *map(str, words), "--output", str(output)]
    with output.with_suffix(".log").open("wb") as log:
        return subprocess.Popen(command, env=os.environ | SMALL, stdout=log, stderr=log)


def main() -> None:
    """Two programs, one after the other has its pods."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("answers")
    parser.add_argument("dataset")
    parser.add_argument("--context", required=True)
    parser.add_argument("--pods", type=int, nargs=2, default=[2, 6])
    given = parser.parse_args()
    few, many = given.pods
    with tempfile.TemporaryDirectory() as folder:
        pods = Pods(given.context)
        pods.say(f"a program begins that wants {few}")
        first = grade(given, few, Path(folder) / "first")
        pods.until(lambda _, ready: ready >= few)
        pods.say(f"a program begins that wants {many}")
        second = grade(given, many, Path(folder) / "second")
        pods.until(lambda _, ready: ready >= many or second.poll() is not None)
        pods.until(lambda _there, _ready: first.poll() is not None and second.poll() is not None)
        pods.say(f"both have ended, with status {first.returncode} and {second.returncode}")
        for log in sorted(Path(folder).glob("*.log")):
            sys.stdout.write(f"{log.stem}: {log.read_text().splitlines()[-1:]}\n")
        pods.until(lambda there, _: there == 0)


if __name__ == "__main__":
    main()
