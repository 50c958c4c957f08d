"""One row of a dataset: the 11 official columns, checked, become a Problem. No file is touched here."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import datetime
from enum import StrEnum
from typing import TypeVar

from livecodebench.dataset.testcases import is_unicode, parse_testcases
from livecodebench.errors import DatasetError, quoted
from livecodebench.files.jsonl import json_type, parse_object
from livecodebench.problem import Difficulty, Platform, Problem, TestCase

COLUMNS = (
    "question_title",
    "question_content",
    "platform",
    "question_id",
    "contest_id",
    "contest_date",
    "starter_code",
    "difficulty",
    "public_test_cases",
    "private_test_cases",
    "metadata",
)

E = TypeVar("E", bound=StrEnum)


def parse_columns(data: bytes, *, place: str) -> dict[str, str]:
    """Parse a line into the official columns, all strings; others are dropped. Raises DatasetError naming `place`."""
    row = parse_object(data, place, error=DatasetError)
    missing = [column for column in COLUMNS if column not in row]
    if missing:
        raise DatasetError(f"{place}: missing column {', '.join(missing)}: a row needs {', '.join(COLUMNS)}")
    return {column: _string(row[column], column, place) for column in COLUMNS}


def parse_problem(
    columns: Mapping[str, str], private_tests: Callable[[], tuple[TestCase, ...]], *, place: str
) -> Problem:
    """Make the Problem.

    Args:
        columns: From parse_columns; private_test_cases is not looked at, and may be left out.
        private_tests: What the Problem will call for them.
        place: File and line, for messages.

    Raises:
        DatasetError: A column holds what it must not.
    """
    if not columns["question_id"].strip():
        raise DatasetError(f"{place}: question_id: is empty: each problem needs its own")
    return Problem(
        question_id=columns["question_id"],
        title=columns["question_title"],
        content=columns["question_content"],
        platform=_member(Platform, columns, "platform", place),
        difficulty=_member(Difficulty, columns, "difficulty", place),
        contest_id=columns["contest_id"],
        contest_date=_date(columns["contest_date"], place),
        starter_code=columns["starter_code"],
        func_name=_func_name(columns["metadata"], place),
        public_tests=parse_testcases(columns["public_test_cases"], place=f"{place}: public_test_cases"),
        private_tests=private_tests,
    )


def _string(value: object, column: str, place: str) -> str:
    if not isinstance(value, str):
        raise DatasetError(f"{place}: {column}: must be a string, is {json_type(value)}")
    if not is_unicode(value):
        raise DatasetError(f"{place}: {column}: holds half of a surrogate pair: mend the text")
    return value


def _member(kind: type[E], columns: Mapping[str, str], column: str, place: str) -> E:
    try:
        return kind(columns[column])
    except ValueError:
        allowed = ", ".join(kind)
        raise DatasetError(f"{place}: {column}: {quoted(columns[column])} is none of {allowed}") from None


def _date(text: str, place: str) -> datetime:
    try:
        date = datetime.fromisoformat(text)
    except ValueError:
        raise DatasetError(f"{place}: contest_date: {quoted(text)} is no date like 2024-08-01T00:00:00") from None
    if date.tzinfo is not None:
        raise DatasetError(
            f"{place}: contest_date: {quoted(text)} has a time zone; leave it out, as the official data do"
        )
    return date


def _func_name(metadata: str, place: str) -> str | None:
    place = f"{place}: metadata"
    name = parse_object(metadata, place, error=DatasetError).get("func_name")
    if name is not None and not (isinstance(name, str) and name.isidentifier()):
        raise DatasetError(f"{place}: func_name: must be the name of a method, or left out for a stdin problem")
    return name
