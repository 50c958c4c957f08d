"""Judgements to scores: the document of summary.json. Pure: nothing is read, written or printed here.

Rates are computed in exact fractions and rounded once, so they depend neither on the order of the judgements nor on the
machine. A submission without a verdict (an infrastructure error, or not judged yet) is never counted as wrong: where
there is one, pass@k is null and `pass@1_range` says what it can still become.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from fractions import Fraction
from math import comb
from typing import Any

from livecodebench.results.interval import wilson
from livecodebench.results.plan import UNNAMED, Plan
from livecodebench.results.record import Record
from livecodebench.verdict import Verdict

SCHEMA = 1

# The values of k that LiveCodeBench's own score script knows.
STANDARD_K = (1, 5, 10, 20, 40, 50, 75, 100, 125, 150, 200, 500, 1000)

_DIFFICULTIES = ("easy", "medium", "hard")


@dataclass(slots=True)
class Cell:
    """The submissions of one model for one problem.

    Attributes:
        judged: How many have a verdict.
        passed: How many of these are accepted.
        errors: How many ended in an infrastructure error.
        total: How many there are; filled in from the plan.
    """

    judged: int = 0
    passed: int = 0
    errors: int = 0
    total: int = 0


@dataclass(slots=True)
class Tally:
    """Counts judgements, one grading at a time; what it holds grows with problems, not with submissions."""

    grading: str = "standard"
    cells: dict[tuple[str | None, str], Cell] = field(default_factory=dict)
    verdicts: dict[str | None, Counter[Verdict]] = field(default_factory=dict)
    marks: dict[str | None, Counter[str]] = field(default_factory=dict)

    def add(self, record: Record) -> None:
        """Count a judgement; one of another grading is passed over."""
        if record.grading != self.grading:
            return
        cell = self.cells.setdefault((record.model, record.question_id), Cell())
        if record.verdict is None:
            cell.errors += 1
            return
        cell.judged += 1
        cell.passed += record.verdict is Verdict.ACCEPTED
        self.verdicts.setdefault(record.model, Counter())[record.verdict] += 1
        self.marks.setdefault(record.model, Counter()).update(near_limit=record.near_limit, cheats=record.cheat)

    @property
    def judged(self) -> int:
        """How many have a verdict."""
        return sum(cell.judged for cell in self.cells.values())

    @property
    def errors(self) -> int:
        """How many ended in an infrastructure error."""
        return sum(cell.errors for cell in self.cells.values())


def pass_at_k(n: int, c: int, k: int) -> Fraction:
    """The unbiased estimate that one of k samples passes, of which c in n did. Defined for n >= k only."""
    if not 0 <= c <= n or not 1 <= k <= n:
        raise ValueError(f"pass@{k} of {c} in {n}: needs 0 <= c <= n and 1 <= k <= n")
    return 1 - Fraction(comb(n - c, k), comb(n, k))


def summarise(
    plan: Plan, tally: Tally, *, dataset: Mapping[str, Any], sandbox: Mapping[str, Any] | None
) -> dict[str, Any]:
    """Make the content of summary.json.

    Args:
        plan: What there is to judge.
        tally: What was judged.
        dataset: Name, revision and filters.
        sandbox: Backend, Python, numpy and layers of the sandboxes; None where none was ever started.
    """
    cells = {model: cells_of(plan, tally, model) for model in plan.samples}
    every = [pair for of_model in cells.values() for pair in of_model]
    return {
        "schema": SCHEMA,
        "grading": tally.grading,
        "dataset": {**dataset, "problems": plan.dataset_problems},
        **_block(plan, every, tally, list(plan.samples)),
        "models": {
            UNNAMED if model is None else model: _block(plan, of_model, tally, [model])
            for model, of_model in cells.items()
        },
        "sandbox": None if sandbox is None else dict(sandbox),
        "complete": all(cell.judged == cell.total for _, cell in every),
    }


def cells_of(plan: Plan, tally: Tally, model: str | None) -> list[tuple[str, Cell]]:
    """What came of each problem of a model, by question_id, with the plan's totals filled in."""
    pairs = []
    for question_id, total in plan.samples[model].items():
        cell = tally.cells.get((model, question_id), Cell())
        pairs.append((question_id, Cell(cell.judged, cell.passed, cell.errors, total)))
    return pairs


