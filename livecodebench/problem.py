"""Problems and their tests: frozen values, no input or output."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum


class Platform(StrEnum):
    """The contest site a problem comes from."""

    LEETCODE = "leetcode"
    ATCODER = "atcoder"
    CODEFORCES = "codeforces"


class Difficulty(StrEnum):
    """LiveCodeBench's three grades of difficulty."""

    EASY = "easy"
    MEDIUM = "medium"
    HARD = "hard"


class TestKind(StrEnum):
    """How a test talks to the program: standard input and output, or arguments and a return value."""

    __test__ = False  # not a test class, whatever its name

    STDIN = "stdin"
    FUNCTIONAL = "functional"


@dataclass(frozen=True, slots=True)
class TestCase:
    """One test of a problem.

    Attributes:
        input: What the program gets: standard input, or for a functional test a JSON value per line for each argument.
        output: What a right program answers: standard output, or the return value as JSON. Never enters a sandbox.
    """

    __test__ = False

    input: str
    output: str


@dataclass(frozen=True, slots=True)
class Problem:
    """One problem of LiveCodeBench, its private tests decoded only when asked for.

    Attributes:
        question_id: Unique in a dataset: "2727" (LeetCode), "abc301_a" (AtCoder), "1873_A" (Codeforces).
        contest_date: When the contest was held, without a time zone, as the dataset has it.
        starter_code: LeetCode's class stub; empty for a stdin problem.
        func_name: The method (or function) a functional problem calls; None for a stdin problem.
        public_tests: The statement's samples.
        private_tests: Decodes the hidden tests anew at each call: they can be large, so nobody keeps them by accident.
            Raises DatasetError, naming file and row.
    """

    question_id: str
    title: str
    content: str
    platform: Platform
    difficulty: Difficulty
    contest_id: str
    contest_date: datetime
    starter_code: str
    func_name: str | None
    public_tests: tuple[TestCase, ...]
    private_tests: Callable[[], tuple[TestCase, ...]] = field(repr=False, compare=False)

    @property
    def kind(self) -> TestKind:
        """Functional where the dataset's metadata names a function, as the official grader decides it."""
        return TestKind.STDIN if self.func_name is None else TestKind.FUNCTIONAL

    def tests(self) -> tuple[TestCase, ...]:
        """All tests in the order of grading: public, then private."""
        return self.public_tests + self.private_tests()
