"""In which order submissions are judged: what may take long first, so that the end of a run does not wait for one.

Nobody knows beforehand how long a program takes. The input of its problem's tests and the problem's difficulty say
something about it, and what a run ends with is short for certain where both are small. docs/performance.md has what
that saves, and what else was tried.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TypeVar

from livecodebench.problem import Difficulty, Problem
from livecodebench.submission import Submission

_STEP = 7  # as much input as this counts one step of difficulty
_STEPS = {difficulty: number for number, difficulty in enumerate((Difficulty.EASY, Difficulty.MEDIUM, Difficulty.HARD))}

S = TypeVar("S", bound=Submission)


def longest_expected_first(
    submissions: Sequence[S], problems: Mapping[str, Problem], input_sizes: Mapping[str, int]
) -> list[S]:
    """The submissions, those of one problem still together and in their order.

    Args:
        submissions: To be judged.
        problems: By question_id.
        input_sizes: Characters of all inputs of each problem's tests.
    """

    def expected(submission: S) -> int:
        problem = problems[submission.question_id]
        weight: int = _STEP ** _STEPS[problem.difficulty]
        return (1 + input_sizes[problem.question_id]) * weight

    return sorted(submissions, key=expected, reverse=True)
