"""What a report can show beyond the results folder: titles, days and tests of problems, and the programs.

None of it is needed. Nothing is downloaded for it unasked: a release is opened only where --dataset names it.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path

from livecodebench.dataset.opening import open_dataset
from livecodebench.errors import InputError, quoted
from livecodebench.problem import Problem, TestCase
from livecodebench.report.programs import find_programs
from livecodebench.results.record import Key
from livecodebench.results.run_file import RunFile

GENERATIONS = "generations.jsonl"


@dataclass(slots=True)
class Sources:
    """What could be opened.

    Attributes:
        problems: By question_id; empty where the dataset could not be opened.
        programs: Of the submissions that were asked for; those not found are missing.
        notes: What is not shown, and what to pass so that it is.
    """

    problems: Mapping[str, Problem] = field(default_factory=dict)
    programs: dict[Key, str] = field(default_factory=dict)
    notes: list[str] = field(default_factory=list)

    def days(self) -> dict[str, date]:
        """Of the contests."""
        return {question_id: problem.contest_date.date() for question_id, problem in self.problems.items()}

    def title(self, question_id: str) -> str:
        """Of a problem; "" where it is not known."""
        problem = self.problems.get(question_id)
        return "" if problem is None else problem.title

    def test(self, question_id: str, index: int) -> TestCase | None:
        """A test of a problem; None where it is not known. Private tests are decoded for it, and dropped."""
        problem = self.problems.get(question_id)
        if problem is None or index < 0:
            return None
        if index < len(problem.public_tests):
            return problem.public_tests[index]
        try:
            private = problem.private_tests()
        except InputError as error:
            self.notes.append(f"The tests of {question_id} cannot be shown: {error}")
            return None
        return private[index - len(problem.public_tests)] if index - len(problem.public_tests) < len(private) else None


def find_problems(run: RunFile, *, dataset: str | None) -> Sources:
    """Open the dataset of a run.

    Args:
        run: Whose it is.
        dataset: As --dataset named it; None: what the run names, if that takes no download.

    Raises:
        InputError: The dataset that was named cannot be opened, or is not the run's.
    """
    about = run.fingerprint["dataset"]
    name, revision = str(about["name"]), str(about["revision"])
    hint = f"pass the run's dataset with --dataset to see titles, days and tests (the run's: {quoted(name)})"
    if dataset is None:
        if name != "mini" and not Path(name).is_file():
            return Sources(notes=[f"Problems are named by id only, and their tests are not shown: {hint}."])
        try:
            return Sources(_opened(name, revision, run))
        except InputError as error:
            return Sources(notes=[f"Problems are named by id only: {error}; {hint}."])
    return Sources(_opened(dataset, revision, run))


def _opened(name: str, revision: str, run: RunFile) -> Mapping[str, Problem]:
    of_file = revision.startswith("sha256:")
    local = name == "mini" or Path(name).is_file()
    dataset = open_dataset(name, revision=None if of_file or local else revision)
    lacking = sorted(set(run.plan.problems) - set(dataset))
    if (of_file and dataset.revision != revision) or lacking:
        why = f"it lacks {quoted(lacking[0])}" if lacking else f"its content is {dataset.revision}, not {revision}"
        raise InputError(f"--dataset: {quoted(name)} is not the dataset of these results: {why}: pass that one")
    return {question_id: dataset[question_id] for question_id in run.plan.problems}


def add_programs(
    sources: Sources, run: RunFile, folder: Path, wanted: Collection[Key], *, generations: Path | None
) -> None:
    """Find programs.

    Args:
        sources: Gets them.
        run: Whose they are.
        folder: Of the results; its generations.jsonl is read where there is one.
        wanted: Which.
        generations: As --generations named it.

    Raises:
        InputError: The file that was named cannot be read, or is not the one that was judged.
    """
    rule = str(run.fingerprint.get("extraction", "official"))
    sha256 = run.fingerprint.get("generations_sha256")
    if generations is not None:
        sources.programs = find_programs(generations, wanted, rule=rule, sha256=sha256)
    elif (folder / GENERATIONS).is_file():
        try:
            sources.programs = find_programs(folder / GENERATIONS, wanted, rule=rule)
        except InputError as error:
            sources.notes.append(f"Programs are not shown: {error}.")
    elif wanted:
        sources.notes.append("Programs are not shown: pass the file that was judged with --generations.")
