"""From a rollout to its reward: the answer's program is judged, once, and the verdict becomes numbers.

verifiers turns an exception in a reward function into a reward of 0. So nothing is judged in a reward function: the
rubric judges first, and where there is no verdict it says so in `state["error"]`. verifiers cannot do without a number:
beside such an error the reward is 0.0 and means nothing.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from typing import Any

import verifiers as vf

from livecodebench.problem import Difficulty
from livecodebench.rewards.reward import Reward, part_of
from livecodebench.submission import Submission
from livecodebench.verdict import Judgement, Verdict

State = dict[str, Any]
"""verifiers' state of a rollout."""

_REWARD = "livecodebench_reward"  # in a state, from the judgement to the reward function
_WRONG = tuple(verdict for verdict in Verdict if verdict is not Verdict.ACCEPTED)


class JudgeRubric(vf.Rubric):
    """The reward that was asked for: see livecodebench.rewards.reward.

    Metrics, at weight 0:

    - `passed`: 1.0 where all tests passed. (Where that is the reward, it is called so and has weight 1.)
    - `tests_passed`: the passed part of all tests. Testing stops at the first failure, unless the environment runs all
      tests: it is then a lower bound, how far the program came.
    - `cpu_seconds`: the CPU time of the tests that ran.
    - a metric for each verdict but accepted (`wrong_answer`, `time_limit`, …, `no_code`): 1.0 where it is the verdict.

    The judgement itself is in `state["judgement"]`, as a line of judgements.jsonl has it but for the reasons of its
    tests, which quote expected outputs (ask for it with `state_columns=["judgement"]`). A rollout with an error has
    neither metrics nor a judgement with a verdict.

    Args:
        judge: Judges a submission; a failure of the infrastructure is a judgement with an error.
        parser: Takes the program out of the completion.
        reward: From a judgement to the reward.
        difficulty_of: Of a problem, by question_id; needed where rewards differ by difficulty.
    """

    def __init__(
        self,
        judge: Callable[[Submission], Awaitable[Judgement]],
        *,
        parser: vf.Parser,
        reward: Reward | None = None,
        difficulty_of: Callable[[str], Difficulty] = lambda _: Difficulty.EASY,
    ) -> None:
        super().__init__(parser=parser)
        self._judge = judge
        self._reward = reward or Reward()
        self._difficulty_of = difficulty_of
        if self._reward == Reward():
            self.add_reward_func(passed)
        else:
            self.add_reward_func(rewarded)
            self.add_metric(passed)
        for metric in (tests_passed, cpu_seconds, *map(_metric_of, _WRONG)):
            self.add_metric(metric)

    async def score_rollout(self, state: State) -> None:
        """Judge a rollout and score it."""
        await self._find_verdict(state)
        if state["error"] is None:
            await super().score_rollout(state)
        else:
            await self.dummy_score_rollout(state)

    async def score_group(self, states: list[State]) -> None:
        """Judge a group, all at once. A rollout with an error does not count in the others' advantage."""
        await asyncio.gather(*map(self._find_verdict, states))
        failed = [state for state in states if state["error"] is not None]
        judged = [state for state in states if state["error"] is None]
        await self.dummy_score_group(failed)
        for state in failed:
            state["advantage"] = 0.0
        if judged:
            await super().score_group(judged)

    async def _find_verdict(self, state: State) -> None:
        if state["error"] is None:
            state["error"] = _without_answer(state)
        if state["error"] is not None:
            return
        code = self.parser.parse_answer(state["completion"]) or ""
        judgement = await self._judge(Submission(state["info"]["question_id"], code, state["model"]))
        state["judgement"] = judgement.as_json(reasons=False)
        if judgement.error is not None:
            state["error"] = vf.SandboxError(f"{judgement.error.type}: {judgement.error.message}")
        else:
            state[_REWARD] = self._reward.of(judgement, self._difficulty_of(judgement.question_id))


def _without_answer(state: State) -> vf.Error | None:
    """What kept the model from answering; verifiers would have it scored like a wrong answer."""
    if state.get("timed_out"):
        return vf.ModelError("the rollout was stopped before the model had answered: allow it more seconds")
    if state.get("prompt_too_long"):
        return vf.OverlongPromptError("the API says that prompt and answer exceed the context: lower max_tokens")
    return None


async def passed(state: State) -> float:
    """1.0 where all tests passed."""
    return float(state["judgement"]["passed"])


async def rewarded(state: State) -> float:
    """The reward, where it is another than `passed`."""
    return float(state[_REWARD])


async def tests_passed(state: State) -> float:
    """The passed part of all tests, 0 to 1."""
    judgement = state["judgement"]
    right = sum(test["verdict"] == Verdict.ACCEPTED for test in judgement["tests"])
    return part_of(right, judgement["tests_total"], whole=judgement["passed"])


async def cpu_seconds(state: State) -> float:
    """CPU time of the tests that ran."""
    return float(sum(test["cpu_s"] for test in state["judgement"]["tests"]))


def _metric_of(verdict: Verdict) -> Callable[[State], Awaitable[float]]:
    async def metric(state: State) -> float:
        return float(state["judgement"]["verdict"] == verdict)

    metric.__name__ = verdict.value
    return metric
