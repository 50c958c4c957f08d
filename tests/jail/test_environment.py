"""verifiers' environment with programs that run: right verdicts, and agents killed under them."""

from __future__ import annotations

import json
import os
import signal
import threading
from collections import Counter
from collections.abc import Callable, Iterator
from importlib.resources import files
from pathlib import Path

import pytest

from lcb_ray.launcher import AgentProcess
from lcb_ray.local import LocalPool
from livecodebench.completion import Completion
from livecodebench.dataset import open_dataset
from livecodebench.environment import evaluate, load_environment
from livecodebench.environment.single_turn import LiveCodeBenchEnv
from livecodebench.extraction import ExtractionRule
from livecodebench.lazy_judge import LazyJudge
from livecodebench.prompts import find_style
from livecodebench.replay.answering import Answerer
from livecodebench.replay.server import ReplayServer
from livecodebench.replay.stored import StoredCompletions
from livecodebench.replay.stored_file import read_stored
from livecodebench.shared_pool import PoolOptions, PoolUser

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
    """Starts real agents, and kills them: the current one on request, or each as it gets work."""

    def __init__(self) -> None:
        self.started: list[Killable] = []
        self.kill_at_work = threading.Event()

    def start(self) -> Killable:
        self.started.append(Killable(self.kill_at_work))
        return self.started[-1]

    def kill_current(self) -> None:
        os.kill(self.started[-1].pid, signal.SIGKILL)


class Killable(AgentProcess):
    """A real agent."""

    def __init__(self, kill_at_work: threading.Event) -> None:
        self._kill_at_work = kill_at_work
        super().__init__()

    def connect(self):
        connection = super().connect()
        if self._kill_at_work.is_set():
            os.kill(self.pid, signal.SIGKILL)
        return connection


@pytest.fixture
def agents() -> Agents:
    return Agents()


@pytest.fixture
def env(agents: Agents) -> Iterator[LiveCodeBenchEnv]:
    """The problem, judged one program at a time."""
    user = PoolUser(PoolOptions(slots=1), open=lambda options: LocalPool(1, start=agents.start))
    judge = LazyJudge(load_environment(dataset="mini", ids=PROBLEM).problems, user)
    made = LiveCodeBenchEnv(judge, style=find_style("OpenAIChat"), rule=ExtractionRule.OFFICIAL)
    yield made
    made.close()


def with_rollouts(count: int, right: int) -> ReplayServer:
    """A server whose first answers are right, and the others wrong; each takes a moment to run."""
    solution = read_stored(FOLDER / "generations.jsonl").samples("mini-strong", PROBLEM)[0]
    work = "sum(i * i for i in range(10**6))"
    slow = Completion(text=solution.text.replace("```python\n", f"```python\n{work}\n", 1))
    wrong = Completion(text=f"```python\n{work}\nprint('no')\n```")
    answers = [slow] * right + [wrong] * (count - right)
    return ReplayServer(Answerer(StoredCompletions({None: {PROBLEM: answers}}), open_dataset("mini").values()))


def after(rollouts: int, action: Callable[[], None]) -> Callable[..., None]:
    """An on_progress that acts once, when so many rollouts have ended; the next program is then under way."""
    done = iter(range(1, 1000))

    def on_progress(*_: object) -> None:
        if next(done) == rollouts:
            action()

    return on_progress


def test_an_agent_killed_in_mid_run_costs_nothing(agents, env):
    with with_rollouts(6, right=4) as server:
        result = evaluate(server.base_url, "m", env, rollouts_per_example=6, on_progress=after(2, agents.kill_current))
        assert server.stats()["requests"] == 6, "the model is not asked again"
    assert len(agents.started) == 2
    assert [one["error"] for one in result["outputs"]] == [None] * 6
    assert sorted(one["reward"] for one in result["outputs"]) == [0.0] * 2 + [1.0] * 4
    assert result["summary"]["pass@1"] == pytest.approx(4 / 6)


def test_agents_that_are_killed_each_time_are_faults_and_never_wrong_answers(agents, env):
    with with_rollouts(6, right=6) as server:
        result = evaluate(
            server.base_url, "m", env, rollouts_per_example=6, on_progress=after(2, agents.kill_at_work.set)
        )
        assert server.stats()["requests"] == 6, "the model is not asked again"
    rewards = [one["reward"] for one in result["outputs"]]
    faults = [one for one in result["outputs"] if one["error"] is not None]
    assert 1 <= len(faults) <= 4, "what ran while the order came may still have ended well"
    assert rewards.count(None) == len(faults)
    assert rewards.count(1.0) == 6 - len(faults)
    assert 0.0 not in rewards
    assert {one["error"]["error"] for one in faults} == {"SandboxError"}
    assert all(one["error"]["message"].endswith("(tried 3 times)") for one in faults)
    assert {one["judgement"]["error"]["attempts"] for one in faults} == {3}
    assert len(agents.started) <= 1 + 3 * len(faults), "retries are bounded"
    assert (result["summary"]["errors"], result["summary"]["passed"]) == (len(faults), 6 - len(faults))
    assert result["summary"]["pass@1"] is None
    assert result["metadata"]["avg_reward"] == 1.0, "of those that were judged"
