"""The judge: a submission goes in, a judgement comes out, whatever the backend and the grading.

What a program did is turned into a verdict by the rules of a grading, beside the sandbox's client, never in the
sandbox. A failure of the infrastructure becomes a judgement with an error and no verdict: it is never scored.
"""

from __future__ import annotations

from collections.abc import Mapping
from concurrent.futures import Future
from functools import partial
from typing import Any

from lcb_ray.agent.protocol import Limits
from lcb_ray.batch import BatchResult
from lcb_ray.errors import SandboxError
from lcb_ray.pool import Pool
from livecodebench.errors import InputError
from livecodebench.judging.calibration import Calibration
from livecodebench.judging.gradings import STANDARD, rules_of
from livecodebench.judging.near_limit import near_limit
from livecodebench.judging.rules import Finding
from livecodebench.problem import Problem
from livecodebench.submission import Submission
from livecodebench.verdict import Judgement, JudgementError

__all__ = ["STANDARD", "Judge"]


class Judge:
    """Judges submissions on a pool.

    Args:
        pool: Runs the programs.
        problems: By question_id.
        grading: One of livecodebench.judging.gradings, but for "both": that is two judges.
        all_tests: Run every test instead of stopping at the first that fails; an official grading always stops.
        limits: For each test.
        calibration: How fast the sandboxes are: time limits are taken for seconds of the reference machine then.

    Raises InputError where there is no such grading.
    """

    def __init__(
        self,
        pool: Pool,
        problems: Mapping[str, Problem],
        *,
        grading: str = STANDARD,
        all_tests: bool = False,
        limits: Limits | None = None,
        calibration: Calibration | None = None,
    ) -> None:
        self._pool = pool
        self._problems = problems
        self._grading = grading
        asked = limits or Limits()
        self._limits = asked if calibration is None else calibration.scaled(asked)
        slowness = 1.0 if calibration is None else calibration.factor
        self._rules = rules_of(grading, limits=self._limits, all_tests=all_tests, slowness=slowness)

    def submit(self, submission: Submission) -> Future[Judgement]:
        """Queue a submission. Cancelling the future stops its program.

        The future raises DatasetError where the problem's tests cannot be read, and bugs of ours as they are; failures
        of the infrastructure become a judgement with an error.

        Raises:
            InputError: No such problem.
            DatasetError: The problem's tests cannot be read.
        """
        problem = self._problems.get(submission.question_id)
        if problem is None:
            raise InputError(f"question_id {submission.question_id!r} is not in the dataset")
        key = f"{submission.question_id}#{submission.sample}"
        batch = self._rules.batch(submission.code, problem, key=key)
        if batch is None:
            ready: Future[Judgement] = Future()
            ready.set_result(self._judged(submission, self._rules.nothing_run(problem)))
            return ready
        return _mapped(self._pool.submit(batch), partial(self._judgement, submission))

    def judge(self, submission: Submission) -> Judgement:
        """Judge one submission, waiting for it."""
        return self.submit(submission).result()

    def _judgement(self, submission: Submission, done: Future[BatchResult[Any]]) -> Judgement:
        try:
            result = done.result()
        except SandboxError as error:
            return Judgement(
                model=submission.model,
                question_id=submission.question_id,
                sample=submission.sample,
                grading=self._grading,
                verdict=None,
                error=JudgementError(type(error).__name__, str(error), error.attempts),
                tests_total=len(self._problems[submission.question_id].tests()),
            )
        return self._judged(submission, self._rules.finding(submission.code, result))

    def _judged(self, submission: Submission, finding: Finding) -> Judgement:
        return Judgement(
            model=submission.model,
            question_id=submission.question_id,
            sample=submission.sample,
            grading=self._grading,
            verdict=finding.verdict,
            error=None,
            tests_total=finding.tests_total,
            tests=finding.tests,
            detail=finding.detail,
            near_limit=near_limit(finding.tests, self._limits),
            official=finding.official,
        )


def _mapped(source: Future[BatchResult[Any]], turn: partial[Judgement]) -> Future[Judgement]:
    """A future of what `turn` makes of the source, which is cancelled with it."""
    target: Future[Judgement] = _Following(source)

    def settle(done: Future[BatchResult[Any]]) -> None:
        if not target.set_running_or_notify_cancel():
            return
        try:
            target.set_result(turn(done))
        except BaseException as error:
            target.set_exception(error)

    source.add_done_callback(settle)
    return target


class _Following(Future[Judgement]):
    """Stays pending until its source is done, so that cancelling it always reaches the source."""

    def __init__(self, source: Future[BatchResult[Any]]) -> None:
        super().__init__()
        self._source = source

    def cancel(self) -> bool:
        self._source.cancel()
        return super().cancel()
