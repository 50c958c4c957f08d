"""verifiers' v1 API by its own commands: run, fault, resume and replay, on 0.3.1 and on 0.4.

Slow: each command imports verifiers, which takes a quarter of a minute. All 56 bundled answers are served as samples
of one model.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections import Counter
from pathlib import Path

import pytest

from livecodebench.answers.completion import Completion
from livecodebench.dataset.opening import open_dataset
from livecodebench.replay.answering import Answerer
from livecodebench.replay.server import ReplayServer
from livecodebench.replay.stored import StoredCompletions
from tests import verifiers04
from tests.every_answer import every_answer, expected_rewards

ANSWERS = every_answer()
PATIENCE_S = 900


@pytest.fixture(
    scope="module",
    params=[
        pytest.param("0.3", marks=pytest.mark.jail),
        pytest.param("0.4", marks=[pytest.mark.jail, pytest.mark.verifiers04]),
    ],
)
def release(request) -> str:
    return request.param


@pytest.fixture(scope="module")
def programs(release) -> Path:
    """Where the commands of this release are."""
    return Path(sys.executable).parent if release == "0.3" else verifiers04.programs()


class Run:
    """A run of the command `eval`, and what is done with it."""

    def __init__(self, release: str, programs: Path, folder: Path, server: ReplayServer) -> None:
        self.programs, self.folder, self.server = programs, folder, server
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

    def start(self, **variables: str) -> None:
        self.command(
            self.eval,
            *("livecodebench", "-m", "tiny-1", "-r", "4", "--no-push", "--no-rich", "-o", "out"),
            *("--client.base-url", self.server.base_url, "--client.api-key-var", "NO_KEY", *self.in_process),
            *("--env.taskset.dataset", "mini", "--env.taskset.task.slots", "2", "--env.taskset.task.time-limit", "2"),
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

    def traces(self, under: str = "out") -> list[dict[str, object]]:
        return [trace for line in self.traces_file(under).read_text().splitlines() for trace in _in(json.loads(line))]

    def requests(self) -> int:
        return int(self.server.stats()["requests"])


def _in(line):
    return line.get("traces", [line])


def rewards_of(traces) -> Counter:
    """By problem and answer."""
    return Counter(
        (
            (trace["task"]["data"]["question_id"], trace["nodes"][-1]["message"]["content"] or ""),
            trace["rewards"]["reward"]["score"],
        )
        for trace in traces
    )


@pytest.fixture(scope="module")
def run(release, programs, tmp_path_factory):
    samples: dict[str, list[Completion]] = {}
    for answer in ANSWERS:
        samples.setdefault(answer.question_id, []).append(Completion(text=answer.text))
    answerer = Answerer(StoredCompletions({None: samples}), open_dataset("mini").values(), cycle=True)
    with ReplayServer(answerer) as server:
        yield Run(release, programs, tmp_path_factory.mktemp("run"), server)


@pytest.mark.timeout(4 * PATIENCE_S)
def test_run_fault_resume_and_replay(run):
    run.start(LIVECODEBENCH_BACKEND="docker", DOCKER_HOST="unix:///nowhere.sock")
    faults = run.traces()
    assert len(faults) == len(ANSWERS)
    assert not any(trace["ok"] or (trace["rewards"].get("reward") or {}).get("score") for trace in faults)
    assert all("Sandbox" in str(trace["errors"]) or "Pool" in str(trace["errors"]) for trace in faults)

    run.resume()
    expected = Counter((answer.key, expected_rewards()[answer.key]) for answer in ANSWERS)
    judged = [trace for trace in run.traces() if trace["ok"]]
    assert rewards_of(judged) == expected
    assert run.requests() == 2 * len(ANSWERS)

    run.score_anew()
    assert rewards_of(run.traces("anew")) == expected
    assert run.requests() == 2 * len(ANSWERS), "the model is not asked again"

    written = run.traces_file().read_text()
    hidden = {test.output for problem in open_dataset("mini").values() for test in problem.private_tests()}
    long = [output for output in hidden if len(output) > 40]
    assert long, "outputs that cannot be in a prompt by chance"
    assert not any(json.dumps(output)[1:-1] in written for output in long)
    assert "private" not in written
