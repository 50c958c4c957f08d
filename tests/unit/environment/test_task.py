"""The v1 API's reward: from a trace to a number, or to an error. The judge is scripted here."""

from __future__ import annotations

import asyncio
from types import SimpleNamespace

import pytest

from lcb_ray.agent.protocol import Outcome, Usage
from lcb_ray.errors import SandboxError
from livecodebench.rewards.scorer import Score
from livecodebench.taskset import task
from livecodebench.taskset.task import LiveCodeBenchData, LiveCodeBenchTask, LiveCodeBenchTaskConfig
from livecodebench.verdict import Judgement, JudgementError, TestVerdict, Verdict

USAGE = Usage(cpu_s=0.5, wall_s=0.5, max_rss_bytes=1)
WRONG = TestVerdict(
    index=0,
    verdict=Verdict.WRONG_ANSWER,
    outcome=Outcome.EXITED,
    exit_code=0,
    signal=None,
    usage=USAGE,
    reason="line 1: expected 'secret', printed '1'",
)


class Scorer:
    """Gives one score, and keeps what it was asked."""

    def __init__(self, verdict, *, reward=None, error=None, tests=()):
        self.asked = []
        fields = {"model": "tiny-1", "question_id": "own_a", "sample": 0, "grading": "standard", "tests_total": 4}
        self._score = Score(reward, Judgement(verdict=verdict, error=error, tests=tests, **fields))

    async def score(self, question_id, completion, *, model):
        self.asked.append((question_id, completion, model))
        return self._score


def a_trace(*answers):
    trace = SimpleNamespace(
        info={}, metrics={}, stop_condition="context_length", calls=[SimpleNamespace(model="tiny-1")]
    )
    trace.assistant_messages = list(answers)
    trace.last_reply = answers[-1] if answers else ""
    trace.record_metrics = trace.metrics.update
    return trace


def rewarded(scorer, trace, monkeypatch):
    monkeypatch.setattr(task, "shared_scorer", lambda options: scorer)
    data = LiveCodeBenchData(idx=0, name="own_a", prompt="?", question_id="own_a", dataset="mini")
    return asyncio.run(LiveCodeBenchTask(data, LiveCodeBenchTaskConfig()).reward(trace))


def test_a_verdict_is_a_reward_and_quotes_no_expected_output(monkeypatch):
    scorer, trace = Scorer(Verdict.WRONG_ANSWER, reward=0.0, tests=(WRONG,)), a_trace("an answer")
    assert rewarded(scorer, trace, monkeypatch) == 0.0
    assert scorer.asked == [("own_a", "an answer", "tiny-1")]
    assert trace.metrics["wrong_answer"] == 1.0
    assert trace.info["livecodebench"]["verdict"] == "wrong_answer"
    assert "secret" not in str(trace.info)


def test_a_fault_is_an_error(monkeypatch):
    scorer, trace = Scorer(None, error=JudgementError("SandboxLost", "gone", 3)), a_trace("an answer")
    with pytest.raises(SandboxError, match="SandboxLost: gone"):
        rewarded(scorer, trace, monkeypatch)
    assert trace.metrics == {}


def test_what_the_model_never_answered_is_an_error_and_is_not_judged(monkeypatch):
    scorer = Scorer(Verdict.NO_CODE, reward=0.0)
    with pytest.raises(RuntimeError, match="the model has not answered: context_length"):
        rewarded(scorer, a_trace(), monkeypatch)
    assert scorer.asked == []


def test_an_empty_answer_is_an_answer(monkeypatch):
    assert rewarded(Scorer(Verdict.NO_CODE, reward=0.0), a_trace(""), monkeypatch) == 0.0
