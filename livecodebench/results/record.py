"""A line of judgements.jsonl read back: what a score is made of. Leaves the tests of a judgement out."""

from __future__ import annotations

import json
import sys
from typing import Any, NamedTuple

from livecodebench.verdict import Judgement, Verdict

Key = tuple[str | None, str, int]
"""What identifies a submission: model, question_id, sample."""


class Record(NamedTuple):
    """What identifies a judgement, and what came of it.

    Attributes:
        model: Who wrote the program; None where unknown.
        question_id: The problem.
        sample: The submission's number within its (model, question_id).
        grading: "standard", or the official grader that it follows.
        verdict: None where the infrastructure failed.
        near_limit: Whether a test came near a limit.
        cheat: Whether the official grader would have been deceived.
        cause: Which of the official grader's peculiarities may have decided; "" where none is known.
    """

    model: str | None
    question_id: str
    sample: int
    grading: str
    verdict: Verdict | None
    near_limit: bool = False
    cheat: bool = False
    cause: str = ""

    @property
    def key(self) -> Key:
        """The submission it is about."""
        return (self.model, self.question_id, self.sample)

    @property
    def passed(self) -> bool:
        """Whether it is accepted."""
        return self.verdict is Verdict.ACCEPTED


def record_of(judgement: Judgement) -> Record:
    """The record of a judgement just made."""
    official = judgement.official
    return Record(
        judgement.model,
        judgement.question_id,
        judgement.sample,
        judgement.grading,
        judgement.verdict,
        near_limit=judgement.near_limit,
        cheat=official is not None and bool(official.cheats),
        cause="" if official is None else official.cause,
    )


def parse_line(line: bytes) -> tuple[Record, dict[str, Any]]:
    """Read one line of judgements.jsonl: its record, and the whole of it.

    Raises:
        ValueError: Where it is not a judgement; the message says what is wrong.
    """
    try:
        value = json.loads(line)  # JSONDecodeError and UnicodeDecodeError are ValueErrors
    except RecursionError:
        raise ValueError("nested too deep") from None
    if not isinstance(value, dict):
        raise ValueError("not a JSON object")
    model, question_id, sample, grading = (value.get(name) for name in ("model", "question_id", "sample", "grading"))
    if model is not None and not isinstance(model, str):
        raise ValueError("model is neither a string nor null")
    if not isinstance(question_id, str) or not isinstance(grading, str):
        raise ValueError("question_id or grading is not a string")
    if not isinstance(sample, int) or isinstance(sample, bool) or sample < 0:
        raise ValueError("sample is not a number from 0")
    if (value.get("verdict") is None) is (value.get("error") is None):
        raise ValueError("neither a verdict nor an error, or both")
    verdict = None if value["verdict"] is None else Verdict(value["verdict"])
    # The same few strings come back a hundred thousand times.
    model = None if model is None else sys.intern(model)
    cause = value.get("cause", "")
    record = Record(
        model,
        sys.intern(question_id),
        sample,
        sys.intern(grading),
        verdict,
        near_limit=value.get("near_limit") is True,
        cheat=value.get("cheat") is True,
        cause=sys.intern(cause) if isinstance(cause, str) else "",
    )
    return record, value
