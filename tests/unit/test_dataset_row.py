"""Rows become Problems, or an error that names the column."""

from __future__ import annotations

import json
from datetime import datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from livecodebench.dataset.row import COLUMNS, parse_columns, parse_problem
from livecodebench.errors import DatasetError
from livecodebench.problem import Difficulty, Platform, Problem, TestCase, TestKind


def parse(row: object) -> Problem:
    columns = parse_columns(json.dumps(row).encode(), place="f:1")
    return parse_problem(columns, lambda: (), place="f:1")


def test_a_stdin_row(data):
    problem = parse(data.row("abc001_a", contest_date="2024-08-01T19:30:00", more=1))
    assert problem == Problem(
        question_id="abc001_a",
        title="Twice",
        content="Print twice the number.",
        platform=Platform.ATCODER,
        difficulty=Difficulty.EASY,
        contest_id="abc001",
        contest_date=datetime(2024, 8, 1, 19, 30),
        starter_code="",
        func_name=None,
        public_tests=(TestCase("1\n", "2\n"),),
        private_tests=lambda: (),
    )
    assert problem.kind is TestKind.STDIN


def test_a_problem_is_functional_by_its_metadata_alone(data):
    """The official rule: what the tests say of themselves does not count."""
    functional = parse(data.row(metadata='{"func_name": "twice", "more": 1}'))
    assert (functional.func_name, functional.kind) == ("twice", TestKind.FUNCTIONAL)
    assert parse(data.row(metadata='{"func_name": null}')).kind is TestKind.STDIN


@pytest.mark.parametrize("column", COLUMNS)
def test_every_column_must_be_there_and_a_string(data, column):
    row = data.row()
    for wrong, name in [(1, "a number"), (None, "null"), ([], "a list"), (True, "a boolean"), ({}, "an object")]:
        with pytest.raises(DatasetError, match=f"^f:1: {column}: must be a string, is {name}$"):
            parse(row | {column: wrong})
    del row[column]
    with pytest.raises(DatasetError, match=f"^f:1: missing column {column}: a row needs question_title, "):
        parse(row)


@pytest.mark.parametrize(
    ("columns", "message"),
    [
        ({"platform": "topcoder"}, 'platform: "topcoder" is none of leetcode, atcoder, codeforces'),
        ({"platform": "AtCoder"}, 'platform: "AtCoder" is none of'),
        ({"difficulty": "\x1b[2J"}, 'difficulty: "\\x1b[2J" is none of easy, medium, hard'),
        ({"contest_date": "last week"}, 'contest_date: "last week" is no date like 2024-08-01T00:00:00'),
        ({"contest_date": "2024-13-01"}, "contest_date: "),
        ({"contest_date": "2024-08-01T00:00:00Z"}, 'contest_date: "2024-08-01T00:00:00Z" has a time zone'),
        ({"question_id": " "}, "question_id: is empty"),
        ({"question_id": "\ud800"}, "question_id: holds half of a surrogate pair"),
        ({"metadata": ""}, "metadata: not JSON"),
        ({"metadata": "[]"}, "metadata: a JSON object is expected, not a list"),
        ({"metadata": '{"func_name": 1}'}, "metadata: func_name: must be the name of a method"),
        ({"metadata": '{"func_name": ""}'}, "metadata: func_name: must be the name of a method"),
        ({"metadata": '{"func_name": "f(); import os"}'}, "metadata: func_name: must be the name of a method"),
        ({"public_test_cases": "[{}]"}, "public_test_cases[0].testtype: must be"),
        ({"public_test_cases": "eJwDAAAAAAE="}, "public_test_cases: not usable JSON"),
    ],
)
def test_a_wrong_value_is_named(data, columns, message):
    with pytest.raises(DatasetError) as caught:
        parse(data.row(**columns))
    assert str(caught.value).startswith(f"f:1: {message}")


@given(
    st.dictionaries(
        st.sampled_from(COLUMNS), st.one_of(st.text(), st.none(), st.integers(), st.lists(st.text()), st.just("{}"))
    )
)
def test_any_row_gives_a_problem_or_a_dataset_error(data, columns):
    try:
        problem = parse(data.row() | columns)
    except DatasetError as error:
        place = str(error)
    else:
        place = f"f:1: {problem.question_id}"
    assert place.startswith("f:1: ")
