"""One judge for each grading of a run; a submission says which of them is asked."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from concurrent.futures import Future
from dataclasses import dataclass

from lcb_ray.agent.protocol import Limits
from lcb_ray.pool import Pool
from livecodebench.judging.calibration import Calibration
from livecodebench.judging.gradings import STANDARD
from livecodebench.judging.judge import Judge
from livecodebench.problem import Problem
from livecodebench.submission import Submission
from livecodebench.verdict import Judgement


@dataclass(frozen=True, slots=True)
class Asked(Submission):
    """A submission, and how it is to be graded.

    Attributes:
        grading: One of the run's.
    """

    grading: str = STANDARD

    @classmethod
    def of(cls, submission: Submission, grading: str) -> Asked:
        """The submission, to be graded so."""
        return cls(submission.question_id, submission.code, submission.model, submission.sample, grading)


class Judges:
    """Judges submissions as they ask for it.

    Args:
        pool: Runs the programs.
        problems: By question_id.
        gradings: The run's.
        all_tests: Run every test instead of stopping at the first that fails.
        limits: For each test, in the reference machine's time where there is a calibration.
        calibration: How fast the sandboxes are, where that counts.

    Attributes:
        calibration: The same.
        slots: How many programs run at once.
    """

    def __init__(
        self,
        pool: Pool,
        problems: Mapping[str, Problem],
        *,
        gradings: Sequence[str],
        all_tests: bool,
        limits: Limits,
        calibration: Calibration | None = None,
    ) -> None:
        self.calibration = calibration
        self.slots = pool.slots
        self._first = gradings[0]
        self._judges = {
            name: Judge(pool, problems, grading=name, all_tests=all_tests, limits=limits, calibration=calibration)
            for name in gradings
        }

    def submit(self, submission: Submission) -> Future[Judgement]:
        """Queue a submission; one that does not say how is graded the run's first way. See Judge.submit."""
        grading = submission.grading if isinstance(submission, Asked) else self._first
        return self._judges[grading].submit(submission)
