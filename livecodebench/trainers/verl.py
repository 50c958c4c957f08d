"""Reward functions for verl (0.9.1): `reward.custom_reward_function.path=pkg://livecodebench.trainers.verl`.

- `compute_score`: async, for the reward loop's managers that await it (naive, dapo, gdpo, rate_limited).
- `compute_score_sync`: for those that call it in a thread or a process (remote, and the older naive and prime).
- `compute_score_batch`: for the older batch manager, which scores a whole batch in one call.

`reward_kwargs` are those of livecodebench.rewards.scorer.scorer_options, and `retries` and `mask_value`. The ground
truth of a row is its question_id (`rows` makes such rows): tests stay on the host. verl has no word for "no reward", so
that an answer whose sandbox failed for good gets `mask_value` and infra_error 1; in a batch, the mean of its group
instead.
"""

from __future__ import annotations

import asyncio
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from statistics import fmean
from typing import Any, Unpack

from livecodebench.prompts import GENERIC_STYLE, find_style
from livecodebench.rewards.scorer import Score, Scorer, ScorerArguments, scorer_options, shared_scorer
from livecodebench.trainers.attempts import FaultPolicy, attempted, attempted_all, attempted_now, metrics_of


class Arguments(ScorerArguments, total=False):
    """What `reward_kwargs` may have; the last two are verl's own."""

    retries: int
    mask_value: float
    reward_router_address: str | None
    reward_model_tokenizer: object


async def compute_score(
    data_source: str,
    solution_str: str,
    ground_truth: str,
    extra_info: Mapping[str, Any] | None = None,
    **options: Unpack[Arguments],
) -> dict[str, float]:
    """The reward of an answer.

    Args:
        data_source: Not looked at.
        solution_str: The model's whole answer.
        ground_truth: The question_id.
        extra_info: Not looked at.
        options: See this module.

    Returns:
        "score", and to be logged: "acc" (all tests passed), "tests_passed", "cpu_seconds", "infra_error".

    Raises:
        InputError: An option is wrong, or the dataset has no such problem. Never for a failed sandbox.
    """
    scorer, policy = _asked(options)
    return _result(await attempted(scorer, ground_truth, solution_str, policy), policy.mask_value)


def compute_score_sync(
    data_source: str,
    solution_str: str,
    ground_truth: str,
    extra_info: Mapping[str, Any] | None = None,
    **options: Unpack[Arguments],
) -> dict[str, float]:
    """The same for managers that call it in a thread or a process."""
    scorer, policy = _asked(options)
    return _result(attempted_now(scorer, ground_truth, solution_str, policy), policy.mask_value)


def compute_score_batch(
    data_sources: Sequence[str],
    solution_strs: Sequence[str],
    ground_truths: Sequence[str],
    extra_infos: Sequence[Mapping[str, Any] | None] | None = None,
    **options: Unpack[Arguments],
) -> list[dict[str, float]]:
    """The rewards of a batch, judged at once, in its order.

    An answer without a reward gets the mean of the rewards of the other answers to its problem, which is neutral where
    the mean of a group is the baseline (GRPO, RLOO); `mask_value` where there are none.
    """
    scorer, policy = _asked(options)
    answers = list(zip(ground_truths, solution_strs, strict=True))
    scores = asyncio.run(attempted_all(scorer, answers, policy))
    groups: dict[str, list[float]] = defaultdict(list)
    for (question_id, _), score in zip(answers, scores, strict=True):
        if score.reward is not None:
            groups[question_id].append(score.reward)
    neutral = {question_id: fmean(rewards) for question_id, rewards in groups.items()}
    return [
        _result(score, neutral.get(question_id, policy.mask_value))
        for (question_id, _), score in zip(answers, scores, strict=True)
    ]


def rows(
    *, split: str = "train", prompt_style: str = GENERIC_STYLE, **options: Unpack[ScorerArguments]
) -> Iterator[dict[str, Any]]:
    """Verl's rows of a dataset, to be written to a parquet file. Raises InputError.

    Args:
        split: What is said of the rows in extra_info.
        prompt_style: LiveCodeBench's prompt style.
        options: As `reward_kwargs`; the dataset is what counts.
    """
    style = find_style(prompt_style)
    problems = shared_scorer(scorer_options(**options)).problems()
    for index, (question_id, problem) in enumerate(problems.items()):
        yield {
            "data_source": "livecodebench",
            "prompt": style.build(problem).chat_messages(),
            "ability": "code",
            "reward_model": {"style": "rule", "ground_truth": question_id},
            "extra_info": {"split": split, "index": index, "difficulty": problem.difficulty.value},
        }


def _asked(options: Arguments) -> tuple[Scorer, FaultPolicy]:
    own = dict(options)
    for name in ("reward_router_address", "reward_model_tokenizer"):
        own.pop(name, None)
    policy = FaultPolicy(**{name: own.pop(name) for name in ("retries", "mask_value") if name in own})  # type: ignore[arg-type]
    return shared_scorer(scorer_options(**own)), policy  # type: ignore[arg-type]


def _result(score: Score, otherwise: float) -> dict[str, float]:
    return {"score": otherwise if score.reward is None else score.reward, **metrics_of(score.judgement)}
