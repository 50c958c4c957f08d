"""The judge: a submission goes in, a judgement comes out, whatever the backend.

What a program did is turned into a verdict here, in a check function that runs beside the sandbox's client, never in
the sandbox. A failure of the infrastructure becomes a judgement with an error and no verdict: it is never scored.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from concurrent.futures import Future
from dataclasses import dataclass
from functools import partial

from lcb_ray.agent.protocol import ExecutionResult, Limits, Mode, Outcome, Program
from lcb_ray.batch import Batch, BatchResult, Case
from lcb_ray.errors import SandboxError
from lcb_ray.pool import Pool
from livecodebench.checkers import Checker, checker_for
from livecodebench.errors import InputError
from livecodebench.packed_tests import cases_of, packed_tests
from livecodebench.printable import printable
from livecodebench.problem import Problem, TestKind
from livecodebench.submission import Submission
from livecodebench.verdict import Judgement, JudgementError, TestVerdict, Verdict

STANDARD = "standard"

_BY_OUTCOME = {
    Outcome.CPU_LIMIT: (Verdict.TIME_LIMIT, "used more CPU time than the limit"),
    Outcome.WALL_LIMIT: (Verdict.TIME_LIMIT, "did not end within the limit, though the machine was free for it"),
    Outcome.MEMORY_LIMIT: (Verdict.MEMORY_LIMIT, "asked for more memory than the limit"),
    Outcome.OUTPUT_LIMIT: (Verdict.OUTPUT_LIMIT, "printed more than the limit"),
    Outcome.COMPILE_ERROR: (Verdict.COMPILE_ERROR, "does not compile"),
}
_SHOWN = 400  # characters of a program's output kept with a verdict


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
            stdout=_excerpt(result.stdout if self.kind is TestKind.STDIN else result.value) if failed else "",
            stderr=_excerpt(result.stderr, end=True) if failed else "",
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


class Judge:
    """Judges submissions on a pool.

    Args:
        pool: Runs the programs.
        problems: By question_id.
        grading: Only "standard" so far.
        all_tests: Run every test instead of stopping at the first that fails.
        limits: For each test.
    """

    def __init__(
        self,
        pool: Pool,
        problems: Mapping[str, Problem],
        *,
        grading: str = STANDARD,
        all_tests: bool = False,
        limits: Limits | None = None,
    ) -> None:
        if grading != STANDARD:
            raise InputError(f"grading {grading!r} is unknown: this version has {STANDARD!r}")
        self._pool = pool
        self._problems = problems
        self._grading = grading
        self._all_tests = all_tests
        self._limits = limits or Limits()

    def submit(self, submission: Submission) -> Future[Judgement]:
        """Queue a submission. Cancelling the future stops its program.

        The future raises DatasetError where the problem's tests cannot be read, and bugs of ours as they are; failures
        of the infrastructure become a judgement with an error.

        Raises:
            InputError: No such problem.
        """
        problem = self._problems.get(submission.question_id)
        if problem is None:
            raise InputError(f"question_id {submission.question_id!r} is not in the dataset")
        if not submission.code.strip():
            ready: Future[Judgement] = Future()
            ready.set_result(self._no_code(submission, problem))
            return ready
        batch = Batch(
            program=_program(submission, problem),
            cases=partial(_cases, problem),
            packed=packed_tests(problem),
            check=Grader(problem.kind, checker_for(problem)),
            limits=self._limits,
            stop_at_failure=not self._all_tests,
            key=f"{submission.question_id}#{submission.sample}",
        )
        return _mapped(self._pool.submit(batch), partial(self._judgement, submission))

    def judge(self, submission: Submission) -> Judgement:
        """Judge one submission, waiting for it."""
        return self.submit(submission).result()

    def _judgement(self, submission: Submission, done: Future[BatchResult[TestVerdict]]) -> Judgement:
        try:
            result = done.result()
        except SandboxError as error:
            problem = JudgementError(type(error).__name__, str(error), error.attempts)
            return self._make(submission, None, problem, len(self._problems[submission.question_id].tests()), ())
        if result.compiled.outcome is Outcome.COMPILE_ERROR:
            words = _excerpt(result.compiled.stderr, end=True)
            return self._make(submission, Verdict.COMPILE_ERROR, None, result.cases, (), detail=words)
        failed = (test.verdict for test in result.checked if not test.passed)
        return self._make(submission, next(failed, Verdict.ACCEPTED), None, result.cases, result.checked)

    def _no_code(self, submission: Submission, problem: Problem) -> Judgement:
        return self._make(submission, Verdict.NO_CODE, None, len(problem.tests()), ())

    def _make(
        self,
        submission: Submission,
        verdict: Verdict | None,
        error: JudgementError | None,
        tests_total: int,
        tests: tuple[TestVerdict, ...],
        *,
        detail: str = "",
    ) -> Judgement:
        return Judgement(
            model=submission.model,
            question_id=submission.question_id,
            sample=submission.sample,
            grading=self._grading,
            verdict=verdict,
            error=error,
            tests_total=tests_total,
            tests=tests,
            detail=detail,
        )


def _program(submission: Submission, problem: Problem) -> Program:
    source = submission.code.encode("utf-8", "surrogatepass")
    if problem.func_name is None:
        return Program(source=source)
    return Program(source=source, mode=Mode.CALL, function=problem.func_name)


def _cases(problem: Problem) -> Sequence[Case]:
    return cases_of(problem.tests())


def _excerpt(data: bytes, *, end: bool = False) -> str:
    text = data[-_SHOWN:] if end else data[:_SHOWN]
    return text.decode("utf-8", "replace")


def _mapped(source: Future[BatchResult[TestVerdict]], turn: partial[Judgement]) -> Future[Judgement]:
    """A future of what `turn` makes of the source, which is cancelled with it."""
    target: Future[Judgement] = _Following(source)

    def settle(done: Future[BatchResult[TestVerdict]]) -> None:
        if not target.set_running_or_notify_cancel():
            return
        try:
            target.set_result(turn(done))
        except BaseException as error:
            target.set_exception(error)

    source.add_done_callback(settle)
    return target


class _Following(Future[Judgement]):
    """Stays pending until its source is done, so that cancelling it always reaches the source."""

    def __init__(self, source: Future[BatchResult[TestVerdict]]) -> None:
        super().__init__()
        self._source = source

    def cancel(self) -> bool:
        self._source.cancel()
        return super().cancel()
