"""The official grading as the judge uses it: a batch for a program, and what came of it in the project's own words."""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import partial

from lcb_ray.agent.protocol import Limits, Outcome, Program, Usage
from lcb_ray.batch import Batch, BatchResult
from livecodebench.judging.checkers import checker_for
from livecodebench.judging.excerpt import excerpt
from livecodebench.judging.official.bundle import harness
from livecodebench.judging.official.causes import cause_of
from livecodebench.judging.official.cheats import reads_grader
from livecodebench.judging.official.records import Raised, Tested
from livecodebench.judging.official.replay import BROKEN, RAISED, SLOW, Graded, Replay
from livecodebench.judging.official.task import Size, Stdin, arrange, limits_for, size_of
from livecodebench.judging.packed_tests import cases_of, packed_tests
from livecodebench.judging.rules import Finding
from livecodebench.problem import Problem, TestKind
from livecodebench.verdict import OfficialResult, TestVerdict, Verdict


@dataclass(frozen=True, slots=True)
class OfficialRules:
    """See above.

    Attributes:
        limits: For each test: of these the official grader knows the time. See `limits_for` for the others.
        stdin: Which kind of standard input a program finds: they tell the grader's versions apart.
        slowness: How many times as long a program takes here: so much longer it may run before another thread does.
    """

    limits: Limits
    stdin: Stdin
    slowness: float = 1.0
    _sizes: dict[str, Size] = field(default_factory=dict, repr=False)

    def batch(self, code: str, problem: Problem, *, key: str) -> Batch[Graded]:
        """All tests in one process; before that, the first few."""
        size = self._size(problem)
        limits = limits_for(self.limits, size)
        arranged = partial(
            arrange,
            code=code,
            public=len(problem.public_tests),
            fn_name=problem.func_name,
            stdin=self.stdin,
            timeout=self.limits.cpu_s,
            slowness=self.slowness,
            output_bytes=limits.output_bytes,
        )
        return Batch(
            program=Program(source=harness() + (b"# numpy\n" if "numpy" in code else b"")),
            cases=lambda: arranged(cases_of(problem.tests())),
            packed=packed_tests(problem, arrange=arranged),
            check=Replay(
                functional=problem.kind is TestKind.FUNCTIONAL,
                timeout=self.limits.cpu_s,
                suspicious=reads_grader(code),
                tests_total=size.tests,
                checker=checker_for(problem),
            ),
            limits=limits,
            key=key,
        )

    def nothing_run(self, problem: Problem) -> Finding:
        """Never the case: the official grader runs an empty text, too, and it fails there."""
        raise RuntimeError("an official grading always runs something")

    def finding(self, code: str, result: BatchResult[Graded]) -> Finding:
        """The last process decides: the one that failed, or that had all tests."""
        graded = result.checked[-1]
        official = OfficialResult(
            results=graded.results, metadata=graded.metadata, cheats=graded.cheats, cause=cause_of(code, graded)
        )
        verdict = _verdict(graded) if code.strip() else Verdict.NO_CODE
        if verdict in (Verdict.NO_CODE, Verdict.COMPILE_ERROR):
            detail = str(graded.metadata["error_message"]) if code.strip() else ""
            return Finding(verdict=verdict, tests_total=graded.tests_total, detail=detail, official=official)
        return Finding(
            verdict=verdict, tests_total=graded.tests_total, tests=_tests(graded, verdict), official=official
        )

    def _size(self, problem: Problem) -> Size:
        """Remembered: the tests of a problem can be large, and submissions for it many."""
        if problem.question_id not in self._sizes:
            self._sizes[problem.question_id] = size_of(problem)
        return self._sizes[problem.question_id]


def _verdict(graded: Graded) -> Verdict:
    if graded.passed:
        return Verdict.ACCEPTED
    if graded.slow or graded.results[-1] == SLOW:
        return Verdict.TIME_LIMIT
    if graded.uncompiled:
        return Verdict.COMPILE_ERROR
    broken = graded.metadata["error_code"] == BROKEN
    if graded.results[-1] == RAISED or broken:
        memory = graded.execution.outcome is Outcome.MEMORY_LIMIT or "MemoryError" in str(graded.metadata.get("error"))
        return Verdict.MEMORY_LIMIT if memory else Verdict.RUNTIME_ERROR
    return Verdict.WRONG_ANSWER


def _tests(graded: Graded, verdict: Verdict) -> tuple[TestVerdict, ...]:
    """Each test as far as the process told; what the kernel counted is known of the whole process only."""
    passed = [_test(index, Verdict.ACCEPTED, test, graded) for index, test in enumerate(graded.tests)]
    if graded.passed:
        return tuple(passed)
    return (*passed, _test(len(passed), verdict, graded.failed, graded))


def _test(index: int, verdict: Verdict, test: Tested | Raised | None, graded: Graded) -> TestVerdict:
    execution = graded.execution
    failed = verdict is not Verdict.ACCEPTED
    ended = test is None and graded.metadata.get("error_code") == BROKEN
    return TestVerdict(
        index=index,
        verdict=verdict,
        outcome=execution.outcome if ended else _OUTCOMES.get(verdict, Outcome.EXITED),
        exit_code=execution.exit_code if ended else None,
        signal=execution.signal if ended else None,
        usage=Usage(
            cpu_s=execution.usage.cpu_s if test is None else test.cpu_s,
            wall_s=execution.usage.wall_s if test is None else test.wall_s,
            max_rss_bytes=execution.usage.max_rss_bytes,
        ),
        reason=_reason(graded) if failed else "",
        stdout=excerpt(str(graded.metadata.get("output", ""))) if failed else "",
        stderr=excerpt(execution.stderr, end=True) if failed else "",
    )


# Of a test in whose process others ran before and could have run after it.
_OUTCOMES = {
    Verdict.TIME_LIMIT: Outcome.CPU_LIMIT,
    Verdict.MEMORY_LIMIT: Outcome.MEMORY_LIMIT,
    Verdict.RUNTIME_ERROR: Outcome.NONZERO_EXIT,
}


def _reason(graded: Graded) -> str:
    parts = [str(graded.metadata.get(name, "")) for name in ("error_message", "error")]
    cheat = f"cheat: {', '.join(graded.cheats)}" if graded.cheats else ""
    return excerpt("; ".join(part for part in (*parts, cheat) if part))
