"""The standard grading: each test in a real process of its own, with real standard input and output.

What a program did is turned into a verdict in a check function that runs beside the sandbox's client, never in the
sandbox.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import partial

from lcb_ray.agent.protocol import ExecutionResult, Limits, Mode, Outcome, Program
from lcb_ray.batch import Batch, BatchResult, Case
from livecodebench.judging.checkers import Checker, checker_for
from livecodebench.judging.excerpt import excerpt
from livecodebench.judging.packed_tests import cases_of, packed_tests
from livecodebench.judging.rules import Finding
from livecodebench.printable import printable
from livecodebench.problem import Problem, TestKind
from livecodebench.verdict import TestVerdict, Verdict

_BY_OUTCOME = {
    Outcome.CPU_LIMIT: (Verdict.TIME_LIMIT, "used more CPU time than the limit"),
    Outcome.WALL_LIMIT: (Verdict.TIME_LIMIT, "did not end within the limit, though the machine was free for it"),
    Outcome.MEMORY_LIMIT: (Verdict.MEMORY_LIMIT, "asked for more memory than the limit"),
    Outcome.OUTPUT_LIMIT: (Verdict.OUTPUT_LIMIT, "printed more than the limit"),
    Outcome.COMPILE_ERROR: (Verdict.COMPILE_ERROR, "does not compile"),
}


@dataclass(frozen=True, slots=True)
class StandardRules:
    """See above.

    Attributes:
        limits: For each test.
        all_tests: Run every test instead of stopping at the first that fails.
    """

    limits: Limits
    all_tests: bool = False

    def batch(self, code: str, problem: Problem, *, key: str) -> Batch[TestVerdict] | None:
        """A case for each test; None where there is no code."""
        if not code.strip():
            return None
        return Batch(
            program=_program(code, problem),
            cases=partial(_cases, problem),
            packed=packed_tests(problem),
            check=Grader(problem.kind, checker_for(problem)),
            limits=self.limits,
            stop_at_failure=not self.all_tests,
            key=key,
        )

    def nothing_run(self, problem: Problem) -> Finding:
        """No code."""
        return Finding(verdict=Verdict.NO_CODE, tests_total=len(problem.tests()))

    def finding(self, code: str, result: BatchResult[TestVerdict]) -> Finding:
        """The first failure decides."""
        if result.compiled.outcome is Outcome.COMPILE_ERROR:
            words = excerpt(result.compiled.stderr, end=True)
            return Finding(verdict=Verdict.COMPILE_ERROR, tests_total=result.cases, detail=words)
        failed = (test.verdict for test in result.checked if not test.passed)
        return Finding(verdict=next(failed, Verdict.ACCEPTED), tests_total=result.cases, tests=result.checked)


@dataclass(frozen=True, slots=True)
class Grader:
    """Turns an execution into a verdict: the check function of a batch. Travels to where the batch is run.

    Attributes:
        kind: Whether the answer is what the program printed or what its function returned.
        checker: Compares that with the expected answer.
    """

    kind: TestKind
    checker: Checker

    def __call__(self, result: ExecutionResult, case: Case) -> TestVerdict:
        """Judge one execution against its case."""
        verdict, reason = self._verdict(result, case)
        failed = verdict is not Verdict.ACCEPTED
        return TestVerdict(
            index=result.index,
            verdict=verdict,
            outcome=result.outcome,
            exit_code=result.exit_code,
            signal=result.signal,
            usage=result.usage,
            reason=reason,
            stdout=excerpt(result.stdout if self.kind is TestKind.STDIN else result.value) if failed else "",
            stderr=excerpt(result.stderr, end=True) if failed else "",
        )

    def _verdict(self, result: ExecutionResult, case: Case) -> tuple[Verdict, str]:
        """How it ended comes first: the answer is looked at only where the program came to its end by itself.

        An exit status counts for nothing then, as in the official grading: only an uncaught exception does.
        """
        if result.outcome in _BY_OUTCOME:
            return _BY_OUTCOME[result.outcome]
        if result.outcome is Outcome.SIGNAL:
            return Verdict.RUNTIME_ERROR, f"ended by signal {result.signal}"
        if result.uncaught:
            return Verdict.RUNTIME_ERROR, printable(f"uncaught {result.uncaught}", limit=200)
        if self.kind is TestKind.FUNCTIONAL and not result.value:
            return Verdict.RUNTIME_ERROR, f"ended with status {result.exit_code} without returning a value"
        produced = result.stdout if self.kind is TestKind.STDIN else result.value
        expected, given = str(case.expected), case.input.decode("utf-8", "surrogatepass")
        outcome = self.checker(produced, expected, given, test_index=result.index)
        return (Verdict.ACCEPTED, "") if outcome.right else (Verdict.WRONG_ANSWER, outcome.reason)


def _program(code: str, problem: Problem) -> Program:
    source = code.encode("utf-8", "surrogatepass")
    if problem.func_name is None:
        return Program(source=source)
    return Program(source=source, mode=Mode.CALL, function=problem.func_name)


def _cases(problem: Problem) -> Sequence[Case]:
    return cases_of(problem.tests())
