"""Which checker a problem gets, as a small value that can be pickled and sent to where the problem is judged.

A checker of its own is asked only about answers that the standard comparison calls wrong: what LiveCodeBench accepts
stays accepted. Where it cannot make sense of the test's input, the standard comparison stands.
"""

from __future__ import annotations

from dataclasses import dataclass

from livecodebench.judging.call_value import UndecodableValueError, check_value, decode_value, parse_expected
from livecodebench.judging.checker import CheckOutcome, check_output, decode_output
from livecodebench.judging.checkers.catalogue import Entry, Parameter, catalogue
from livecodebench.judging.checkers.reading import UnexpectedInputError
from livecodebench.judging.checkers.registry import CHECKERS, STANDARD, NamedChecker
from livecodebench.problem import Platform, Problem, TestKind


@dataclass(frozen=True, slots=True)
class Checker:
    """The check of one problem; a livecodebench.judging.checker.CheckFunction.

    Attributes:
        question_id: The problem, for errors.
        kind: Printed output or a returned value.
        name: In the registry, or "standard".
        parameters: Name and value of each parameter of the checker.
    """

    question_id: str
    kind: TestKind
    name: str = STANDARD
    parameters: tuple[tuple[str, Parameter], ...] = ()

    def __call__(
        self, produced: str | bytes, expected: str, input: str, *, test_index: int | None = None
    ) -> CheckOutcome:
        """Judge one answer.

        Args:
            produced: Standard output; for a functional problem the value as the agent encoded it.
            expected: The test's output.
            input: The test's input.
            test_index: Which test, for errors.

        Raises:
            DatasetError: The test's output is not JSON, though the problem is functional.
        """
        standard = self._standard(produced, expected, test_index)
        if standard.right or self.name == STANDARD:
            return standard
        try:
            return self._own(CHECKERS[self.name], produced, expected, input) or standard
        except UnexpectedInputError:
            return standard

    def _standard(self, produced: str | bytes, expected: str, test_index: int | None) -> CheckOutcome:
        if self.kind is TestKind.STDIN:
            return check_output(produced, expected)
        where = f"problem {self.question_id}" + ("" if test_index is None else f", test {test_index}")
        return check_value(produced, expected, where=where)

    def _own(self, named: NamedChecker, produced: str | bytes, expected: str, input: str) -> CheckOutcome | None:
        """The named checker's word; None where there is no value to ask it about."""
        if self.kind is TestKind.STDIN:
            return named.check(decode_output(produced), expected, input, **dict(self.parameters))
        try:
            value = decode_value(produced, size_hint=len(expected.encode("utf-8", "surrogatepass")))
        except UndecodableValueError:
            return None
        return named.check(value, parse_expected(expected), input, **dict(self.parameters))


def checker_for(problem: Problem) -> Checker:
    """Choose a problem's checker: its own where the catalogue has one of the problem's kind, else the standard one."""
    entry = _entry_of(problem)
    if entry is None or entry.checker == STANDARD or CHECKERS[entry.checker].kind is not problem.kind:
        return Checker(problem.question_id, problem.kind)
    return Checker(problem.question_id, problem.kind, entry.checker, tuple(sorted(entry.parameters.items())))


def known_issue(problem: Problem) -> str:
    """What makes a problem ungradable or unreliable whoever grades it; empty where nothing is known."""
    entry = _entry_of(problem)
    return "" if entry is None else entry.known_issue


def _entry_of(problem: Problem) -> Entry | None:
    """By question_id, or for LeetCode, whose ids are bare numbers, by slug."""
    by_id = catalogue().get(problem.question_id)
    return by_id or (catalogue().get(problem.title) if problem.platform is Platform.LEETCODE else None)
