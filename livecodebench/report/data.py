"""All that a report of one results folder says, before anything is drawn."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any

from livecodebench.judging.gradings import gradings_of
from livecodebench.problem import TestCase
from livecodebench.report.cutoff import BeforeAfter, before_after, parse_cutoffs
from livecodebench.report.evidence import Collected, Evidence, Seen
from livecodebench.report.sources import Sources, add_programs, find_problems
from livecodebench.results.folder import JUDGEMENTS, load
from livecodebench.results.journal import read_lines
from livecodebench.results.plan import UNNAMED, Plan
from livecodebench.results.record import Key
from livecodebench.results.results import summary_of
from livecodebench.results.run_file import RunFile, read_run_file
from livecodebench.results.summary import Cell
from livecodebench.results.tallies import Tallies
from livecodebench.verdict import Verdict

DISAGREEMENTS = 20  # shown with their program


@dataclass(frozen=True, slots=True)
class Limits:
    """What a test was allowed, as calibrated.

    Attributes:
        cpu_s: CPU seconds.
        memory_bytes: Of address space, the interpreter's own not counted.
    """

    cpu_s: float
    memory_bytes: float


@dataclass(frozen=True, slots=True)
class Case:
    """A submission with all that is known of it.

    Attributes:
        seen: The judgement, or of two gradings both.
        program: None where it is not at hand.
        test: The first test it failed; None where it failed none, or the tests are not at hand.
        reason: Why the gradings differ; "" elsewhere.
    """

    seen: tuple[Seen, ...]
    program: str | None
    test: TestCase | None
    reason: str = ""

    @property
    def key(self) -> Key:
        """Of the submission."""
        return self.seen[0].record.key


@dataclass(frozen=True, slots=True)
class ReportData:
    """What a report says.

    Attributes:
        folder: Where the results are.
        run: What was asked.
        summary: The document of summary.json.
        gradings: Their names, the main one first.
        models: As the summary names them.
        limits: Of each test.
        evidence: Time, memory and errors.
        cells: What came of each problem, by grading and model.
        around: Scores before and after the cut-off, by grading and model.
        cases: Submissions by the list that they stand in.
        sources: Titles, and what could not be shown.
    """

    folder: Path
    run: RunFile
    summary: Mapping[str, Any]
    gradings: tuple[str, ...]
    models: tuple[str, ...]
    limits: Limits
    evidence: Evidence
    cells: Mapping[tuple[str, str], Mapping[str, Cell]]
    around: Mapping[tuple[str, str], BeforeAfter]
    cases: Mapping[str, Sequence[Case]]
    sources: Sources

    @property
    def plan(self) -> Plan:
        """What there was to judge."""
        return self.run.plan

    def block(self, grading: str) -> Mapping[str, Any]:
        """The figures of a grading."""
        block: Mapping[str, Any] = self.summary.get("gradings", {grading: self.summary})[grading]
        return block

    def scores(self) -> Iterator[tuple[str, str, Mapping[str, Any]]]:
        """Grading, model and figures of each score."""
        for grading in self.gradings:
            for model in self.models:
                yield grading, model, self.block(grading)["models"][model]


def named(model: str | None) -> str:
    """A model as reports name it."""
    return UNNAMED if model is None else model


def gather(
    folder: Path, *, cutoffs: Sequence[str] = (), dataset: str | None = None, generations: Path | None = None
) -> ReportData:
    """Read a results folder, and what else can be had.

    Args:
        folder: That --output named.
        cutoffs: As --cutoff was given.
        dataset: As --dataset was given.
        generations: As --generations was given.

    Raises:
        InputError: One of these is not what it should be.
    """
    head = read_run_file(folder)
    gradings = gradings_of(str(head.fingerprint["grading"]))
    limits = limits_of_run(head)
    evidence = Evidence(gradings[0], cpu_s=limits.cpu_s, memory_bytes=limits.memory_bytes)
    run, tally = load(folder, visit=evidence.add)
    models = tuple(named(model) for model in run.plan.samples)
    days = parse_cutoffs(cutoffs, models)
    summary = summary_of(run, tally)
    sources = find_problems(run, dataset=dataset)
    lists = {**_lists(evidence), "disagreements": _differing(folder, summary, gradings)}
    wanted = {seen[0].record.key for entries in lists.values() for seen, _ in entries}
    add_programs(sources, run, folder, wanted, generations=generations)
    cells = {
        (grading, named(model)): dict(tally.cells(run.plan, grading=grading, model=model))
        for grading in gradings
        for model in run.plan.samples
    }
    return ReportData(
        folder=folder,
        run=run,
        summary=summary,
        gradings=gradings,
        models=models,
        limits=limits,
        evidence=evidence,
        cells=cells,
        around=_around(run.plan, cells, days, sources),
        cases=_cases(lists, sources),
        sources=sources,
    )


def limits_of_run(run: RunFile) -> Limits:
    """What each test was allowed, scaled where the run was calibrated; LiveCodeBench's where it does not say."""
    stored = run.fingerprint.get("limits", {})
    factor = (run.calibration() or {}).get("factor", 1.0)
    return Limits(
        max(float(stored.get("cpu_s", 6.0)) * float(factor), 1e-6), max(float(stored.get("memory_bytes", 2 << 30)), 1.0)
    )


