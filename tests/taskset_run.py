"""verifiers' v1 API by its own commands, of 0.3 or of 0.4: run, resumed, scored anew, and what its traces say."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections import Counter
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from livecodebench.replay.server import ReplayServer
from tests import verifiers04

PATIENCE_S = 900


def programs_of(release: str) -> Path:
    """Where the commands of this release are."""
    return Path(sys.executable).parent if release == "0.3" else verifiers04.programs()


class TasksetRun:
    """A run of the command `eval`, and what is done with it."""

    def __init__(self, release: str, folder: Path, server: ReplayServer) -> None:
        self.programs, self.folder, self.server = programs_of(release), folder, server
        self.eval, self.replay = ("eval", "replay") if release == "0.3" else ("vf-eval", "vf-replay")
        self.in_process = ["--no-serve"] if release == "0.3" else []

    def command(self, name: str, *arguments: str, **variables: str) -> None:
        environment = {k: v for k, v in os.environ.items() if not k.startswith("LIVECODEBENCH_")}
        ended = subprocess.run(
            [self.programs / name, *arguments],
            cwd=self.folder,
            env=environment | {"NO_KEY": "x"} | variables,
            capture_output=True,
            text=True,
            timeout=PATIENCE_S,
        )
        assert ended.returncode == 0, ended.stderr[-4000:]

    def start(self, model: str, samples: int, dataset: str, *options: str, **variables: str) -> None:
        self.command(
            self.eval,
            *("livecodebench", "-m", model, "-r", str(samples), "--no-push", "--no-rich", "-o", "out"),
            *("--client.base-url", self.server.base_url, "--client.api-key-var", "NO_KEY", *self.in_process),
            *("--env.taskset.dataset", dataset, "--env.taskset.task.slots", "2", *options),
            **variables,
        )

    def resume(self) -> None:
        (config,) = self.folder.glob("out/*/configs/resolved/eval.json")
        self.command(self.eval, "@", str(config), "--resume")

    def score_anew(self) -> None:
        self.command(self.replay, str(self.traces_file().parent), "--no-rich", "--output-dir", "anew")

    def traces_file(self, under: str = "out") -> Path:
        (file,) = self.folder.glob(f"{under}/**/traces.jsonl")
        return file

    def traces(self, under: str = "out") -> list[dict[str, Any]]:
        rows = map(json.loads, self.traces_file(under).read_text().splitlines())
        return [trace for row in rows for trace in row.get("traces", [row])]

    def requests(self) -> int:
        return int(self.server.stats()["requests"])


def rewards_of(traces: Sequence[dict[str, Any]]) -> Counter[tuple[tuple[str, str], float]]:
    """By problem and answer."""
    return Counter(
        (
            (trace["task"]["data"]["question_id"], trace["nodes"][-1]["message"]["content"] or ""),
            trace["rewards"]["reward"]["score"],
        )
        for trace in traces
    )
