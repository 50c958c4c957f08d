"""One run of `grade`, without its words and its signals: what is to be judged, and where the judgements go."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path
from typing import Any

from lcb_ray.agent.protocol import Limits
from lcb_ray.pool import Pool
from livecodebench.dataset import Dataset
from livecodebench.extraction import ExtractionRule
from livecodebench.fingerprint import of_grading
from livecodebench.generations import Generations
from livecodebench.judge import STANDARD, Judge
from livecodebench.plan import Plan
from livecodebench.results import Results
from livecodebench.results_folder import ResultsFolder
from livecodebench.submission import Submission


class Grading:
    """Answers to judge, and how.

    Attributes:
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
    ) -> None:
        """Read all answers once.

        Args:
            problems: What they answer.
            answers: Checked; opened with the same `rule`.
            grading: Only "standard" so far.
            all_tests: Run every test instead of stopping at the first that fails.
            limits: For each test.
            rule: Of extraction.
        """
        self._problems = problems
        self._answers = answers
        self._grading = grading
        self._all_tests = all_tests
        self._limits = limits or Limits()
        self._rule = rule
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
            limits=self._limits,
            extraction=self._rule,
        )
        keys = ((submission.model, submission.question_id) for submission in self.submissions)
        plan = Plan.of(keys, self._problems, models=self._answers.models)
        if folder is None:
            return Results(fingerprint=fingerprint, plan=plan)
        return ResultsFolder(folder, fingerprint=fingerprint, plan=plan, overwrite=overwrite)

    def waiting(self, results: Results) -> list[Submission]:
        """The submissions that have no verdict yet."""
        return [submission for submission in self.submissions if submission.key not in results.done]

    def check_tests(self, submissions: Iterable[Submission]) -> None:
        """Decode the tests that will be needed once, so that damage is found before anything is executed.

        Raises:
            DatasetError: Naming file, line and field.
        """
        self._problems.check_tests({submission.question_id for submission in submissions})

    def judge(self, pool: Pool) -> Judge:
        """The judge of these answers, on a pool."""
        return Judge(pool, self._problems, grading=self._grading, all_tests=self._all_tests, limits=self._limits)

    def finish(self, results: Results) -> dict[str, Any]:
        """Write summary.json, and where every submission has a verdict the official files; returns the summary.

        Raises:
            OutputError: They cannot be written.
        """
        summary = results.write_summary()
        if summary["complete"]:
            results.write_official_files(self._problems, generations=self._answers.path, rule=self._rule)
        return summary
