"""What a grading is to the judge: a batch for a program, and what came of it.

There are two: `livecodebench.judging.standard` and `livecodebench.judging.official`. Which names they have is in
`livecodebench.judging.gradings`.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Protocol

from lcb_ray.batch import Batch, BatchResult
from livecodebench.problem import Problem
from livecodebench.verdict import OfficialResult, TestVerdict, Verdict


@dataclass(frozen=True, slots=True, kw_only=True)
class Finding:
    """What a grading says of a program.

    Attributes:
        verdict: Of the whole.
        tests_total: How many tests the problem has.
        tests: Those that ran, in order.
        detail: Where no test ran, why.
        official: What the official grader would say; None in the standard grading.
    """

    verdict: Verdict
    tests_total: int
    tests: tuple[TestVerdict, ...] = ()
    detail: str = ""
    official: OfficialResult | None = None


class Rules(Protocol):
    """A grading."""

    def batch(self, code: str, problem: Problem, *, key: str) -> Batch[Any] | None:
        """What is to be run of a program; None where there is nothing to run. `key` names it in logs and errors.

        Raises DatasetError where the problem's tests cannot be read.
        """
        ...

    def nothing_run(self, problem: Problem) -> Finding:
        """What is said where there was nothing to run."""
        ...

    def finding(self, code: str, result: BatchResult[Any]) -> Finding:
        """What is said of the program, of which this came."""
        ...
