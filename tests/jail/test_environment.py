"""verifiers' environment with programs that run: right verdicts, and agents killed under them."""

from __future__ import annotations

import itertools
import json
import os
import signal
from collections import Counter
from collections.abc import Iterator
from concurrent.futures import Future
from contextlib import contextmanager
from dataclasses import replace
from functools import partial
from importlib.resources import files
from pathlib import Path

import pytest

from lcb_ray.agent.protocol import ExecutionResult
from lcb_ray.batch import Batch, BatchResult, Case, Check
from lcb_ray.launcher import AgentProcess
from lcb_ray.local import LocalPool
from lcb_ray.pool import SandboxInfo
from livecodebench.answers.extraction import ExtractionRule
from livecodebench.dataset.opening import open_dataset
from livecodebench.environment import evaluate, load_environment
from livecodebench.environment.single_turn import LiveCodeBenchEnv
from livecodebench.judging.lazy_judge import LazyJudge
from livecodebench.judging.shared_pool import PoolOptions, PoolUser
from livecodebench.prompts import find_style
from livecodebench.replay.answering import Answerer
from livecodebench.replay.server import ReplayServer
from livecodebench.replay.stored import StoredCompletions
from livecodebench.replay.stored_file import read_stored
from livecodebench.verdict import TestVerdict

pytestmark = pytest.mark.jail

FOLDER = Path(str(files("livecodebench") / "data" / "mini"))
PROBLEM = "mini_sum_pairs"


@pytest.fixture
def mini_server() -> Iterator[ReplayServer]:
    """Serves the bundled answers, samples in turn."""
    stored = read_stored(FOLDER / "generations.jsonl")
    with ReplayServer(Answerer(stored, open_dataset("mini").values())) as server:
        yield server


@pytest.mark.parametrize("model", ["mini-strong", "mini-weak"])
def test_every_bundled_answer_gets_its_verdict(mini_server, model):
    env = load_environment(dataset="mini", slots=2)
    result = evaluate(mini_server.base_url, model, env, rollouts_per_example=2)
    env.close()
    found = Counter((one["info"]["question_id"], one["judgement"]["verdict"]) for one in result["outputs"])
    rows = [row for row in json.loads((FOLDER / "expected.json").read_text())["verdicts"] if row["model"] == model]
    assert found == Counter((row["question_id"], row["verdict"]) for row in rows)
    right = sum(row["verdict"] == "accepted" for row in rows)
    assert sum(one["reward"] for one in result["outputs"]) == right == result["summary"]["passed"]
    assert result["summary"]["pass@1"] == pytest.approx(right / len(rows))
    assert result["metadata"]["avg_reward"] == pytest.approx(right / len(rows))
    assert json.loads(json.dumps(one := result["outputs"][0]["judgement"])) == one


class Agents:
    """Starts real agents, and kills the one that runs."""

    def __init__(self) -> None:
        self.started: list[AgentProcess] = []

    def start(self) -> AgentProcess:
        self.started.append(AgentProcess())
        return self.started[-1]

    def kill(self) -> None:
        os.kill(self.started[-1].pid, signal.SIGKILL)


class KillingPool:
    """A real local pool with one slot whose agent is killed while it runs the programs that are named by their number.

    A killed program has just had a test checked, and more are to come.
    """

    def __init__(self, agents: Agents, *, victims: range, each_time: bool) -> None:
        self._pool = LocalPool(1, start=agents.start)
        self._agents = agents
        self._left = set(victims)
        self._each_time = each_time
        self._numbers = itertools.count()

    def info(self) -> SandboxInfo:
        return self._pool.info()

    def submit(self, batch: Batch[TestVerdict]) -> Future[BatchResult[TestVerdict]]:
        return self._pool.submit(replace(batch, check=partial(self._check, next(self._numbers), batch.check)))

    def _check(self, number: int, check: Check[TestVerdict], result: ExecutionResult, case: Case) -> TestVerdict:
        if number in self._left:
            self._agents.kill()
            if not self._each_time:
                self._left.remove(number)
        return check(result, case)

    def close(self) -> None:
        self._pool.close()


@contextmanager
def killing(agents: Agents, *, victims: range, each_time: bool) -> Iterator[LiveCodeBenchEnv]:
    """An environment of one problem, whose agent is killed under some programs."""
    user = PoolUser(PoolOptions(), open=lambda options: KillingPool(agents, victims=victims, each_time=each_time))
    judge = LazyJudge(load_environment(dataset="mini", ids=PROBLEM).problems, user)
    env = LiveCodeBenchEnv(judge, style=find_style("OpenAIChat"), rule=ExtractionRule.OFFICIAL)
    yield env
    env.close()


@pytest.fixture
def server() -> Iterator[ReplayServer]:
    """Right answers to the problem."""
    solution = read_stored(FOLDER / "generations.jsonl").samples("mini-strong", PROBLEM)[0]
    stored = StoredCompletions({None: {PROBLEM: [solution] * 6}})
    with ReplayServer(Answerer(stored, open_dataset("mini").values())) as running:
        yield running


def test_an_agent_killed_in_mid_run_costs_nothing(server):
    agents = Agents()
    with killing(agents, victims=range(2, 3), each_time=False) as env:
        result = evaluate(server.base_url, "m", env, rollouts_per_example=6)
    assert len(agents.started) == 2
    assert server.stats()["requests"] == 6, "the model is not asked again"
    assert [one["error"] for one in result["outputs"]] == [None] * 6
    assert [one["reward"] for one in result["outputs"]] == [1.0] * 6
    assert result["summary"]["pass@1"] == 1.0


def test_agents_killed_each_time_are_faults_and_never_wrong_answers(server):
    agents = Agents()
    with killing(agents, victims=range(2, 6), each_time=True) as env:
        result = evaluate(server.base_url, "m", env, rollouts_per_example=6)
    assert len(agents.started) == 4 * 3, "retries are bounded"
    assert server.stats()["requests"] == 6, "the model is not asked again"
    faults = [one for one in result["outputs"] if one["error"] is not None]
    assert Counter(one["reward"] for one in result["outputs"]) == {1.0: 2, None: 4}
    assert {one["error"]["error"] for one in faults} == {"SandboxError"}
    assert all(one["error"]["message"].endswith("(tried 3 times)") for one in faults)
    assert [one["judgement"]["error"]["attempts"] for one in faults] == [3] * 4
    counts = ("submissions", "errors", "judged", "passed", "pass@1")
    assert [result["summary"][name] for name in counts] == [6, 4, 2, 2, None]
    assert result["summary"]["pass@1_range"] == [pytest.approx(2 / 6), 1.0]
    assert result["metadata"]["avg_reward"] == 1.0, "of those that were judged"
