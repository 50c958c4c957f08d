"""LiveCodeBench as an environment of SkyRL (skyrl-gym 0.4): one question, one answer, one reward.

    skyrl_gym.register(id="livecodebench", entry_point="livecodebench.trainers.skyrl:LiveCodeBenchTextEnv")

Options come from `environment.skyrl_gym.livecodebench`, which SkyRL hands over as env_config: those of
livecodebench.rewards.scorer.scorer_options, and `retries` and `mask_value`. The ground truth of a row is its
question_id (`rows` makes such rows). SkyRL has no word for "no reward" in a step: an answer whose sandbox failed
for good gets `mask_value`, and infra_error 1 in metadata and metrics.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any, Unpack

from skyrl_gym.envs.base_text_env import BaseTextEnv, BaseTextEnvStepOutput

from livecodebench.errors import InputError
from livecodebench.prompts import GENERIC_STYLE, find_style
from livecodebench.rewards.scorer import ScorerArguments, scorer_options, shared_scorer
from livecodebench.trainers.attempts import FaultPolicy, attempted_now, metrics_of

ENV_ID = "livecodebench"


class LiveCodeBenchTextEnv(BaseTextEnv):
    """One problem.

    Args:
        env_config: Options; see this module.
        extras: The row: `reward_spec.ground_truth` is the question_id.

    Raises InputError where an option is wrong, or the row names no problem.
    """

    def __init__(self, env_config: Mapping[str, Any] | None = None, extras: Mapping[str, Any] | None = None) -> None:
        super().__init__()
        options = dict(env_config or {})
        policy = {name: options.pop(name) for name in ("retries", "mask_value") if name in options}
        self._policy = FaultPolicy(**policy)
        self._scorer = shared_scorer(scorer_options(**options))
        self._question_id = _question_id(extras or {})
        self._metrics: dict[str, float] = {}

    def step(self, action: str) -> BaseTextEnvStepOutput:
        """Judge the model's answer, waiting for the verdict: SkyRL calls this in a thread.

        Raises InputError where the dataset has no such problem. Never for a failed sandbox.
        """
        self.turns += 1
        score = attempted_now(self._scorer, self._question_id, action, self._policy)
        self._metrics = metrics_of(score.judgement)
        reward = self._policy.mask_value if score.reward is None else score.reward
        metadata = {"question_id": self._question_id, "verdict": score.judgement.verdict, **self._metrics}
        return BaseTextEnvStepOutput(observations=[], reward=reward, done=True, metadata=metadata)

    def get_metrics(self) -> dict[str, float]:
        """Numbers to log; empty before the first step."""
        return dict(self._metrics)


def register() -> None:
    """Make the environment known to skyrl_gym as "livecodebench"; a second call does nothing.

    SkyRL makes environments in its own processes: call it where the trainer's entry point runs (as its examples do).
    """
    import skyrl_gym
    from skyrl_gym.envs.registration import registry

    if ENV_ID not in registry:
        skyrl_gym.register(id=ENV_ID, entry_point=f"{__name__}:{LiveCodeBenchTextEnv.__name__}")


def rows(
    *, split: str = "train", prompt_style: str = GENERIC_STYLE, **options: Unpack[ScorerArguments]
) -> Iterator[dict[str, Any]]:
    """The rows of a dataset as SkyRL takes them, to be written to a parquet file. Raises InputError.

    Args:
        split: What is said of the rows in extra_info.
        prompt_style: LiveCodeBench's prompt style.
        options: As env_config; the dataset is what counts.
    """
    style = find_style(prompt_style)
    for index, (question_id, problem) in enumerate(shared_scorer(scorer_options(**options)).problems().items()):
        yield {
            "data_source": "livecodebench",
            "prompt": style.build(problem).chat_messages(),
            "env_class": ENV_ID,
            "reward_spec": {"method": "rule", "ground_truth": question_id},
            "extra_info": {"split": split, "index": index, "difficulty": problem.difficulty.value},
        }


def _question_id(extras: Mapping[str, Any]) -> str:
    spec = extras.get("reward_spec")
    found = spec.get("ground_truth") if isinstance(spec, Mapping) else None
    if not isinstance(found, str):
        raise InputError(
            "reward_spec.ground_truth: must be a question_id: make the rows with livecodebench.trainers.skyrl"
        )
    return found
