from __future__ import annotations

from datetime import date

import pytest

from livecodebench.errors import InputError
from livecodebench.report.cutoff import before_after, parse_cutoffs
from livecodebench.results.summary import Cell

MAY = date(2024, 5, 15)
MONTHS = {"a": "2024-04", "b": "2024-05", "c": "2024-05", "d": "2024-06"}
DIFFICULTIES = {"a": "easy", "b": "easy", "c": "hard", "d": "hard"}
CELLS = [(name, Cell(judged=1, passed=int(name in "ab"), errors=0, total=1)) for name in "abcd"]


def split(cutoff, days):
    return before_after(cutoff, CELLS, months=MONTHS, difficulties=DIFFICULTIES, days=days)


def test_cutoffs():
    models = ["m", "a=b", "null"]
    assert parse_cutoffs([], models) == {}
    assert parse_cutoffs(["2024-05-15"], models) == dict.fromkeys(models, MAY)
    assert parse_cutoffs(["a=b=2024-05-15"], models) == {"a=b": MAY}
    assert parse_cutoffs(["m=2024-01-01", "2024-05-15"], models)["m"] == date(2024, 1, 1)


@pytest.mark.parametrize(
    ("value", "words"),
    [("soon", '"soon" is no day'), ("m=2024-13-01", "is no day"), ("", "is no day"), ("x=2024-01-01", 'no model "x"')],
)
def test_cutoffs_that_are_none(value, words):
    with pytest.raises(InputError, match=f"^--cutoff: .*{words}"):
        parse_cutoffs([value], ["m"])


def test_days_decide_where_they_are_known():
    found = split(MAY, {"b": date(2024, 5, 14), "c": MAY})
    whole = found.splits[0]
    assert (whole.before.value, whole.before.problems, whole.after.value, whole.after.problems) == (1.0, 2, 0.0, 2)
    assert whole.change is not None
    assert whole.change.value == -1
    assert found.undated == 0
    assert [(one.name, one.before.problems, one.after.problems) for one in found.splits] == [
        ("all", 2, 2),
        ("easy", 2, 0),
        ("hard", 0, 2),
    ]
    assert found.splits[1].change is None


def test_with_months_only_the_cutoffs_own_is_on_neither_side():
    found = split(MAY, {})
    assert (found.splits[0].before.problems, found.splits[0].after.problems, found.undated) == (1, 1, 2)


def test_from_the_first_of_a_month_on_months_are_enough():
    found = split(date(2024, 5, 1), {})
    assert (found.splits[0].before.problems, found.splits[0].after.problems, found.undated) == (1, 3, 0)
