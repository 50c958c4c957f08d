"""Scores before and after a model's training cut-off: problems that it cannot have seen are the honest ones.

The results folder knows the month of each contest, the dataset the day. With months only, the problems of the cut-off's
own month belong to neither side, and it is said how many they are.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date

from livecodebench.errors import InputError, listed, quoted
from livecodebench.report.estimate import Difference, Estimate, difference, total_of
from livecodebench.results.summary import Cell

ALL = "all"


@dataclass(frozen=True, slots=True)
class Split:
    """Some problems on both sides of a cut-off.

    Attributes:
        name: Which problems: "all", or a difficulty.
        before: Contests before the day of the cut-off.
        after: On that day or later.
        change: After less before; None where one side has no score.
    """

    name: str
    before: Estimate
    after: Estimate
    change: Difference | None


@dataclass(frozen=True, slots=True)
class BeforeAfter:
    """A model's scores around its cut-off.

    Attributes:
        cutoff: The first day of which the model has seen nothing.
        splits: All problems first, then each difficulty.
        undated: Problems of the cut-off's month whose day is not known: on neither side.
    """

    cutoff: date
    splits: tuple[Split, ...]
    undated: int


def parse_cutoffs(values: Iterable[str], models: Sequence[str]) -> dict[str, date]:
    """Read what --cutoff was given: DATE for all models, MODEL=DATE for one, which wins.

    Args:
        values: As given.
        models: The names that reports use.

    Raises:
        InputError: No such day or model.
    """
    general: date | None = None
    own: dict[str, date] = {}
    for value in values:
        name, _, day = value.rpartition("=")
        try:
            parsed = date.fromisoformat(day.strip())
        except ValueError:
            raise InputError(f"--cutoff: {quoted(value)}: {quoted(day)} is no day: write 2024-05-01") from None
        if not name:
            general = parsed
        elif name in models:
            own[name] = parsed
        else:
            raise InputError(f"--cutoff: there is no model {quoted(name)} in these results, but {listed(models)}")
    return ({} if general is None else dict.fromkeys(models, general)) | own


def before_after(
    cutoff: date,
    cells: Sequence[tuple[str, Cell]],
    *,
    months: Mapping[str, str],
    difficulties: Mapping[str, str],
    days: Mapping[str, date],
) -> BeforeAfter:
    """Split a model's problems at its cut-off.

    Args:
        cutoff: The day.
        cells: What came of each problem, by question_id.
        months: Of each contest, "2024-05".
        difficulties: Of each problem.
        days: Of the contests, where they are known.
    """
    sides: dict[str, tuple[list[Cell], list[Cell]]] = {
        ALL: ([], []),
        "easy": ([], []),
        "medium": ([], []),
        "hard": ([], []),
    }
    undated = 0
    for question_id, cell in cells:
        later = _after(cutoff, months[question_id], days.get(question_id))
        if later is None:
            undated += 1
            continue
        for name in (ALL, difficulties[question_id]):
            sides.setdefault(name, ([], []))[later].append(cell)
    splits = []
    for name, (early, late) in sides.items():
        if early or late:
            before, after = total_of(early), total_of(late)
            splits.append(Split(name, before, after, difference(before, after)))
    return BeforeAfter(cutoff, tuple(splits), undated)


def _after(cutoff: date, month: str, day: date | None) -> bool | None:
    if day is not None:
        return day >= cutoff
    own = cutoff.strftime("%Y-%m")
    if month == own:
        return True if cutoff.day == 1 else None
    return month > own
