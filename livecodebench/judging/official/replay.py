"""The part of the official grader that decides: from what a program did to result codes and metadata."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any

from lcb_ray.agent.protocol import ExecutionResult, Outcome
from lcb_ray.batch import Case
from livecodebench.judging.call_value import load_value
from livecodebench.judging.checkers import Checker
from livecodebench.judging.official.cheats import TIME, traces
from livecodebench.judging.official.comparison import (
    OfficialComparisonError,
    compare_printed,
    returned_right,
    truncated,
)
from livecodebench.judging.official.records import Failed, Raised, Records, Tested, read_records
from livecodebench.judging.official.task import Tests

WRONG, SLOW, RAISED, BROKEN = -2, -3, -4, -5
_ROOM, _ROOM_S = 0.05, 0.3  # over the limit: an alarm comes when it comes
# What a process does between tests: start, and write its answers down (0.1 s for a megabyte where it was measured).
_HIDDEN_S, _HIDDEN_BYTES_S = 1.0, 2e6

Metadata = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Graded:
    """What the official grader says of one process.

    Attributes:
        results: True for each test that was passed, then what ended it: a code, or False.
        metadata: Of the first failure; the time taken where there is none.
        tests: The tests that were passed, as the harness measured them.
        failed: The one that was not; None where none was, or where it left no trace.
        slow: Whether the failure is one of time, whatever its code.
        uncompiled: Whether the program's text is no Python.
        cheats: Traces of having deceived the official grader; empty where it was passed.
        execution: How the process ended.
        tests_total: How many tests the problem has.
        accepted_by: The checker that accepts the wrong answer; empty where none does.
    """

    results: tuple[int | bool, ...]
    metadata: Metadata
    tests: tuple[Tested, ...]
    failed: Tested | Raised | None
    slow: bool
    uncompiled: bool
    cheats: tuple[str, ...]
    execution: ExecutionResult
    tests_total: int
    accepted_by: str = ""

    @property
    def passed(self) -> bool:
        """True where every test was passed."""
        return all(result is True for result in self.results)


@dataclass(frozen=True, slots=True)
class Replay:
    """The check function of a batch: compares what one process did with what was expected.

    Attributes:
        functional: Whether a function was called.
        timeout: Seconds for each test.
        suspicious: Whether the program's text looks for the grader.
        tests_total: How many tests the problem has.
        checker: The problem's own; only to say whether it would have accepted what the official comparison does not.
    """

    functional: bool
    timeout: float
    suspicious: bool
    tests_total: int
    checker: Checker

    def __call__(self, result: ExecutionResult, case: Case) -> Graded:
        """Grade one process."""
        tests = case.expected
        assert isinstance(tests, Tests)
        records = read_records(result.stdout)
        if not records.started:
            raise RuntimeError(f"the harness did not start: {result.outcome}, {result.stderr[-300:]!r}")
        return _without_output(_Run(self, records, result, tests).grade())


class _Run:
    def __init__(self, rules: Replay, records: Records, execution: ExecutionResult, tests: Tests) -> None:
        self._rules = rules
        self._records = records
        self._execution = execution
        self._tests = tests
        self._passed = 0

    def grade(self) -> Graded:
        try:
            references = self._references()
            for index, test in enumerate(self._records.tests):
                if (failure := self._failure(index, test, references[index])) is not None:
                    return failure
                self._passed += 1
        except OfficialComparisonError as error:
            return self._broken_off(Failed(f"Error during testing: {error}", ""))
        return self._ended()

    def _references(self) -> list[object]:
        """The expected values; parsed where there is a function, after its inputs were."""
        if not self._rules.functional or not self._records.parsed:
            return list(self._tests.outputs)
        try:
            return [load_value(output) for output in self._tests.outputs]
        except (ValueError, RecursionError) as error:
            raise OfficialComparisonError(str(error)) from None

    def _failure(self, index: int, test: Tested, reference: object) -> Graded | None:
        """What ends the grading at a test that the candidate came through; None where it passed.

        Where the alarm came and its exception was swallowed, or never came though the time was up, the official grader
        looks at the answer as at any other. Where it was put off because the machine was busy, it would have come; if
        the kernel says that the process did not wait that long, it was slow.
        """
        late = self._late(test)
        if late and test.extended and not test.raised:
            return self._slow(index, test)
        if (wrong := self._wrong(index, test, reference)) is not None:
            return wrong
        return self._slow(index, test, cheat=True) if late or test.raised else None

    def _wrong(self, index: int, test: Tested, reference: object) -> Graded | None:
        if not self._rules.functional:
            output = "".join(test.ends) if test.output is None else test.output
            message = compare_printed(output, str(reference))
            if message:
                return self._differs(index, test, WRONG, output, message)
            return None
        text = self._tests.outputs[index]
        try:
            if test.output is not None and returned_right(
                test.output, reference, size_hint=len(text.encode("utf-8", "surrogatepass")), shape=test.shape
            ):
                return None
        except OfficialComparisonError as error:
            return self._raised(index, test, f"ValueError({str(error)!r})")
        if test.shown_error is not None:
            return self._raised(index, test, test.shown_error, after=(False,))
        return self._differs(index, test, False, test.shown, "Wrong Answer")

    def _late(self, test: Tested) -> bool:
        """Whether a test took longer than the limit, the time that the process waited for a CPU left out."""
        return test.wall_s - self._execution.usage.wait_s > self._rules.timeout * (1 + _ROOM) + _ROOM_S

    def _ended(self) -> Graded:
        """What follows the tests that were passed."""
        end, index = self._records.end, self._passed
        if isinstance(end, Raised):
            if "timeoutexception" in end.error.lower():
                return self._slow(index, end)
            return self._raised(index, end, end.error)
        if isinstance(end, Failed):
            return self._broken_off(end)
        if end is None or index != len(self._tests.inputs):
            return self._died()
        if index and self._hides_time():
            self._passed -= 1
            return self._slow(index - 1, self._records.tests[-1], cheat=True)
        return self._make((True,) * index, None, {"execution time": sum(test.wall_s for test in self._records.tests)})

    def _hides_time(self) -> bool:
        """Whether the kernel counted so much more time than the tests say that one may have been over the limit."""
        usage, tests = self._execution.usage, self._records.tests
        moved = len(self._execution.stdout) + sum(map(len, self._tests.inputs))
        most = _HIDDEN_S + self._rules.timeout / 10 + moved / _HIDDEN_BYTES_S
        wall = usage.wall_s - usage.wait_s - sum(test.wall_s for test in tests)
        return max(wall, usage.cpu_s - sum(test.cpu_s for test in tests)) > most

    def _slow(self, index: int, test: Tested | Raised, *, cheat: bool = False) -> Graded:
        error = test.error if isinstance(test, Raised) else "TimeoutException()"
        metadata = {"error": error, **_message(SLOW, "Time Limit Exceeded"), **self._given(index, test)}
        return self._make((*self._so_far(), SLOW), test, metadata, slow=True, cheats=(TIME,) if cheat else ())

    def _raised(self, index: int, test: Tested | Raised, error: str, *, after: tuple[bool, ...] = ()) -> Graded:
        metadata = {"error": error, **_message(RAISED, "Runtime Error"), **self._given(index, test)}
        return self._make((*self._so_far(), *after, RAISED), test, metadata)

    def _differs(self, index: int, test: Tested, result: int | bool, output: str, message: str) -> Graded:
        metadata = {"output": truncated(output), **self._given(index, test), **_message(WRONG, message)}
        return self._make((*self._so_far(), result), test, metadata, accepted_by=self._accepted_by(index, test))

    def _accepted_by(self, index: int, test: Tested) -> str:
        checker, given, expected = self._rules.checker, self._tests.inputs[index], self._tests.outputs[index]
        right = test.output is not None and checker(test.output, expected, given, test_index=index).right
        return checker.name if right else ""

    def _broken_off(self, end: Failed) -> Graded:
        """An exception outside the tests: the grader forgets what was passed."""
        uncompiled = not self._records.parsed and end.error in ("SyntaxError", "IndentationError", "TabError")
        slow = end.error == "TimeoutException"
        return self._make((RAISED,), None, _message(RAISED, end.message), slow=slow, uncompiled=uncompiled)

    def _died(self) -> Graded:
        """The process ended without a result: its parent finds none, and stumbles."""
        metadata = {"error": "IndexError('list index out of range')", **_message(BROKEN, "TestRunnerError")}
        slow = self._execution.outcome in (Outcome.CPU_LIMIT, Outcome.WALL_LIMIT)
        return self._make((WRONG,), None, metadata, slow=slow)

    def _so_far(self) -> tuple[bool, ...]:
        return (True,) * self._passed

    def _given(self, index: int, test: Tested | Raised) -> Metadata:
        """Input and expected output, as metadata shows them: arguments as they were after the call."""
        if not self._rules.functional:
            return {"inputs": truncated(self._tests.inputs[index]), "expected": truncated(self._tests.outputs[index])}
        return {"inputs": test.inputs, "expected": truncated(str(load_value(self._tests.outputs[index])))}

    def _make(
        self,
        results: tuple[int | bool, ...],
        test: Tested | Raised | None,
        metadata: Metadata,
        *,
        slow: bool = False,
        uncompiled: bool = False,
        cheats: tuple[str, ...] = (),
        accepted_by: str = "",
    ) -> Graded:
        passed = all(result is True for result in results)
        found = traces(self._records, mark=self._tests.mark, suspicious=self._rules.suspicious)
        return Graded(
            results=results,
            metadata=metadata,
            tests=tuple(self._records.tests[: self._passed]),
            failed=test,
            slow=slow,
            uncompiled=uncompiled,
            cheats=() if passed else (*cheats, *found),
            execution=self._execution,
            tests_total=self._rules.tests_total,
            accepted_by=accepted_by,
        )


def _without_output(graded: Graded) -> Graded:
    """What the program wrote has been judged, and need not travel to whoever asked."""
    tests = tuple(replace(test, output=None, ends=("", "")) for test in graded.tests)
    failed = graded.failed
    if isinstance(failed, Tested):
        failed = replace(failed, output=None, ends=("", ""))
    return replace(graded, tests=tests, failed=failed, execution=replace(graded.execution, stdout=b""))


def _message(code: int, message: str) -> Metadata:
    return {"error_code": code, "error_message": message}
