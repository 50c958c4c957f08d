"""`evaluate(client, model, env)`: the call that the users' guide makes and verifiers does not have.

It is `env.evaluate` with the traps taken out: any client, from any thread, faults never counted as wrong answers, and
resuming that asks again for what failed.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable, Coroutine, Mapping
from functools import wraps
from pathlib import Path
from typing import Any, ParamSpec, TypeVar

import verifiers as vf
from verifiers.utils.save_utils import save_metadata

from livecodebench.environment.clients import KINDS, ClientLike, is_client, opened
from livecodebench.environment.loop_thread import LOOP
from livecodebench.environment.resuming import prepare_resume
from livecodebench.environment.scores import summary_of, without_errors
from livecodebench.environment.single_turn import LiveCodeBenchEnv
from livecodebench.prompts import style_for
from livecodebench.results.run_file import sandbox_of

P = ParamSpec("P")
T = TypeVar("T")

_log = logging.getLogger("livecodebench.evaluate")


async def evaluate_async(
    client: ClientLike,
    model: str,
    env: vf.Environment,
    *,
    sampling_args: Mapping[str, Any] | None = None,
    num_examples: int = -1,
    rollouts_per_example: int = 1,
    max_concurrent: int = 64,
    max_retries: int = 0,
    results_path: str | Path | None = None,
    save_results: bool = False,
    state_columns: list[str] | None = None,
    shuffle: bool = False,
    shuffle_seed: int | None = None,
    on_start: Callable[..., None] | None = None,
    on_progress: Callable[..., None] | list[Callable[..., None]] | None = None,
    on_log: Callable[[str], None] | None = None,
) -> dict[str, Any]:
    """Evaluate a model on an environment.

    `evaluate` waits for the results, in any thread, also where an event loop runs (in a notebook); Ctrl-C ends it in
    order. `evaluate_async` is awaited.

    Args:
        client: An OpenAI or AsyncOpenAI client, a verifiers Client or ClientConfig, or the base URL of an
            OpenAI-compatible API (the key is then OPENAI_API_KEY's). Of a synchronous client all is taken over but an
            HTTP client of your own.
        model: The model's name, as the API knows it.
        env: What `vf.load_environment("livecodebench", …)` gave; other environments work too, without "summary".
        sampling_args: Sent with each request: temperature, top_p, max_tokens, …
        num_examples: Only the first so many examples; -1: all.
        rollouts_per_example: Answers to each.
        max_concurrent: Rollouts at once, asking and judging included.
        max_retries: How often a rollout is repeated whose sandbox or answer failed; the model is asked again then. The
            sandboxes try three times by themselves, without asking again.
        results_path: A folder to keep results in, and to go on from: rollouts without an error are kept.
        save_results: Keep results in a new folder below ./outputs; implied by `results_path`.
        state_columns: What else of a rollout's state to keep, besides "judgement".
        shuffle: Take the examples in random order.
        shuffle_seed: Of that order.
        on_start: Called before the first rollout; see verifiers.
        on_progress: Called after each rollout instead of a progress bar; in a list: beside it.
        on_log: Gets verifiers' messages.

    Returns:
        verifiers' results ("outputs", "metadata"), where rollouts with an error have reward None and are in no average,
        and for LiveCodeBench "summary": what summary.json has; its "pass@1" is None where there are errors.

    Raises:
        TypeError: The arguments are in another order, or the client is of no known kind.
        InputError: The dataset cannot be had, or `results_path` holds another run.
        SandboxError: No sandbox can be had; the model was not asked.
    """
    _check_order(client, model, env)
    ours = isinstance(env, LiveCodeBenchEnv) and env.score_rollouts
    sandbox = await asyncio.to_thread(_prepared, env, model) if ours else None
    folder = None if results_path is None else Path(results_path)
    if folder is not None:
        await asyncio.to_thread(_prepare_resume, folder, env, sampling_args)
    columns = [*(state_columns or []), *(["judgement"] if ours else [])]
    async with opened(client) as asked:
        results = await env.evaluate(
            asked,
            model,
            sampling_args=None if sampling_args is None else dict(sampling_args),
            num_examples=num_examples,
            rollouts_per_example=rollouts_per_example,
            max_concurrent=max_concurrent,
            max_retries=max_retries,
            results_path=folder,
            save_results=save_results or folder is not None,
            state_columns=list(dict.fromkeys(columns)),
            # A group is retried as a whole: one fault would ask again for every answer to a problem.
            independent_scoring=not env.requires_group_rollouts,
            shuffle=shuffle,
            shuffle_seed=shuffle_seed,
            on_start=on_start,
            on_progress=on_progress,
            on_log=on_log,
        )
    scored = without_errors(results)
    if save_results or folder is not None:
        await asyncio.to_thread(save_metadata, scored["metadata"], scored["metadata"]["path_to_save"])
    if ours:
        scored["summary"] = summary_of(scored["outputs"], env.problems(), model=model, sandbox=sandbox)
    return scored


def _waiting(function: Callable[P, Coroutine[Any, Any, T]]) -> Callable[P, T]:
    """The same function for callers without an event loop."""

    @wraps(function)
    def call(*args: P.args, **kwargs: P.kwargs) -> T:
        return LOOP.run(function(*args, **kwargs))

    call.__name__ = call.__qualname__ = "evaluate"
    return call


evaluate = _waiting(evaluate_async)


def _prepared(env: LiveCodeBenchEnv, model: str) -> dict[str, Any]:
    """Open dataset and sandboxes before the model is asked; what the sandboxes are."""
    official = style_for(model)
    if not official.guessed and official.style != env.style.name:
        _log.warning(
            "LiveCodeBench asks %s in the style %s, this environment asks in %s: for official prompts load it with"
            " prompt_style=%r",
            model,
            official.style,
            env.style.name,
            official.style,
        )
    return sandbox_of(env.prepare())


def _prepare_resume(folder: Path, env: vf.Environment, sampling_args: Mapping[str, Any] | None) -> None:
    failed = prepare_resume(
        folder,
        env_args=env.env_args,
        sampling_args={**env.sampling_args, **(sampling_args or {})},
        question_ids=list(env.problems()) if isinstance(env, LiveCodeBenchEnv) else None,
    )
    if failed:
        _log.warning("%s: %d rollout(s) had ended in an error and run again", folder, failed)


def _check_order(client: object, model: object, env: object) -> None:
    """Refuse arguments that cannot be meant so. Raises TypeError."""
    if is_client(client) and isinstance(model, str) and isinstance(env, vf.Environment):
        return
    given = ", ".join(type(value).__name__ for value in (client, model, env))
    raise TypeError(
        f"evaluate({given}): the order is evaluate(client, model, env): the client is {KINDS}, the model a name, the"
        " environment what vf.load_environment gave"
    )
