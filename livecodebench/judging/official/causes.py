"""Which peculiarity of the official grader may have decided, for the table of disagreements."""

from __future__ import annotations

from livecodebench.judging.official.replay import Graded


def cause_of(code: str, graded: Graded) -> str:
    """The peculiarity; empty where none is seen."""
    return ""
