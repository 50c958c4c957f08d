"""A score with what is known of its certainty, as charts and tables take it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from math import sqrt
from typing import Any

from livecodebench.results.summary import Cell, scores_of


@dataclass(frozen=True, slots=True)
class Estimate:
    """A pass@1.

    Attributes:
        value: 0 to 1; None where verdicts are missing, or there is nothing to score.
        low: Of its 95 % interval; of what it can still become, where verdicts are missing; None where neither is known.
        high: Likewise.
        problems: How many it is over.
        submissions: How many it is over.
        errors: Submissions without a verdict, since the infrastructure failed.
    """

    value: float | None
    low: float | None
    high: float | None
    problems: int
    submissions: int
    errors: int

    @classmethod
    def of_block(cls, block: Mapping[str, Any]) -> Estimate:
        """From a block of summary.json."""
        low, high = block.get("pass@1_ci95") or block.get("pass@1_range") or (None, None)
        counts = (int(block["problems"]), int(block["submissions"]), int(block["errors"]))
        return cls(block.get("pass@1"), low, high, *counts)

    @classmethod
    def of_cells(cls, cells: Sequence[Cell]) -> Estimate:
        """From what came of each problem."""
        counts = {
            "problems": len(cells),
            "submissions": sum(cell.total for cell in cells),
            "errors": sum(cell.errors for cell in cells),
        }
        return cls.of_block(counts | (scores_of(cells, several=False, ks=(1,)) if cells else {}))

    @property
    def spoken(self) -> str:
        """In words: "62.5%", the range where it is open, "none"."""
        if self.value is not None:
            return percent(self.value)
        return "none" if self.low is None else f"{self.span} (verdicts missing)"

    @property
    def span(self) -> str:
        """The interval, or range, in words; "" where there is none."""
        return "" if self.low is None or self.high is None else f"{100 * self.low:.1f} to {100 * self.high:.1f}%"

    @property
    def counted(self) -> str:
        """How many problems, in words."""
        return f"{self.problems} problem{'' if self.problems == 1 else 's'}"


def percent(value: float) -> str:
    """A share in percent."""
    return f"{100 * value:.1f}%"


def points(value: float) -> str:
    """A difference of shares in percentage points, with its sign."""
    return f"{100 * value:+.1f}"


@dataclass(frozen=True, slots=True)
class Difference:
    """One score less another, with its 95 % interval: -1 to 1."""

    value: float
    low: float
    high: float


def difference(one: Estimate, other: Estimate) -> Difference | None:
    """`other` less `one`, of different problems; the interval is Newcombe's, from the two Wilson intervals.

    None where either has no score. (R. G. Newcombe, Statistics in Medicine 17 (1998) 873, method 10.)
    """
    known = (one.value, one.low, one.high, other.value, other.low, other.high)
    if None in known:
        return None
    p1, low1, high1, p2, low2, high2 = (float(x) for x in known if x is not None)
    value = p2 - p1
    return Difference(
        value, value - sqrt((p2 - low2) ** 2 + (high1 - p1) ** 2), value + sqrt((high2 - p2) ** 2 + (p1 - low1) ** 2)
    )


def total_of(cells: Iterable[Cell]) -> Estimate:
    """Of any iterable of cells."""
    return Estimate.of_cells(list(cells))
