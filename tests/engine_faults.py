"""SIGKILL of the driver, of Docker's engine, of both, in mid-run: what is left, and is anything lost?

    uv run python -m tests.engine_faults [--rounds 5] [--image python:3.11-slim]

On an engine of its own (tests/own_engine.py), so as root; the image is copied from the machine's engine. Each round of
each fault begins a grading of the bundled answers on two containers, kills when some verdicts are there, sees when the
last container and the last process of an agent have gone, and resumes until the grading is complete. A line for each
fault: the longest time until nothing was left, from the kill or from when the engine was up again, and how many
verdicts were missing, twice there, or others than the `local` backend's. Ends with status 1 where anything was.
"""

from __future__ import annotations

import argparse
import json
import os
import random
import signal
import subprocess
import sys
import tempfile
from collections import Counter
from dataclasses import dataclass, field
from pathlib import Path

from tests import processes
from tests.every_answer import copied
from tests.own_engine import OwnEngine, own_engine, until

LEFT_S, LONG_S = 15.0, 600.0
FAULTS = ("driver", "engine", "engine and containerd", "driver and engine")
_COPIES = 2  # of the bundled answers: long enough to be killed in the middle


@dataclass(slots=True)
class Tally:
    """What the rounds of a fault came to.

    Attributes:
        left_s: For each round, seconds until nothing was left.
        resumed: Rounds in which the command had to be given again.
        wrong: Verdicts that were missing, there twice, or others than the local ones.
    """

    left_s: list[float] = field(default_factory=list)
    resumed: int = 0
    wrong: int = 0


def grading(answers: Path, output: Path, *more: str) -> list[str]:
    """The command."""
    words = ["grade", str(answers), "--dataset", "mini", "--output", str(output), *more]
    return [sys.executable, "-m", "livecodebench", *words]


def verdicts(output: Path) -> Counter[tuple[str, str, int, str]]:
    """What is there, each line counted."""
    rows = map(json.loads, (output / "judgements.jsonl").read_text().splitlines())
    return Counter((row["model"], row["question_id"], row["sample"], row["verdict"]) for row in rows)


def one_round(
    engine: OwnEngine, fault: str, answers: Path, output: Path, environment: dict[str, str]
) -> tuple[float, bool]:
    """A grading with a fault in it. Returns the seconds until nothing was left, and whether it had to be resumed."""
    command = grading(answers, output, "--backend", "docker", "--pool-size", "2")
    journal = output / "judgements.jsonl"
    wanted = random.randint(5, 80)
    words = output.with_suffix(".log")
    with (
        words.open("wb") as log,
        subprocess.Popen(command, env=environment, stdout=subprocess.DEVNULL, stderr=log) as driver,
    ):
        until(lambda: driver.poll() is not None or _lines(journal) >= wanted, "the verdicts", LONG_S)
        assert driver.poll() is None, (driver.returncode, words.read_text())
        containers = set(engine.containers())
        agents = _below(engine, containers)
        assert containers
        if "engine" in fault:
            engine.kill(everything="containerd" in fault)
        if "driver" in fault:
            driver.kill()
        if "engine" in fault:
            engine.start()

        def gone() -> bool:
            return not containers & set(engine.containers()) and not any(map(_lives, agents.items()))

        left_s = until(gone, f"the end of {containers} and of {agents}", LONG_S)
        status = driver.wait() if "driver" in fault else driver.wait(LONG_S)
    if status == 0:
        return left_s, False
    subprocess.run(command, env=environment, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, check=True)
    return left_s, True


def _lines(path: Path) -> int:
    return path.read_bytes().count(b"\n") if path.exists() else 0


def _below(engine: OwnEngine, containers: set[str]) -> dict[int, str]:
    """The processes of containers, with when each started: a number may be used again."""
    command = ["docker", "--host", engine.host, "inspect", "--format", "{{.State.Pid}}", *containers]
    said = subprocess.run(command, capture_output=True, text=True, check=False).stdout.split()
    roots = {int(word) for word in said if word != "0"}
    pids = roots.union(*(processes.descendants(pid) for pid in roots))
    return {pid: started for pid in pids if (started := _started(pid))}


def _started(pid: int) -> str:
    try:
        return Path(f"/proc/{pid}/stat").read_bytes().rpartition(b")")[2].split()[19].decode()
    except OSError:
        return ""


def _lives(entry: tuple[int, str]) -> bool:
    pid, started = entry
    return _started(pid) == started


def say(line: str) -> None:
    """Print it at once."""
    sys.stdout.write(line + "\n")
    sys.stdout.flush()


def main() -> None:
    """Run all, and say what came of it."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--image", default="python:3.11-slim")
    parser.add_argument("--only", default=",".join(FAULTS))
    options = parser.parse_args()
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))
    bad = False
    with (
        tempfile.TemporaryDirectory(prefix="faults-", ignore_cleanup_errors=True) as name,
        own_engine(Path(name, "engine")) as engine,
    ):
        folder = Path(name)
        answers = copied(_COPIES, folder / "generations.jsonl")
        engine.take_image(options.image)
        environment = os.environ | {"DOCKER_HOST": engine.host, "LIVECODEBENCH_SANDBOX_IMAGE": options.image}
        subprocess.run(grading(answers, folder / "local", "--backend", "local"), stdout=subprocess.DEVNULL, check=True)
        due = verdicts(folder / "local")
        say("| killed | rounds | longest until nothing was left, s | resumed | verdicts lost, doubled or changed |")
        say("|---|---|---|---|---|")
        for fault in options.only.split(","):
            tally = Tally()
            for number in range(options.rounds):
                output = folder / f"{fault} {number}"
                left_s, resumed = one_round(engine, fault, answers, output, environment)
                found = verdicts(output)
                tally.left_s.append(left_s)
                tally.resumed += resumed
                tally.wrong += ((due - found) + (found - due)).total()
            bad |= bool(tally.wrong) or max(tally.left_s) > LEFT_S
            longest = f"{max(tally.left_s):.1f}"
            say(f"| {fault} | {options.rounds} | {longest} | {tally.resumed} | {tally.wrong} |")
    raise SystemExit(bad)


if __name__ == "__main__":
    main()
