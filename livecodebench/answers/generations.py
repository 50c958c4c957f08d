"""Stored answers of models, as `grade` takes them: a JSON list or JSONL, gzip or not, each told by its content.

The file is read twice: once to check all of it before anything is judged, then again to hand out the programs, so that
memory holds one row of a JSONL file at a time (of a JSON list, the list's text). What is right is not known here.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Container, Iterable, Iterator
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path
from typing import Any

from livecodebench.answers.extraction import ExtractionRule, extract
from livecodebench.dataset.testcases import is_unicode
from livecodebench.errors import InputError, listed
from livecodebench.files.json_rows import json_rows
from livecodebench.files.jsonl import InputFile, json_type, open_input
from livecodebench.submission import Submission


class AnswerKind(StrEnum):
    """What a file holds of an answer."""

    CODE = "code"
    COMPLETION = "completion"


@dataclass(frozen=True, slots=True)
class Generation:
    """One stored answer.

    Attributes:
        submission: Its program, model and number.
        kind: CODE where the file has the program, COMPLETION where it was extracted from the model's words.
        place: File and line (of a JSON list: the line where the row begins), and the field.
    """

    submission: Submission
    kind: AnswerKind
    place: str


@dataclass(frozen=True, slots=True)
class _Row:
    place: str
    model: str | None
    question_id: str
    kind: AnswerKind
    answers: list[str]


class Generations(Iterable[Generation]):
    """A checked file of answers; iterating reads it again.

    Attributes:
        path: The file.
        sha256: Of the file as it lies on the disk, in hex.
        models: Who answered, in order of appearance; None for rows without a model.
        question_ids: The problems with at least one answer to judge.
        unknown_ids: Problems that the dataset does not have, whose answers are left out (only with `skip_unknown`).
        filtered: How many answers are left out since the filters left out their problem.
    """

    def __init__(
        self, path: Path, *, problems: Container[str], known: Container[str], skip_unknown: bool, rule: str
    ) -> None:
        extract("", rule)  # an unknown rule is told before anything is judged
        self.path = path
        self._rule = rule
        counts: Counter[str] = Counter()
        models: dict[str | None, None] = {}
        unknown: set[str] = set()
        self.filtered = 0
        with open_input(path) as file:
            for row in _rows(file, path):
                if row.question_id in problems:
                    counts[row.question_id] += len(row.answers)
                    models.update({row.model: None} if row.answers else {})
                elif row.question_id in known:
                    self.filtered += len(row.answers)
                else:
                    unknown.add(row.question_id)
            self.sha256 = file.sha256()
        if unknown and not skip_unknown:
            raise InputError(
                f"{path}: question_id: the dataset has no problem {listed(unknown)}: choose another --dataset, or "
                "leave these answers out with --skip-unknown"
            )
        self.models = tuple(models)
        self.question_ids = frozenset((+counts).keys())
        self.unknown_ids = frozenset(unknown)
        self._size = counts.total()
        if not self._size:
            raise InputError(
                f"{path}: holds no answer to a problem of the dataset as filtered: there is nothing to judge"
            )

    def __len__(self) -> int:
        """How many answers iterating yields."""
        return self._size

    def __iter__(self) -> Iterator[Generation]:
        """Yield the answers in the order of the file. Raises InputError where the file has changed in between."""
        samples: Counter[tuple[str | None, str]] = Counter()
        with open_input(self.path) as file:
            for row in _rows(file, self.path):
                if row.question_id in self.question_ids:
                    yield from self._generations(row, samples)
            if file.sha256() != self.sha256:
                raise InputError(f"{self.path}: has changed since it was checked: start again, and leave it alone")

    def _generations(self, row: _Row, samples: Counter[tuple[str | None, str]]) -> Iterator[Generation]:
        for index, answer in enumerate(row.answers):
            coded = row.kind is AnswerKind.CODE
            submission = Submission(
                question_id=row.question_id,
                code=answer if coded else extract(answer, self._rule).code,
                model=row.model,
                sample=samples[row.model, row.question_id],
            )
            samples[row.model, row.question_id] += 1
            field = f"{'code_list' if coded else 'output_list'}[{index}]"
            yield Generation(submission, row.kind, f"{row.place}: {field}")


def open_generations(
    path: Path,
    *,
    problems: Container[str],
    known: Container[str] = (),
    skip_unknown: bool = False,
    rule: str = ExtractionRule.OFFICIAL,
) -> Generations:
    """Check a file of stored answers.

    A row is an object with `question_id` and `code_list` or `output_list` (lists of strings; `code_list` wins), and
    perhaps `model`. An answer's number is its position within its (model, question_id), over the whole file.
    `graded_list` and all else is ignored.

    Args:
        path: JSON list or JSONL, gzip or not.
        problems: The ids that are judged, such as a Dataset.
        known: Ids whose answers are left out without a word, such as `Dataset.known_ids`: the filters took them out.
        skip_unknown: Leave out answers to all other problems too, instead of refusing the file.
        rule: How code is found in completions; see livecodebench.answers.extraction.

    Raises:
        InputError: Naming file, line and field.
    """
    return Generations(path, problems=problems, known=known, skip_unknown=skip_unknown, rule=rule)


def _rows(file: InputFile, path: Path) -> Iterator[_Row]:
    for place, row in json_rows(file, path):
        kind, answers = _answers(row, place)
        yield _Row(place, _name(row, "model", place), _question_id(row, place), kind, answers)


def _answers(row: dict[str, Any], place: str) -> tuple[AnswerKind, list[str]]:
    for field, kind in (("code_list", AnswerKind.CODE), ("output_list", AnswerKind.COMPLETION)):
        answers = row.get(field)
        if answers is None:
            continue
        if not isinstance(answers, list):
            raise InputError(f"{place}: {field}: must be a list of strings, is {json_type(answers)}")
        for index, answer in enumerate(answers):
            if not isinstance(answer, str):
                raise InputError(
                    f'{place}: {field}[{index}]: must be a string, is {json_type(answer)}; "" stands for no answer'
                )
        return kind, answers
    raise InputError(f"{place}: code_list: missing, and output_list too: a row needs one of them, a list of strings")


def _question_id(row: dict[str, Any], place: str) -> str:
    if "question_id" not in row:
        raise InputError(f"{place}: question_id: missing: a row needs it, to tell which problem is answered")
    name = _name(row, "question_id", place)
    if name is None:
        raise InputError(f"{place}: question_id: must be a string, is null")
    return name


def _name(row: dict[str, Any], field: str, place: str) -> str | None:
    value = row.get(field)
    if value is None:
        return None
    if not isinstance(value, str):
        raise InputError(f"{place}: {field}: must be a string, is {json_type(value)}: put it in quotes")
    if not is_unicode(value):
        raise InputError(f"{place}: {field}: holds half of a surrogate pair: mend the text")
    return value
