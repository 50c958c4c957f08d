"""A task: one problem, asked once, its answer judged on the host through the pool.

verifiers writes a task's data into every trace and sends it to every worker. So it says which problem of which dataset
is meant, and holds no test; whoever scores opens the dataset itself. A saved trace is scored anew in the same way.
"""

from __future__ import annotations

import verifiers.v1 as vf

from lcb_ray.errors import SandboxError
from lcb_ray.rules.events import Priority
from livecodebench.dataset.filters import Filters
from livecodebench.judging.limits import limits_of
from livecodebench.rewards.problem_choice import ProblemChoice
from livecodebench.rewards.reward import PASSED, passed_part, reward_of
from livecodebench.rewards.scorer import Scorer, ScorerOptions, pool_options, shared_scorer
from livecodebench.verdict import Judgement, Verdict


class LiveCodeBenchData(vf.TaskData):
    """Which problem, and how it is put; nothing that a model must not see.

    Attributes:
        question_id: The problem.
        dataset: Its dataset: a name, a release or a file.
        revision: Of a release; None for the pinned one.
        difficulty: "easy", "medium" or "hard", for those who read traces.
        extraction: How the program is found in the answer.
        stop: What ends an answer, in the official run of this prompt style's models.
    """

    question_id: str
    dataset: str
    revision: str | None = None
    difficulty: str = ""
    extraction: str = "official"
    stop: tuple[str, ...] = ()


class LiveCodeBenchTaskConfig(vf.TaskConfig):
    """How answers are judged: `--env.taskset.task.*`. Names and defaults are load_environment's.

    Attributes:
        backend: "local", "docker", "ray" or "kubernetes". None: LIVECODEBENCH_BACKEND, else "local".
        pool_size: Sandboxes. None: LIVECODEBENCH_POOL_SIZE, else the backend's default.
        slots: Programs at once in each sandbox. None: LIVECODEBENCH_SLOTS, else the backend's default.
        priority: "evaluation" or "training", where a pool has other users too: evaluations get the larger share.
        all_tests: Run every test of a wrong program too.
        time_limit: CPU seconds for each test; None: 6.
        memory_limit: MiB for each test; None: 2048.
        reward: "passed" or "fraction".
        difficulty_weights: What rewards are multiplied by, by difficulty.
    """

    backend: str | None = None
    pool_size: int | None = None
    slots: int | None = None
    priority: str = Priority.EVALUATION.value
    all_tests: bool = False
    time_limit: float | None = None
    memory_limit: int | None = None
    reward: str = PASSED
    difficulty_weights: dict[str, float] | None = None

    def scorer_options(self, problems: ProblemChoice, rule: str) -> ScorerOptions:
        """These settings, checked. Raises InputError."""
        return ScorerOptions(
            problems=problems,
            pool=pool_options(backend=self.backend, slots=self.slots, pool_size=self.pool_size, priority=self.priority),
            rule=rule,
            all_tests=self.all_tests,
            limits=limits_of(time_limit=self.time_limit, memory_limit=self.memory_limit),
            reward=reward_of(self.reward, self.difficulty_weights, all_tests=self.all_tests),
        )


class LiveCodeBenchTask(vf.Task[LiveCodeBenchData, vf.State, LiveCodeBenchTaskConfig]):
    """One problem."""

    @property
    def key(self) -> str:
        """The problem's id: what a resumed run recognises it by."""
        return str(self.data.question_id)

    @property
    def scorer(self) -> Scorer:
        """What judges the answer; one for all tasks of a process with the same settings. Raises InputError."""
        problems = ProblemChoice(name=self.data.dataset, revision=self.data.revision, filters=Filters())
        return shared_scorer(self.config.scorer_options(problems, self.data.extraction))

    @vf.reward
    async def reward(self, trace: vf.Trace) -> float:
        """The reward that the settings ask for; metrics and the judgement go into the trace.

        It asks for no runtime, so that verifiers calls it on the host, also for saved traces.

        Raises:
            SandboxError: The infrastructure failed. verifiers makes an errored trace of it, without a reward.
            RuntimeError: The model was stopped before it had answered; an empty answer is an answer.
        """
        if not trace.assistant_messages:  # verifiers scores what was stopped, too: here, as a wrong answer
            raise RuntimeError(f"the model has not answered: {trace.stop_condition}: allow it more, or ask for less")
        score = await self.scorer.score(self.data.question_id, trace.last_reply or "", model=_model_of(trace))
        judgement = score.judgement
        trace.info["livecodebench"] = judgement.as_json(reasons=False)
        if score.reward is None:
            error = judgement.error
            raise SandboxError(f"{error.type}: {error.message}" if error else "no verdict")
        trace.record_metrics(metrics_of(judgement))
        return score.reward


def metrics_of(judgement: Judgement) -> dict[str, float]:
    """The metrics that the classic environment has too, under the same names."""
    verdicts = {
        verdict.value: float(judgement.verdict is verdict) for verdict in Verdict if verdict is not Verdict.ACCEPTED
    }
    return {
        "passed": float(bool(judgement.passed)),
        "tests_passed": passed_part(judgement),
        "cpu_seconds": float(sum(test.usage.cpu_s for test in judgement.tests)),
        **verdicts,
    }


def _model_of(trace: vf.Trace) -> str | None:
    return trace.calls[-1].model if trace.calls else None
