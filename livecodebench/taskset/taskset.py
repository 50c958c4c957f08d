"""The taskset: which problems are asked, and in which words."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import verifiers.v1 as vf

from livecodebench.answers.extraction import extract
from livecodebench.dataset.filters import parse_filters
from livecodebench.problem import Problem
from livecodebench.prompts import GENERIC_STYLE, Style, find_style
from livecodebench.rewards.problem_choice import DEFAULT_RELEASE, ProblemChoice
from livecodebench.rewards.variables import setting
from livecodebench.taskset.task import LiveCodeBenchData, LiveCodeBenchTask, LiveCodeBenchTaskConfig


class LiveCodeBenchTasksetConfig(vf.TasksetConfig):
    """Which problems: `--env.taskset.*`. Names and defaults are load_environment's.

    Attributes:
        dataset: "mini", a release ("release_v5"), or a .jsonl or .jsonl.gz file. None: LIVECODEBENCH_DATASET, else
            release_v5.
        dataset_revision: Of a release; None: the pinned one.
        start_date: Only contests on this day (YYYY-MM-DD) or later.
        end_date: Only contests until this day, all of it included.
        platform: Only "leetcode", "atcoder" or "codeforces"; several with commas.
        difficulty: Only "easy", "medium" or "hard"; several with commas.
        ids: Only these problems; several with commas, or "@FILE".
        prompt_style: LiveCodeBench's prompt style.
        extraction: How the program is found in an answer; None: the style's rule.
        task: How answers are judged.
    """

    dataset: str | None = None
    dataset_revision: str | None = None
    start_date: str | None = None
    end_date: str | None = None
    platform: str | None = None
    difficulty: str | None = None
    ids: str | None = None
    prompt_style: str = GENERIC_STYLE
    extraction: str | None = None
    task: LiveCodeBenchTaskConfig = LiveCodeBenchTaskConfig()


class LiveCodeBenchTaskset(vf.Taskset[LiveCodeBenchTask, LiveCodeBenchTasksetConfig]):
    """LiveCodeBench's problems. Made without reading anything; settings that cannot be are refused at once.

    Raises InputError.
    """

    def __init__(self, config: LiveCodeBenchTasksetConfig) -> None:
        super().__init__(config)
        self._style = find_style(config.prompt_style)
        self._rule = str(extract("", config.extraction or self._style.extraction).rule)
        self._choice = ProblemChoice(
            name=_whereabouts(config.dataset or setting("DATASET", DEFAULT_RELEASE)),
            revision=config.dataset_revision,
            filters=parse_filters(
                start_date=config.start_date,
                end_date=config.end_date,
                platform=config.platform,
                difficulty=config.difficulty,
                ids=config.ids,
            ),
        )
        config.task.scorer_options(self._choice, self._rule)

    def load(self) -> Iterator[LiveCodeBenchTask]:
        """A task for each problem. Raises InputError where the dataset cannot be had."""
        for index, problem in enumerate(self._choice.open().values()):
            yield LiveCodeBenchTask(self._data(index, problem, self._style), self.config.task)

    def _data(self, index: int, problem: Problem, style: Style) -> LiveCodeBenchData:
        messages = style.build(problem).chat_messages()
        system = [message["content"] for message in messages if message["role"] == "system"]
        others = [message for message in messages if message["role"] != "system"]
        return LiveCodeBenchData(
            idx=index,
            name=problem.question_id,
            # A system message apart, so that verifiers' own setting can take its place.
            system_prompt="\n\n".join(system) or None,
            prompt=others[0]["content"] if len(others) == 1 else others,
            question_id=problem.question_id,
            dataset=self._choice.name,
            revision=self._choice.revision,
            difficulty=problem.difficulty.value,
            extraction=self._rule,
            stop=tuple(style.stop),
        )


def _whereabouts(name: str) -> str:
    """A dataset as another process finds it: a file by its whole path."""
    path = Path(name)
    return str(path.resolve()) if path.suffix and path.is_file() else name