def _block(plan: Plan, pairs: Sequence[tuple[str, Cell]], tally: Tally, models: Sequence[str | None]) -> dict[str, Any]:
    cells = [cell for _, cell in pairs]
    several = len(models) > 1
    verdicts = sum((tally.verdicts.get(model, Counter()) for model in models), start=Counter[Verdict]())
    marks = sum((tally.marks.get(model, Counter()) for model in models), start=Counter[str]())
    return {
        **_counts(pairs),
        "problems_missing": plan.dataset_problems - len({question_id for question_id, _ in pairs}),
        "judged": sum(cell.judged for cell in cells),
        "passed": sum(cell.passed for cell in cells),
        "verdicts": {str(verdict): verdicts.get(verdict, 0) for verdict in Verdict},
        "near_limit": marks["near_limit"],
        **({} if tally.grading == "standard" else {"cheats": marks["cheats"]}),
        **scores_of(cells, several=several, ks=STANDARD_K),
        "by": _splits(plan, pairs, several=several),
    }


def _splits(plan: Plan, pairs: Iterable[tuple[str, Cell]], *, several: bool) -> dict[str, dict[str, Any]]:
    groups: dict[str, dict[str, list[tuple[str, Cell]]]] = {"difficulty": {}, "platform": {}, "month": {}}
    for question_id, cell in pairs:
        for split, value in plan.problems[question_id]._asdict().items():
            groups[split].setdefault(value, []).append((question_id, cell))
    return {
        split: {value: _split(values[value], several=several) for value in sorted(values, key=_order)}
        for split, values in groups.items()
    }


def _order(value: str) -> tuple[int, str]:
    return (_DIFFICULTIES.index(value) if value in _DIFFICULTIES else len(_DIFFICULTIES), value)


def _split(pairs: Sequence[tuple[str, Cell]], *, several: bool) -> dict[str, Any]:
    return {**_counts(pairs), **scores_of([cell for _, cell in pairs], several=several, ks=(1,))}


def _counts(pairs: Sequence[tuple[str, Cell]]) -> dict[str, int]:
    return {
        "problems": len({question_id for question_id, _ in pairs}),
        "submissions": sum(cell.total for _, cell in pairs),
        "errors": sum(cell.errors for _, cell in pairs),
    }


def scores_of(cells: Sequence[Cell], *, several: bool, ks: Iterable[int]) -> dict[str, Any]:
    """pass@k for those k that every problem has samples for, null where a verdict is missing; its interval or range.

    Args:
        cells: A problem each, with its total.
        several: Whether they are of several models, so that there is no one score.
        ks: Which k are wanted.
    """
    usable = [k for k in ks if cells and k <= min(cell.total for cell in cells)] or [1]
    unknown = any(cell.judged < cell.total for cell in cells)
    if several or unknown or not cells:
        scores: dict[str, Any] = {f"pass@{k}": None for k in usable}
        if unknown and not several:
            worst = _mean([pass_at_k(cell.total, cell.passed, 1) for cell in cells])
            best = _mean([pass_at_k(cell.total, cell.passed + cell.total - cell.judged, 1) for cell in cells])
            scores["pass@1_range"] = [worst, best]
        return scores
    scores = {f"pass@{k}": _mean([pass_at_k(cell.total, cell.passed, k) for cell in cells]) for k in usable}
    return scores | {"pass@1_ci95": wilson(scores["pass@1"], len(cells))}


def _mean(values: Sequence[Fraction]) -> float:
    # Few different values, many times each: adding them by kind keeps the fractions small.
    return float(sum((value * times for value, times in Counter(values).items()), start=Fraction()) / len(values))
