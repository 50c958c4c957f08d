"""Where the standard and the official grading of a submission differ, and why."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field
from typing import Any

from livecodebench.results.record import Key, Record
from livecodebench.verdict import Verdict

OTHER = "other"
CHEAT = "cheat"
# What a standard verdict alone explains, where the official grading accepts.
_BY_VERDICT = {
    Verdict.TIME_LIMIT: "time",
    Verdict.MEMORY_LIMIT: "memory",
    Verdict.OUTPUT_LIMIT: "output",
}


def reason_of(standard: Record, official: Record) -> str | None:
    """Why the two say different things of a submission; None where both accept it, or neither, or one has no verdict.

    The official judgement knows which peculiarity of its grader may have decided (judging.official.causes).
    """
    if standard.verdict is None or official.verdict is None or standard.passed is official.passed:
        return None
    if official.cheat:
        return CHEAT
    if official.passed:
        return _BY_VERDICT.get(standard.verdict) or official.cause or OTHER
    return official.cause or OTHER


@dataclass(slots=True)
class Disagreements:
    """Pairs up the judgements of two gradings as they come.

    Attributes:
        standard: The name of the one.
        official: The name of the other.
        found: Pairs that differ, with the reason.
        compared: Pairs so far.
    """

    standard: str
    official: str
    found: list[tuple[Record, Record, str]] = field(default_factory=list)
    compared: int = 0
    _waiting: dict[Key, Record] = field(default_factory=dict)

    def add(self, record: Record) -> None:
        """Take a judgement of either grading; those without a verdict are passed over."""
        if record.verdict is None:
            return
        other = self._waiting.pop(record.key, None)
        if other is None or other.grading == record.grading:
            self._waiting[record.key] = record
            return
        self.compared += 1
        standard, official = (record, other) if record.grading == self.standard else (other, record)
        if (reason := reason_of(standard, official)) is not None:
            self.found.append((standard, official, reason))

    def as_json(self) -> dict[str, Any]:
        """For summary.json: how many, by reason, and each."""
        by_reason: dict[str, Counter[str]] = {}
        for standard, _, reason in self.found:
            accepted_by = self.standard if standard.passed else self.official
            by_reason.setdefault(reason, Counter())[accepted_by] += 1
        most_first = sorted(by_reason.items(), key=lambda item: (-item[1].total(), item[0]))
        return {
            "compared": self.compared,
            "differing": len(self.found),
            "by_reason": {
                reason: {f"accepted_by_{name}": counts[name] for name in (self.standard, self.official)}
                for reason, counts in most_first
            },
            "submissions": [
                {
                    "model": standard.model,
                    "question_id": standard.question_id,
                    "sample": standard.sample,
                    self.standard: standard.verdict,
                    self.official: official.verdict,
                    "reason": reason,
                }
                for standard, official, reason in sorted(self.found, key=_order)
            ],
        }


def _order(found: tuple[Record, Record, str]) -> tuple[str, str, int]:
    record = found[0]
    return (record.model or "", record.question_id, record.sample)
