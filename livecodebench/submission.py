"""A submission: a program judged against one problem."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Submission:
    """One program, for one problem.

    Attributes:
        question_id: The problem.
        code: The program's source text; empty where the answer held no code.
        model: Who wrote it; None where unknown.
        sample: Its 0-based position within its (model, question_id).
    """

    question_id: str
    code: str
    model: str | None = None
    sample: int = 0

    @property
    def key(self) -> tuple[str | None, str, int]:
        """What identifies it in a results folder."""
        return (self.model, self.question_id, self.sample)
