"""Was it right: verdicts, of one test and of a whole submission. The judge's words, not the sandbox's."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from lcb_ray.agent.protocol import Outcome, Usage
from livecodebench.printable import printable

_DETAIL = 600  # characters of a compiler's words in a line of judgements.jsonl


class Verdict(StrEnum):
    """What became of a submission, or of one test of it. There is no member for a failure of ours: that is an error."""

    ACCEPTED = "accepted"
    WRONG_ANSWER = "wrong_answer"
    TIME_LIMIT = "time_limit"
    MEMORY_LIMIT = "memory_limit"
    OUTPUT_LIMIT = "output_limit"
    RUNTIME_ERROR = "runtime_error"
    COMPILE_ERROR = "compile_error"
    NO_CODE = "no_code"


@dataclass(frozen=True, slots=True)
class TestVerdict:
    """The verdict on one test.

    Attributes:
        index: Which test: public ones first, then private ones, from 0.
        verdict: Right, or why not.
        outcome: How the execution ended.
        exit_code: Its exit status, or None where it did not exit by itself.
        signal: The signal that ended it, or None.
        usage: Time and memory it took.
        reason: One line for a person: what differs, or which exception. Empty where accepted.
        stdout: What the program printed, shortened; only where not accepted.
        stderr: The end of its standard error; only where not accepted.
    """

    __test__ = False

    index: int
    verdict: Verdict
    outcome: Outcome
    exit_code: int | None
    signal: int | None
    usage: Usage
    reason: str = ""
    stdout: str = ""
    stderr: str = ""

    @property
    def passed(self) -> bool:
        """True where the test is accepted."""
        return self.verdict is Verdict.ACCEPTED


@dataclass(frozen=True, slots=True)
class JudgementError:
    """A failure of the infrastructure that outlived its retries. Never a score.

    Attributes:
        type: The class of lcb_ray.errors it was.
        message: What happened.
        attempts: How many sandboxes were tried.
    """

    type: str
    message: str
    attempts: int


@dataclass(frozen=True, slots=True, kw_only=True)
class OfficialResult:
    """What the official grader would say, in its own terms.

    Attributes:
        results: True for each test passed, then what ended it: False, -2 wrong, -3 time limit, -4 an exception.
        metadata: Of the first failure, or the execution time.
        cheats: Where it would have been deceived: what showed that (judging.official.cheats). Empty elsewhere.
        cause: Which of its peculiarities may have decided: a member of livecodebench.judging.official.causes, or "".
    """

    results: tuple[int | bool, ...]
    metadata: Mapping[str, Any]
    cheats: tuple[str, ...] = ()
    cause: str = ""

    def as_json(self) -> dict[str, Any]:
        """Fields of a line of judgements.jsonl."""
        fields: dict[str, Any] = {"official_results": list(self.results), "official_metadata": dict(self.metadata)}
        if self.cheats:
            fields |= {"cheat": True, "cheat_traces": list(self.cheats)}
        return fields | ({"cause": self.cause} if self.cause else {})


@dataclass(frozen=True, slots=True, kw_only=True)
class Judgement:
    """All of one submission.

    Attributes:
        verdict: Of the whole: accepted where every test is, else the first failing test's; None where error is not.
        tests_total: How many tests the problem has.
        tests: Those that ran, in order.
        detail: Where no test ran, why: the compiler's words. The program's own text may be in it.
        near_limit: Whether a test used 80 to 120 % of a limit: on another machine the verdict might be another.
        official: In an official grading, what the official grader would say; else None.
    """

    model: str | None
    question_id: str
    sample: int
    grading: str
    verdict: Verdict | None
    error: JudgementError | None
    tests_total: int
    tests: tuple[TestVerdict, ...] = ()
    detail: str = ""
    near_limit: bool = False
    official: OfficialResult | None = None

    def __post_init__(self) -> None:
        if (self.verdict is None) is (self.error is None):
            raise ValueError("a judgement has either a verdict or an error")

    @property
    def passed(self) -> bool | None:
        """True or False by the verdict; None where the infrastructure failed."""
        return None if self.verdict is None else self.verdict is Verdict.ACCEPTED

    def as_json(self, *, reasons: bool = True) -> dict[str, Any]:
        """The line of judgements.jsonl, field by field as the command's contract has it.

        Args:
            reasons: With what differs in each wrong test, which quotes expected outputs. Leave it out of what a model
                may learn from.
        """
        return {
            "model": self.model,
            "question_id": self.question_id,
            "sample": self.sample,
            "grading": self.grading,
            "passed": self.passed,
            "verdict": self.verdict,
            "error": None
            if self.error is None
            else {"type": self.error.type, "message": self.error.message, "attempts": self.error.attempts},
            "tests_total": self.tests_total,
            "tests": [
                {
                    "index": test.index,
                    "verdict": test.verdict,
                    "outcome": test.outcome,
                    "cpu_s": round(test.usage.cpu_s, 4),
                    "wall_s": round(test.usage.wall_s, 4),
                    "max_rss_bytes": test.usage.max_rss_bytes,
                    "exit_code": test.exit_code,
                    "signal": test.signal,
                    **({"reason": test.reason} if test.reason and reasons else {}),
                }
                for test in self.tests
            ],
            **({"detail": printable(self.detail, limit=_DETAIL, keep_lines=True)} if self.detail else {}),
            "near_limit": self.near_limit,
            **({} if self.official is None else self.official.as_json()),
        }
