"""Filters: read from options, refused by name, applied."""

from __future__ import annotations

from datetime import date, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from livecodebench.dataset.filters import Filters, parse_filters
from livecodebench.errors import InputError
from livecodebench.problem import Difficulty, Platform, Problem


def problem(
    question_id: str = "a",
    contest_date: datetime = datetime(2024, 8, 1),
    platform: Platform = Platform.ATCODER,
    difficulty: Difficulty = Difficulty.EASY,
) -> Problem:
    return Problem(question_id, "", "", platform, difficulty, "", contest_date, "", None, (), lambda: ())


def test_no_filter_accepts_all():
    assert parse_filters() == Filters()
    assert Filters().accepts(problem())
    assert Filters().as_json() == {}


def test_the_end_day_counts_to_its_last_minute():
    filters = parse_filters(start_date="2024-08-01", end_date="2024-08-02")
    days = [datetime(2024, 7, 31, 23, 59), datetime(2024, 8, 1), datetime(2024, 8, 2, 19, 30), datetime(2024, 8, 3)]
    assert [filters.accepts(problem(contest_date=day)) for day in days] == [False, True, True, False]


@given(
    st.datetimes(datetime(2023, 1, 1), datetime(2025, 1, 1)),
    st.dates(date(2023, 1, 1), date(2025, 1, 1)),
    st.integers(0, 30),
)
def test_days_between_bounds(moment, start, days):
    end = start + timedelta(days)
    filters = parse_filters(start_date=start.isoformat(), end_date=end)
    inside = f"{start}" <= f"{moment:%Y-%m-%d}" <= f"{end}"
    assert filters.accepts(problem(contest_date=moment)) is inside


@pytest.mark.parametrize(
    "given_", ["leetcode,atcoder", "LeetCode, AtCoder", ["leetcode", "atcoder"], ("leetcode,atcoder", "atcoder")]
)
def test_names_by_comma_or_repeated(given_):
    filters = parse_filters(platform=given_)
    assert filters.platforms == {Platform.LEETCODE, Platform.ATCODER}
    assert [filters.accepts(problem(platform=platform)) for platform in Platform] == [True, True, False]


def test_an_empty_repetition_asks_for_nothing():
    assert parse_filters(platform=[], difficulty=()) == Filters()


def test_difficulties():
    filters = parse_filters(difficulty="hard,medium")
    assert [filters.accepts(problem(difficulty=grade)) for grade in Difficulty] == [False, True, True]


def test_all_filters_must_hold():
    filters = parse_filters(start_date="2024-01-01", platform="atcoder", difficulty="easy", ids="a,b")
    assert filters.accepts(problem("b"))
    assert not filters.accepts(problem("c"))
    assert not filters.accepts(problem("b", platform=Platform.LEETCODE))
    assert not filters.accepts(problem("b", difficulty=Difficulty.HARD))
    assert not filters.accepts(problem("b", contest_date=datetime(2023, 12, 31, 23, 59)))


@pytest.mark.parametrize("name", ["ids", "ids.gz"])
def test_ids_from_the_line_and_from_a_file(tmp_path, name):
    import gzip

    path = tmp_path / name
    text = "\ufeffabc001_a\r\n\n 2727,\n1873_A".encode()
    path.write_bytes(gzip.compress(text) if name.endswith("gz") else text)
    assert parse_filters(ids=f"@{path}").ids == {"abc001_a", "2727", "1873_A"}
    assert parse_filters(ids=[f"@{path}", "x, y", "2727"]).ids == {"abc001_a", "2727", "1873_A", "x", "y"}


def test_ids_the_dataset_does_not_have_are_listed():
    filters = parse_filters(ids="b,nope2,nope1")
    with pytest.raises(InputError, match="--ids: mini has no problem nope1, nope2: mend the ids"):
        filters.check_ids(["a", "b"], dataset="mini")
    parse_filters(ids="b").check_ids(iter(["a", "b"]), dataset="mini")
    Filters().check_ids([], dataset="mini")
    with pytest.raises(InputError, match=r"id0000, .*, id0099 and 400 more: mend"):
        parse_filters(ids=[f"id{n:04}" for n in range(500)]).check_ids([], dataset="mini")


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"start_date": "yesterday"}, '--start-date: "yesterday" is no day like 2024-08-01'),
        ({"end_date": "2024-02-30"}, '--end-date: "2024-02-30" is no day'),
        ({"end_date": "20240801"}, "--end-date: "),
        ({"end_date": "2024-W01-1"}, "--end-date: "),
        ({"end_date": "2024-08-01T00:00"}, "--end-date: "),
        ({"end_date": datetime(2024, 8, 1)}, "--end-date: "),
        ({"end_date": ""}, "--end-date: "),
        (
            {"start_date": "2024-08-02", "end_date": "2024-08-01"},
            "--start-date 2024-08-02 is after --end-date 2024-08-01",
        ),
        ({"platform": "lc"}, '--platform: "lc" is none of leetcode, atcoder, codeforces'),
        ({"platform": "leetcode,"}, '--platform: "" is none of'),
        ({"difficulty": "Expert"}, '--difficulty: "expert" is none of easy, medium, hard'),
        ({"ids": " , "}, "--ids: names no problem"),
        ({"ids": []}, "--ids: names no problem"),
        ({"ids": "@/no/such"}, "/no/such: no such file"),
        ({"first": 0}, "--first: must be 1 or more, is 0"),
        ({"first": -3}, "--first: must be 1 or more, is -3"),
    ],
)
def test_a_wrong_option_is_named(options, message):
    with pytest.raises(InputError) as caught:
        parse_filters(**options)
    assert str(caught.value).startswith(message)


def test_an_ids_file_must_be_text(tmp_path):
    (tmp_path / "ids").write_bytes(b"a\n\xff")
    with pytest.raises(InputError, match="ids: not UTF-8"):
        parse_filters(ids=f"@{tmp_path / 'ids'}")


def test_what_a_report_says():
    filters = parse_filters(
        start_date="2024-08-01",
        end_date="2024-08-31",
        platform="leetcode,atcoder",
        difficulty="hard",
        ids="b,a",
        first=9,
    )
    assert filters.as_json() == {
        "start_date": "2024-08-01",
        "end_date": "2024-08-31",
        "platform": ["atcoder", "leetcode"],
        "difficulty": ["hard"],
        "ids": ["a", "b"],
        "first": 9,
    }
