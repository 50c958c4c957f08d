"""The environment: one prompt, one answer, one verdict. Where problems and sandboxes come from is LazyJudge's."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Mapping
from typing import Any

import verifiers as vf
from datasets import Dataset as Table
from verifiers.decorators import discover_decorated

from lcb_ray.errors import SandboxError
from lcb_ray.pool import SandboxInfo
from livecodebench.answers.extraction import extract
from livecodebench.dataset.opening import Dataset
from livecodebench.environment.rows import row_of
from livecodebench.environment.rubric import JudgeRubric, State
from livecodebench.judging.lazy_judge import LazyJudge
from livecodebench.prompts import Style
from livecodebench.rewards.reward import Reward

# verifiers has one error for two things: an answer without content, which is graded, and no answer.
_NOT_AN_ANSWER = ("Model returned no response", "Model returned no response choices")


class LiveCodeBenchEnv(vf.SingleTurnEnv):
    """LiveCodeBench for verifiers. Made by `load_environment`.

    Unlike verifiers' own environments it leaves the process' signal handlers alone, so that it can be made in any
    thread. Nothing is read before the first look at the dataset, and no sandbox is started before the first rollout;
    where none can be had, rollouts fail before the model is asked.

    Args:
        judge: Has the problems, and judges.
        style: How problems are put to the model.
        rule: How the program is found in an answer; see livecodebench.answers.extraction.
        reward: From a judgement to the reward; None: 1 where all tests passed, else 0.
        system_prompt: Instead of the style's system message; "" for none. None keeps the style's.
        env_args: The arguments of load_environment that give this environment, for workers and metadata.
    """

    def __init__(
        self,
        judge: LazyJudge,
        *,
        style: Style,
        rule: str,
        reward: Reward | None = None,
        system_prompt: str | None = None,
        env_args: Mapping[str, Any] | None = None,
    ) -> None:
        self._judge = judge
        self._style = style
        self._system_prompt = system_prompt
        self._table: Table | None = None
        parser = vf.Parser(extract_fn=lambda text: extract(text, rule).code)
        super().__init__(
            dataset=self._rows,
            eval_dataset=self._rows,
            parser=parser,
            rubric=JudgeRubric(
                judge.judge,
                parser=parser,
                reward=reward,
                difficulty_of=lambda question_id: self.problems()[question_id].difficulty,
            ),
            # What ends an answer in the official run of this style's models.
            sampling_args={"stop": list(style.stop)} if style.stop else None,
            env_id="livecodebench",
            env_args=dict(env_args or {}),
        )

    def __post_init__(self) -> None:
        """Collect the handlers, as verifiers' method does, without its handlers of SIGINT and SIGTERM.

        Those can be set in the main thread only, and there they would replace the program's own. Nor is a teardown at
        exit registered: the sandboxes see to that.
        """
        self._stop_conditions = discover_decorated(self, "stop")
        self._cleanup_handlers = discover_decorated(self, "cleanup")
        self._teardown_handlers = discover_decorated(self, "teardown")

    @property
    def style(self) -> Style:
        """How problems are put to the model."""
        return self._style

    def problems(self) -> Dataset:
        """The problems that are asked, by question_id. Raises InputError."""
        return self._judge.problems()

    def prepare(self) -> SandboxInfo:
        """Open dataset and sandboxes now, waiting for both. Raises InputError, SandboxError."""
        return self._judge.prepare()

    def close(self) -> None:
        """Give up the sandboxes; a later use asks for them again."""
        self._judge.release()

    async def setup_state(self, state: State) -> State:
        """See to it that there is a sandbox, before the model is asked for what nobody could judge."""
        if not self._judge.ready:
            try:
                await asyncio.to_thread(self._judge.prepare)
            except SandboxError as error:
                raise vf.SandboxError(f"{type(error).__name__}: {error}") from error
        return state

    async def get_model_response(self, state: State, *args: object, **kwargs: object) -> vf.Response:
        """Ask the model. An empty answer is an answer, which gets the verdict no_code, and not an error."""
        try:
            return await super().get_model_response(state, *args, **kwargs)
        except vf.EmptyModelResponseError as error:
            if str(error) in _NOT_AN_ANSWER:
                raise
        message = vf.ResponseMessage(content="", finish_reason=None, is_truncated=False)
        return vf.Response(id="", created=int(time.time()), model=state["model"], message=message)

    @vf.teardown
    async def release_sandboxes(self) -> None:
        """Called by verifiers' workers when they end."""
        self.close()

    def _rows(self) -> Table:
        # No cached_property: verifiers looks at every attribute while it searches for handlers.
        if self._table is None:
            problems = self.problems().values()
            self._table = Table.from_list([row_of(problem, self._style, self._system_prompt) for problem in problems])
        return self._table
