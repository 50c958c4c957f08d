"""One run of `grade`, without its words and its signals: what is to be judged, and where the judgements go."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

from lcb_ray.agent.protocol import Limits
from lcb_ray.pool import Pool
from livecodebench.answers.extraction import ExtractionRule
from livecodebench.answers.generations import Generations
from livecodebench.dataset.opening import Dataset
from livecodebench.judging.calibration import calibrate
from livecodebench.judging.gradings import STANDARD
from livecodebench.judging.judges import Asked, Judges
from livecodebench.judging.order import longest_expected_first
from livecodebench.results.fingerprint import of_grading
from livecodebench.results.folder import ResultsFolder
from livecodebench.results.plan import Plan
from livecodebench.results.results import Results


class Grading:
    """Answers to judge, and how.

    Attributes:
        limits: For each test.
        submissions: All of them, those for one problem together: their tests are at hand when they follow each other.
    """

    def __init__(
        self,
        problems: Dataset,
        answers: Generations,
        *,
        grading: str = STANDARD,
        all_tests: bool = False,
        limits: Limits | None = None,
        rule: str = ExtractionRule.OFFICIAL,
        calibrated: bool = False,
    ) -> None:
        """Read all answers once.

        Args:
            problems: What they answer.
            answers: Checked; opened with the same `rule`.
            grading: One of livecodebench.judging.gradings.
            all_tests: Run every test instead of stopping at the first that fails.
            limits: For each test.
            rule: Of extraction.
            calibrated: Whether time limits are in the reference machine's seconds.
        """
        self._problems = problems
        self._answers = answers
        self._grading = grading
        self._all_tests = all_tests
        self.limits = limits or Limits()
        self._rule = rule
        self._calibrated = calibrated
        submissions = (answer.submission for answer in answers)
        self.submissions = sorted(submissions, key=lambda submission: submission.question_id)

    def open_results(self, folder: Path | None, *, overwrite: bool = False) -> Results:
        """Where judgements go: a folder, resumed where it holds this run; memory where none is given.

        Raises:
            InputError: The folder is in use, holds another run, or is not ours.
            OutputError: It cannot be written.
        """
        fingerprint = of_grading(
            dataset=self._problems.as_json(),
            generations_sha256=self._answers.sha256,
            grading=self._grading,
            all_tests=self._all_tests,
            limits=self.limits,
            extraction=self._rule,
            calibrate=self._calibrated,
        )
        keys = ((submission.model, submission.question_id) for submission in self.submissions)
        plan = Plan.of(keys, self._problems, models=self._answers.models)
        if folder is None:
            return Results(fingerprint=fingerprint, plan=plan)
        return ResultsFolder(folder, fingerprint=fingerprint, plan=plan, overwrite=overwrite)

    def waiting(self, results: Results) -> list[Asked]:
        """The submissions that have no verdict yet, once for each grading that is missing."""
        return [
            Asked.of(submission, grading)
            for submission in self.submissions
            for grading in results.missing(submission.key)
        ]

    def in_order(self, waiting: Sequence[Asked]) -> list[Asked]:
        """What waits in the order in which to judge it, with its tests decoded once: what may take long first.

        Damage of the tests is found before anything is executed.

        Raises:
            DatasetError: Naming file, line and field.
        """
        sizes = self._problems.check_tests({submission.question_id for submission in waiting})
        return longest_expected_first(waiting, sizes)

    def start(self, pool: Pool, results: Results) -> Judges:
        """The judges of these answers, on a pool that is measured before where that was asked for.

        Raises:
            SandboxError: No sandbox can be had.
            OutputError: The folder of the results cannot be written.
        """
        info = pool.info()
        calibration = calibrate(pool) if self._calibrated else None
        results.start_session(info, calibration)
        return Judges(
            pool,
            self._problems,
            gradings=results.gradings,
            all_tests=self._all_tests,
            limits=self.limits,
            calibration=calibration,
        )

    def finish(self, results: Results) -> dict[str, Any]:
        """Write summary.json, and where every submission has a verdict the official files; returns the summary.

        Raises:
            OutputError: They cannot be written.
        """
        summary = results.write_summary()
        if summary["complete"]:
            results.write_official_files(self._problems, generations=self._answers.path, rule=self._rule)
        return summary
