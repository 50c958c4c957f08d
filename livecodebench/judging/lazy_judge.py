"""A judge whose dataset and sandboxes are opened at the first use: what an environment holds instead of either.

Made in any process and thread, used from any event loop. The sandboxes are shared with all others in this process that
ask for the same ones (livecodebench.judging.shared_pool).
"""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Callable
from concurrent.futures import Future

from lcb_ray.agent.protocol import Limits
from lcb_ray.errors import SandboxError
from lcb_ray.pool import SandboxInfo
from livecodebench.dataset.opening import Dataset
from livecodebench.judging.judge import STANDARD, Judge
from livecodebench.judging.shared_pool import PoolUser
from livecodebench.submission import Submission
from livecodebench.verdict import Judgement, JudgementError


class LazyJudge:
    """Judges submissions; nothing is read or started before it has to be.

    Args:
        open_problems: Opens the dataset; called once.
        pool: Runs the programs.
        all_tests: Run every test instead of stopping at the first that fails.
        limits: For each test.

    Attributes:
        ready: Whether dataset and sandboxes have been seen to work, so that `prepare` would be a waste of time.
    """

    def __init__(
        self,
        open_problems: Callable[[], Dataset],
        pool: PoolUser,
        *,
        all_tests: bool = False,
        limits: Limits | None = None,
    ) -> None:
        self._open_problems = open_problems
        self._problems: Dataset | None = None
        self._opening = threading.Lock()
        self._pool = pool
        self._all_tests = all_tests
        self._limits = limits or Limits()
        self.ready = False

    def problems(self) -> Dataset:
        """The dataset. Raises InputError."""
        with self._opening:
            if self._problems is None:
                self._problems = self._open_problems()
            return self._problems

    def prepare(self) -> SandboxInfo:
        """Open dataset and sandboxes, waiting for both.

        Raises:
            InputError: The dataset cannot be had.
            SandboxError: No sandbox can be had.
        """
        self.problems()
        info = self._pool.info()
        self.ready = True
        return info

    async def judge(self, submission: Submission) -> Judgement:
        """Judge a submission; cancelling this stops its program.

        A failure of the infrastructure is a judgement with an error. Raises InputError where there is no such problem,
        DatasetError where its tests cannot be read.
        """
        # In a thread: opening takes long, and so does counting the tests of an answer without a program.
        judging = await asyncio.to_thread(self.submit, submission)
        return await asyncio.wrap_future(judging)

    def submit(self, submission: Submission) -> Future[Judgement]:
        """The same without an event loop: queue a submission. The first call waits for dataset and sandboxes."""
        problems = self.problems()
        try:
            judge = Judge(self._pool.pool(), problems, all_tests=self._all_tests, limits=self._limits)
            return judge.submit(submission)
        except SandboxError as error:
            failed: Future[Judgement] = Future()
            failed.set_result(_failed(submission, len(problems[submission.question_id].tests()), error))
            return failed

    def release(self) -> None:
        """Give up the sandboxes; a later use asks for them again. May be called twice, from any thread."""
        self.ready = False
        self._pool.release()


def _failed(submission: Submission, tests_total: int, error: SandboxError) -> Judgement:
    return Judgement(
        model=submission.model,
        question_id=submission.question_id,
        sample=submission.sample,
        grading=STANDARD,
        verdict=None,
        error=JudgementError(type(error).__name__, str(error), error.attempts),
        tests_total=tests_total,
    )
