"""From a model's text to its reward, for trainers: dataset, extraction, judge and reward in one.

Opening is lazy, as in livecodebench.judging.lazy_judge: a scorer may be made in any process, thread or actor. Those
with equal options are the same one within a process (`shared_scorer`), so that a trainer may ask for one at every call.
"""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from concurrent.futures import Future
from dataclasses import dataclass, field
from functools import cache, partial
from typing import TypedDict

from lcb_ray.agent.protocol import Limits
from lcb_ray.rules.events import Priority
from livecodebench.answers.extraction import extract
from livecodebench.dataset.filters import Filters
from livecodebench.errors import InputError, quoted
from livecodebench.judging.lazy_judge import LazyJudge
from livecodebench.judging.limits import limits_of
from livecodebench.judging.shared_pool import PoolOptions, PoolUser
from livecodebench.problem import Problem
from livecodebench.prompts import GENERIC_STYLE, find_style
from livecodebench.rewards.problem_choice import DEFAULT_RELEASE, ProblemChoice
from livecodebench.rewards.reward import PASSED, Reward, reward_of
from livecodebench.rewards.variables import setting, whole_number
from livecodebench.submission import Submission
from livecodebench.verdict import Judgement


class ScorerArguments(TypedDict, total=False):
    """What `scorer_options` takes, for functions that hand it on."""

    dataset: str | None
    dataset_revision: str | None
    backend: str | None
    slots: int | None
    pool_size: int | None
    priority: str
    extraction: str | None
    all_tests: bool
    time_limit: float | None
    memory_limit: int | None
    reward: str
    difficulty_weights: Mapping[str, float] | None


@dataclass(frozen=True, slots=True, kw_only=True)
class ScorerOptions:
    """Which scorer is meant.

    Attributes:
        problems: What can be scored.
        pool: Where programs run.
        rule: How a program is found in an answer.
        all_tests: Whether a wrong program's remaining tests run too.
        limits: For each test.
        reward: From a judgement to a number.
    """

    problems: ProblemChoice
    pool: PoolOptions
    rule: str
    all_tests: bool = False
    limits: Limits = field(default_factory=Limits)
    reward: Reward = field(default_factory=Reward)


@dataclass(frozen=True, slots=True)
class Score:
    """What came of an answer.

    Attributes:
        reward: None where the infrastructure failed: such an answer has to be left out, not counted as wrong.
        judgement: All that is known of it.
    """

    reward: float | None
    judgement: Judgement


class Scorer:
    """Scores answers. Safe to use from many threads and event loops.

    Args:
        options: What is asked.
        judge: Judges; None: one by the options.
    """

    def __init__(self, options: ScorerOptions, *, judge: LazyJudge | None = None) -> None:
        self.options = options
        self._judge = judge or LazyJudge(
            options.problems.open, PoolUser(options.pool), all_tests=options.all_tests, limits=options.limits
        )

    def problems(self) -> Mapping[str, Problem]:
        """What can be scored, by question_id. Raises InputError."""
        return self._judge.problems()

    def submit(self, question_id: str, completion: str, *, model: str | None = None) -> Future[Judgement]:
        """Queue an answer. Raises InputError where there is no such problem."""
        self._problem(question_id)
        return self._judge.submit(Submission(question_id, extract(completion, self.options.rule).code, model))

    async def score(self, question_id: str, completion: str, *, model: str | None = None) -> Score:
        """Score an answer; cancelling this stops its program.

        Args:
            question_id: The problem.
            completion: The model's whole answer.
            model: Who answered.

        Raises:
            InputError: There is no such problem, or its dataset cannot be had.
        """
        # In a thread: the first call opens the dataset and the sandboxes.
        judging = await asyncio.to_thread(partial(self.submit, question_id, completion, model=model))
        return self._scored(await asyncio.wrap_future(judging))

    def score_now(self, question_id: str, completion: str, *, model: str | None = None) -> Score:
        """The same for callers without an event loop."""
        return self._scored(self.submit(question_id, completion, model=model).result())

    def close(self) -> None:
        """Give up the sandboxes; a later use asks for them again."""
        self._judge.release()

    def _scored(self, judgement: Judgement) -> Score:
        if judgement.verdict is None:
            return Score(None, judgement)
        return Score(self.options.reward.of(judgement, self._problem(judgement.question_id).difficulty), judgement)

    def _problem(self, question_id: str) -> Problem:
        problems = self._judge.problems()
        if question_id not in problems:
            raise InputError(
                f"question_id {quoted(str(question_id))} is not in {problems.name}: mend the rows, or `dataset`"
            )
        return problems[question_id]


def scorer_options(
    *,
    dataset: str | None = None,
    dataset_revision: str | None = None,
    backend: str | None = None,
    slots: int | None = None,
    pool_size: int | None = None,
    priority: str = Priority.TRAINING,
    extraction: str | None = None,
    all_tests: bool = False,
    time_limit: float | None = None,
    memory_limit: int | None = None,
    reward: str = PASSED,
    difficulty_weights: Mapping[str, float] | None = None,
) -> ScorerOptions:
    """Check what a user asks for; opens nothing.

    Args:
        dataset: "mini", a release, or a file. None: LIVECODEBENCH_DATASET, else release_v5.
        dataset_revision: Of a release; None: the pinned one.
        backend: Where programs run. None: LIVECODEBENCH_BACKEND, else "local".
        slots: Programs at once in each sandbox. None: LIVECODEBENCH_SLOTS, else the backend's default.
        pool_size: Sandboxes. None: LIVECODEBENCH_POOL_SIZE, else the backend's default.
        priority: "training" or "evaluation", where a pool has other users too: evaluations get the larger share.
        extraction: "official", "last_fenced" or "whole". None: the rule of LiveCodeBench's usual prompt.
        all_tests: Run every test of a wrong program too.
        time_limit: CPU seconds for each test; None: 6.
        memory_limit: MiB for each test; None: 2048.
        reward: "passed" or "fraction"; see livecodebench.rewards.reward.
        difficulty_weights: By difficulty; None: 1 for each.

    Raises:
        InputError: An argument is wrong; the message names it.
    """
    return ScorerOptions(
        problems=ProblemChoice(
            name=str(dataset or setting("DATASET", DEFAULT_RELEASE)), revision=dataset_revision, filters=Filters()
        ),
        pool=pool_options(backend=backend, slots=slots, pool_size=pool_size, priority=priority),
        rule=extract("", extraction or find_style(GENERIC_STYLE).extraction).rule,
        all_tests=all_tests,
        limits=limits_of(time_limit=time_limit, memory_limit=memory_limit),
        reward=reward_of(reward, difficulty_weights, all_tests=all_tests),
    )


def pool_options(*, backend: str | None, slots: int | None, pool_size: int | None, priority: str) -> PoolOptions:
    """The sandboxes meant: the argument, else the environment variable, else the default. Raises InputError."""
    return PoolOptions(
        backend=setting("BACKEND", "local") if backend is None else backend,
        slots=whole_number("SLOTS") if slots is None else slots,
        pool_size=whole_number("POOL_SIZE") if pool_size is None else pool_size,
        priority=priority,
    )


@cache
def shared_scorer(options: ScorerOptions) -> Scorer:
    """The scorer of this process with these options. Its sandboxes are closed at exit, or by its `close`."""
    scorer = Scorer(options)
    _shared.append(scorer)
    return scorer


_shared: list[Scorer] = []


def close_scorers() -> None:
    """Give up the sandboxes of every shared scorer of this process; a later use asks for them again."""
    for scorer in list(_shared):
        scorer.close()