def tally_of(folder: Path) -> tuple[RunFile, Tallies]:
    """A folder's judgements counted, where nothing else is wanted of it. Raises InputError."""
    return load(folder)


Listed = Sequence[tuple[tuple[Seen, ...], str]]


def _lists(evidence: Evidence) -> dict[str, Listed]:
    failures = [
        seen for verdict in Verdict if verdict in evidence.failures for seen in evidence.failures[verdict].best()
    ]
    plain = {
        "slowest": evidence.slowest.best(),
        "nearest": evidence.nearest.best(),
        "failures": failures,
        "errors": evidence.failed.best(),
    }
    return {name: [((seen,), "") for seen in entries] for name, entries in plain.items()}


def _differing(folder: Path, summary: Mapping[str, Any], gradings: tuple[str, ...]) -> Listed:
    """The first submissions on which two gradings differ, read once more: only now it is known which they are."""
    chosen = summary.get("disagreements", {}).get("submissions", [])[:DISAGREEMENTS]
    if not chosen:
        return []
    keys = {(one["model"], one["question_id"], one["sample"]): str(one["reason"]) for one in chosen}
    collected = Collected(frozenset(keys))
    for line in read_lines(folder / JUDGEMENTS):
        if line.record is not None:
            collected.add(line.record, line.value)
    pairs = [(tuple(collected.found.get((key, grading)) for grading in gradings), why) for key, why in keys.items()]
    return [(tuple(seen for seen in pair if seen is not None), why) for pair, why in pairs if None not in pair]


def _cases(lists: Mapping[str, Listed], sources: Sources) -> dict[str, list[Case]]:
    tests: dict[tuple[str, int], TestCase | None] = {}

    def test_of(seen: tuple[Seen, ...]) -> TestCase | None:
        failing = next((one for one in seen if one.failed is not None), None)
        if failing is None or failing.failed is None:
            return None
        place = (failing.record.question_id, failing.failed.index)
        if place not in tests:
            tests[place] = sources.test(*place)
        return tests[place]

    return {
        name: [Case(seen, sources.programs.get(seen[0].record.key), test_of(seen), why) for seen, why in entries]
        for name, entries in lists.items()
    }


def _around(
    plan: Plan,
    cells: Mapping[tuple[str, str], Mapping[str, Cell]],
    cutoffs: Mapping[str, date],
    sources: Sources,
) -> dict[tuple[str, str], BeforeAfter]:
    months = {question_id: facts.month for question_id, facts in plan.problems.items()}
    difficulties = {question_id: facts.difficulty for question_id, facts in plan.problems.items()}
    days = sources.days()
    return {
        (grading, model): before_after(
            cutoffs[model], list(of_model.items()), months=months, difficulties=difficulties, days=days
        )
        for (grading, model), of_model in cells.items()
        if model in cutoffs
    }
