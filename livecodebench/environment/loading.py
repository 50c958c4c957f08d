"""`load_environment`: what `vf.load_environment("livecodebench", …)` calls. Checks its arguments, opens nothing.

verifiers is imported in the call only: its v1 API looks at every name that `livecodebench` exports, also where there is
no classic API.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from dataclasses import asdict
from datetime import date
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING

from lcb_ray.rules.events import Priority
from livecodebench.answers.extraction import extract
from livecodebench.dataset.filters import parse_filters
from livecodebench.dataset.hub import REPOSITORY
from livecodebench.errors import InputError
from livecodebench.judging.lazy_judge import LazyJudge
from livecodebench.judging.limits import limits_of
from livecodebench.judging.shared_pool import PoolUser
from livecodebench.prompts import GENERIC_STYLE, find_style
from livecodebench.rewards.problem_choice import ProblemChoice, chosen_name
from livecodebench.rewards.reward import PASSED, reward_of
from livecodebench.rewards.scorer import pool_options
from livecodebench.rewards.variables import is_set

if TYPE_CHECKING:
    from livecodebench.environment.single_turn import LiveCodeBenchEnv


def load_environment(
    *,
    dataset_name: str = REPOSITORY,
    version_tag: str | None = None,
    num_examples: int | None = None,
    pool_size: int | None = None,
    backend: str | None = None,
    slots: int | None = None,
    priority: str = Priority.EVALUATION.value,
    dataset: str | Path | None = None,
    dataset_revision: str | None = None,
    start_date: str | date | None = None,
    end_date: str | date | None = None,
    platform: str | Collection[str] | None = None,
    difficulty: str | Collection[str] | None = None,
    ids: str | Collection[str] | None = None,
    shuffle_seed: int | None = None,
    prompt_style: str = GENERIC_STYLE,
    system_prompt: str | None = None,
    extraction: str | None = None,
    all_tests: bool = False,
    time_limit: float | None = None,
    memory_limit: int | None = None,
    reward: str = PASSED,
    difficulty_weights: Mapping[str, float] | None = None,
) -> LiveCodeBenchEnv:
    """Make LiveCodeBench's environment for verifiers.

    Nothing is read, downloaded or started yet: the dataset is opened at the first look at it, sandboxes at the first
    rollout. Environments with equal `backend`, `pool_size` and `slots` share their sandboxes within a process.

    This also sets `verifiers.evaluate`, which the users' guide calls and no release of verifiers has, to
    `livecodebench.evaluate`; not where verifiers has one, nor with LIVECODEBENCH_NO_VF_EVALUATE=1 in the environment.

    Args:
        dataset_name: LiveCodeBench's dataset on the Hugging Face Hub. There is no other choice; `dataset` overrides it.
        version_tag: Its release: "release_v1" to "release_v6", "release_latest", a shard "v4", a range "v4_v6".
            None: LIVECODEBENCH_DATASET, else "release_v5".
        num_examples: At most so many problems; None or -1: all.
        pool_size: Sandboxes (containers, pods). None: LIVECODEBENCH_POOL_SIZE, else the backend's default.
        backend: Where programs run: "local", "docker", "ray" or "kubernetes". None: LIVECODEBENCH_BACKEND, else
            "local".
        slots: Programs at once in each sandbox; for "local", in all. None: LIVECODEBENCH_SLOTS, else the backend's
            default.
        priority: "evaluation" or "training", where a pool has other users too: evaluations get the larger share.
        dataset: Any dataset instead of a release on the hub: "mini" (bundled), or a .jsonl or .jsonl.gz file.
        dataset_revision: Of a release: the commit or tag on the hub. None: the pinned one.
        start_date: Only contests on this day (YYYY-MM-DD) or later.
        end_date: Only contests until this day, all of it included.
        platform: Only "leetcode", "atcoder" or "codeforces"; several in a list, or with commas.
        difficulty: Only "easy", "medium" or "hard"; several alike.
        ids: Only these problems; several alike, or "@FILE".
        shuffle_seed: Random order of the problems, the same for the same seed, before `num_examples` are taken.
            None: the dataset's order.
        prompt_style: LiveCodeBench's prompt style, see livecodebench.prompts. Official scores used another one for each
            family of models; `evaluate` says where the model's is another.
        system_prompt: Instead of the style's system message; "" for none. Scores then compare with no others.
        extraction: How the program is found in an answer: "official", "last_fenced" or "whole". None: the style's rule.
        all_tests: Run every test of a wrong program too, for the metric `tests_passed`; slower.
        time_limit: CPU seconds for each test. None: 6, as LiveCodeBench has it.
        memory_limit: MiB for each test, the interpreter's own not counted. None: 2048.
        reward: "passed": 1 where every test passed, else 0. "fraction": the passed part of the tests, with
            `all_tests=True`. docs/rewards.md has what each invites a policy to do.
        difficulty_weights: What the rewards of "easy", "medium" and "hard" problems are multiplied by. None: 1.

    Raises:
        InputError: An argument is wrong; the message names it. (vf.load_environment makes a RuntimeError of it.) Or
            verifiers is 0.4 or newer, which has no such environments: the taskset is for it.
    """
    given = {name: _as_json(value) for name, value in locals().items() if value is not None}
    choice = ProblemChoice(
        name=chosen_name(dataset=dataset, name=dataset_name, version_tag=version_tag),
        revision=dataset_revision,
        filters=parse_filters(
            start_date=start_date,
            end_date=end_date,
            platform=platform,
            difficulty=difficulty,
            ids=ids,
        ),
        shuffle_seed=shuffle_seed,
        count=None if num_examples == -1 else num_examples,
    )
    pool = pool_options(backend=backend, slots=slots, pool_size=pool_size, priority=priority)
    style = find_style(prompt_style)
    rule = extract("", extraction or style.extraction).rule
    rewarding = reward_of(reward, difficulty_weights, all_tests=all_tests)
    limits = limits_of(time_limit=time_limit, memory_limit=memory_limit)
    for replaced in ("dataset_name", "version_tag"):
        given.pop(replaced, None)
    _check_verifiers()
    from livecodebench.environment.single_turn import LiveCodeBenchEnv

    _offer_evaluate()
    return LiveCodeBenchEnv(
        LazyJudge(choice.open, PoolUser(pool), all_tests=all_tests, limits=limits),
        style=style,
        rule=rule,
        reward=rewarding,
        system_prompt=system_prompt,
        env_args={**given, "dataset": choice.name, **{k: v for k, v in asdict(pool).items() if v is not None}},
    )


def _as_json(value: object) -> object:
    """An argument as workers and metadata.json get it."""
    if isinstance(value, (str, bool, int, float)):
        return value
    if isinstance(value, Mapping):
        return {str(name): _as_json(item) for name, item in value.items()}
    return [str(item) for item in value] if isinstance(value, Iterable) else str(value)


def _check_verifiers() -> None:
    if find_spec("verifiers.legacy") is None:
        raise InputError(
            "load_environment needs verifiers 0.3, which has environments of this kind: install"
            " 'verifiers>=0.3.1,<0.4', or use the taskset `livecodebench` (docs/verifiers-v1.md)"
        )


def _offer_evaluate() -> None:
    """Give verifiers the `evaluate` that the users' guide calls, where it has none."""
    import verifiers

    from livecodebench.environment.evaluating import evaluate

    if not hasattr(verifiers, "evaluate") and not is_set("NO_VF_EVALUATE"):
        verifiers.evaluate = evaluate
