"""Two results on the same problems: by how much the one is better, and whether that could be chance.

Only problems on which both have every verdict are compared, so that neither is helped by what the other lacks. What
else differs between the two runs (dataset, limits, sandbox, …) is said, since it can make a difference of its own.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction
from math import comb
from pathlib import Path
from typing import Any, NamedTuple

from livecodebench.errors import InputError
from livecodebench.judging.gradings import gradings_of
from livecodebench.report.data import limits_of_run, named
from livecodebench.report.estimate import Difference
from livecodebench.results.fingerprint import differences
from livecodebench.results.folder import load
from livecodebench.results.plan import ProblemFacts
from livecodebench.results.run_file import RunFile
from livecodebench.results.summary import Cell
from livecodebench.results.tallies import Tallies

SEED = 20240501
RESAMPLES = 10_000
# What two runs may differ in without a word: it names the answers that are compared.
_EXPECTED = ("generations_sha256", "model", "endpoint", "replay_sha256", "grading")


class Side(NamedTuple):
    """One of the results compared.

    Attributes:
        label: For the reader.
        run: Its run.
        grading: The grading that is compared.
        cells: What came of each problem.
    """

    label: str
    run: RunFile
    grading: str
    cells: Mapping[str, Cell]


class ProblemPair(NamedTuple):
    """A problem of both: the share of accepted samples of each."""

    question_id: str
    before: Fraction
    after: Fraction


@dataclass(frozen=True, slots=True)
class Group:
    """Some problems compared.

    Attributes:
        name: "all", or a difficulty.
        problems: How many.
        before: The first one's mean score.
        after: The other's.
        change: After less before, with its paired bootstrap interval.
    """

    name: str
    problems: int
    before: float
    after: float
    change: Difference


@dataclass(frozen=True, slots=True)
class Comparison:
    """One result against the first.

    Attributes:
        first: What is compared with.
        other: What is compared.
        groups: All problems, then by difficulty.
        gained: Problems on which the other is better, by how much, the most first.
        lost: Problems on which it is worse.
        p_value: Of McNemar's exact test on these, two-sided: how likely so uneven a split is by chance alone.
        left_out: Problems of either that are not compared: not asked of both, or without all verdicts.
        notes: What else differs between the runs.
    """

    first: str
    other: str
    grading: str
    groups: tuple[Group, ...]
    gained: tuple[ProblemPair, ...]
    lost: tuple[ProblemPair, ...]
    p_value: float
    left_out: int
    notes: tuple[str, ...]

    def as_json(self) -> dict[str, Any]:
        """For --json."""
        return {
            "first": self.first,
            "other": self.other,
            "grading": self.grading,
            "problems": {
                one.name: {
                    "problems": one.problems,
                    "pass@1": [one.before, one.after],
                    "difference": one.change.value,
                    "difference_ci95": [one.change.low, one.change.high],
                }
                for one in self.groups
            },
            "gained": [pair.question_id for pair in self.gained],
            "lost": [pair.question_id for pair in self.lost],
            "mcnemar_p": self.p_value,
            "problems_left_out": self.left_out,
            "notes": list(self.notes),
        }


def compare_folders(folders: Sequence[Path]) -> list[Comparison]:
    """Compare every model of the folders with the first one of the first folder.

    Raises:
        InputError: A folder cannot be read; or there is nothing that could be compared.
    """
    loaded = [(folder, *load(folder)) for folder in folders]
    gradings = [gradings_of(str(run.fingerprint["grading"])) for _, run, _ in loaded]
    common = [name for name in gradings[0] if all(name in others for others in gradings)]
    if not common:
        told = "; ".join(
            f"{folder}: {', '.join(names)}" for (folder, _, _), names in zip(loaded, gradings, strict=True)
        )
        raise InputError(
            f"these results have no grading in common ({told}): grade the same answers with --grading both"
        )
    sides = list(_sides(loaded, common[0]))
    if len(sides) < 2:
        raise InputError("there is one model only: name two folders to compare")
    return [compare(sides[0], other) for other in sides[1:]]


def compare(first: Side, other: Side) -> Comparison:
    """Compare two results in one grading.

    Raises:
        InputError: They have no problem in common on which both have every verdict.
    """
    pairs = [
        ProblemPair(question_id, _share(cell), _share(other.cells[question_id]))
        for question_id, cell in first.cells.items()
        if question_id in other.cells and _whole(cell) and _whole(other.cells[question_id])
    ]
    if not pairs:
        raise InputError(
            f"{first.label} and {other.label} have no problem in common on which both have every verdict: grade the "
            "same problems, and resume runs that are not finished"
        )
    changed = sorted((pair for pair in pairs if pair.after != pair.before), key=_by_change)
    gained = tuple(pair for pair in changed if pair.after > pair.before)
    lost = tuple(pair for pair in changed if pair.after < pair.before)
    return Comparison(
        first=first.label,
        other=other.label,
        grading=first.grading,
        groups=tuple(_groups(pairs, first.run.plan.problems)),
        gained=gained,
        lost=lost,
        p_value=mcnemar(len(gained), len(lost)),
        left_out=len(first.cells.keys() | other.cells.keys()) - len(pairs),
        notes=tuple(_notes(first, other)),
    )


def mcnemar(gained: int, lost: int) -> float:
    """McNemar's exact test, two-sided, from the problems that changed either way.

    With several samples a problem, one counts as changed where its share of accepted samples is: then it is the sign
    test over problems, of which McNemar's is the case of one sample.
    """
    trials = gained + lost
    tail = sum(comb(trials, k) for k in range(min(gained, lost) + 1))
    return float(min(Fraction(1), Fraction(2 * tail, 2**trials)))


def paired_bootstrap(values: Sequence[float], *, seed: int = SEED) -> tuple[float, float]:
    """The 95 % percentile interval of a mean of differences, problems resampled with a fixed seed."""
    import numpy as np  # here only: a report of one folder needs none

    kinds, counts = np.unique(np.asarray(values, dtype=float), return_counts=True)
    drawn = np.random.default_rng(seed).multinomial(len(values), counts / len(values), size=RESAMPLES)
    low, high = np.quantile(drawn @ kinds / len(values), [0.025, 0.975])
    return float(low), float(high)


def _sides(loaded: Sequence[tuple[Path, RunFile, Tallies]], grading: str) -> Iterator[Side]:
    models = [named(model) for _, run, _ in loaded for model in run.plan.samples]
    names = told_apart([folder for folder, _, _ in loaded])
    for folder, (_, run, tallies) in zip(names, loaded, strict=True):
        for model in run.plan.samples:
            name = named(model)
            label = name if models.count(name) == 1 else f"{name} in {folder}"
            yield Side(label, run, grading, dict(tallies.cells(run.plan, grading=grading, model=model)))


def told_apart(folders: Sequence[Path]) -> list[str]:
    """Each folder by its last parts, as many as tell these folders apart: a whole path hides the names around it."""
    whole = [folder.absolute().parts for folder in folders]
    for count in range(1, max(map(len, whole))):
        ends = [parts[-count:] for parts in whole]
        if len(set(ends)) == len(set(whole)):
            return [str(Path(*end)) for end in ends]
    return [str(Path(*parts)) for parts in whole]


def _groups(pairs: Sequence[ProblemPair], facts: Mapping[str, ProblemFacts]) -> Iterator[Group]:
    yield _group("all", pairs)
    for name in ("easy", "medium", "hard"):
        if own := [pair for pair in pairs if facts[pair.question_id].difficulty == name]:
            yield _group(name, own)


def _group(name: str, pairs: Sequence[ProblemPair]) -> Group:
    before = sum((pair.before for pair in pairs), start=Fraction()) / len(pairs)
    after = sum((pair.after for pair in pairs), start=Fraction()) / len(pairs)
    low, high = paired_bootstrap([float(pair.after - pair.before) for pair in pairs])
    return Group(name, len(pairs), float(before), float(after), Difference(float(after - before), low, high))


def _notes(first: Side, other: Side) -> Iterator[str]:
    one, two = first.run, other.run
    if one is two:
        return
    if one.fingerprint["dataset"].get("revision") != two.fingerprint["dataset"].get("revision"):
        yield "The datasets differ: problems are paired by their id, and may have other tests."
    if limits_of_run(one) != limits_of_run(two):
        yield "The limits differ, which can change verdicts."
    for line in differences(one.fingerprint, two.fingerprint):
        if not line.startswith(_EXPECTED):
            yield f"Run: {line.replace(' there, ', ' first, ').removesuffix(' now')} other."
    here, there = one.sandbox() or {}, two.sandbox() or {}
    for name in ("backend", "python", "numpy"):
        if here.get(name) != there.get(name):
            yield f"Sandbox, {name}: {here.get(name)} first, {there.get(name)} other."


def _share(cell: Cell) -> Fraction:
    return Fraction(cell.passed, cell.total)


def _whole(cell: Cell) -> bool:
    return cell.total > 0 and cell.judged == cell.total


def _by_change(pair: ProblemPair) -> tuple[Fraction, str]:
    return (-abs(pair.after - pair.before), pair.question_id)
