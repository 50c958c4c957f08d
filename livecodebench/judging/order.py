"""In which order submissions are judged: what may take long first, so that the end of a run does not wait for one.

Nobody knows beforehand how long a program takes, least of all one that never ends. What says most about it is how much
input its problem's tests have. docs/performance.md has what that saves, and what else was tried.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TypeVar

from livecodebench.submission import Submission

S = TypeVar("S", bound=Submission)


def longest_expected_first(submissions: Sequence[S], input_sizes: Mapping[str, int]) -> list[S]:
    """The submissions, those of one problem still together and in their order.

    Args:
        submissions: To be judged.
        input_sizes: By question_id: characters of all inputs of the problem's tests.
    """
    return sorted(submissions, key=lambda submission: input_sizes[submission.question_id], reverse=True)
