"""What one problem of the mini dataset consists of, and the small helpers its file is written with."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from textwrap import dedent

from livecodebench.problem import Difficulty, Platform
from livecodebench.verdict import Verdict

STRONG, WEAK = "mini-strong", "mini-weak"


@dataclass(frozen=True, slots=True)
class Answer:
    """A model's whole answer and the verdict it must get."""

    text: str
    verdict: Verdict


@dataclass(frozen=True, slots=True, kw_only=True)
class MiniProblem:
    """A problem, its tests and the stored answers.

    Attributes:
        statement: Without the samples; they are appended from the public tests.
        parameters: Names of a functional problem's arguments, for the samples.
        solve: The reference: a test's input to its output.
        public_inputs: Of the samples.
        private_inputs: Of the hidden tests.
        answers: Model to its samples, in order.
    """

    question_id: str
    title: str
    statement: str
    platform: Platform
    difficulty: Difficulty
    contest_id: str
    contest_date: str
    solve: Callable[[str], str]
    public_inputs: tuple[str, ...]
    private_inputs: tuple[str, ...]
    answers: Mapping[str, tuple[Answer, ...]]
    starter_code: str = ""
    func_name: str | None = None
    parameters: tuple[str, ...] = ()


class Dice:
    """Repeatable numbers that depend on no version of Python."""

    def __init__(self, seed: int) -> None:
        self._state = seed

    def below(self, limit: int) -> int:
        """A number from 0 to limit - 1."""
        self._state = (self._state * 6364136223846793005 + 1442695040888963407) % 2**64
        return (self._state >> 33) % limit

    def between(self, low: int, high: int) -> int:
        """A number from low to high, both included."""
        return low + self.below(high - low + 1)

    def word(self, length: int, letters: str) -> str:
        """A word over the letters."""
        return "".join(letters[self.below(len(letters))] for _ in range(length))


def program(text: str) -> str:
    """A program or a statement, from an indented string of a problem's file."""
    return dedent(text).strip("\n")


def fenced(code: str, verdict: Verdict = Verdict.ACCEPTED, *, before: str = "", after: str = "") -> Answer:
    """An answer with one fenced block of Python."""
    parts = [before, f"```python\n{program(code)}\n```", after]
    return Answer("\n\n".join(part for part in parts if part), verdict)


def lines(*rows: object) -> str:
    """Input lines; a row of several values is joined by spaces."""
    return "".join(" ".join(map(str, row)) + "\n" if isinstance(row, list) else f"{row}\n" for row in rows)
