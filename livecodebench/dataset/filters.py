"""Which problems of a dataset are wanted: by date, platform, difficulty, id, and how many."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from pathlib import Path
from typing import Any, TypeVar

from livecodebench.errors import InputError, listed, quoted
from livecodebench.files.jsonl import open_input
from livecodebench.problem import Difficulty, Platform, Problem

_MAX_IDS_FILE = 64 << 20  # bytes

E = TypeVar("E", bound=StrEnum)


@dataclass(frozen=True, slots=True, kw_only=True)
class Filters:
    """What a problem must fulfil to be kept; a field that is None or empty asks for nothing.

    Attributes:
        start_date: First day of the contest.
        end_date: Last day, all of it included (the official script leaves out contests with a time on that day).
        platforms: Any of these.
        difficulties: Any of these.
        ids: Any of these; an id the dataset does not have is an error.
        first: At most so many, in the order of the dataset, counted after all else.
    """

    start_date: date | None = None
    end_date: date | None = None
    platforms: frozenset[Platform] = frozenset()
    difficulties: frozenset[Difficulty] = frozenset()
    ids: frozenset[str] | None = None
    first: int | None = None

    def accepts(self, problem: Problem) -> bool:
        """Tell whether a problem is wanted; `first` is left to whoever counts."""
        day = problem.contest_date.date()
        return (
            (self.start_date is None or self.start_date <= day)
            and (self.end_date is None or day <= self.end_date)
            and (not self.platforms or problem.platform in self.platforms)
            and (not self.difficulties or problem.difficulty in self.difficulties)
            and (self.ids is None or problem.question_id in self.ids)
        )

    def check_ids(self, known: Iterable[str], *, dataset: str) -> None:
        """Raise InputError listing the wanted ids that are not `known` in the dataset."""
        if unknown := (self.ids or frozenset()).difference(known):
            raise InputError(f"--ids: {dataset} has no problem {listed(unknown)}: mend the ids, or the dataset")

    def as_json(self) -> dict[str, Any]:
        """The filters that are set, for a report: dates as YYYY-MM-DD, sets as sorted lists."""
        values = {
            "start_date": self.start_date and self.start_date.isoformat(),
            "end_date": self.end_date and self.end_date.isoformat(),
            "platform": sorted(platform.value for platform in self.platforms),
            "difficulty": sorted(difficulty.value for difficulty in self.difficulties),
            "ids": None if self.ids is None else sorted(self.ids),
            "first": self.first,
        }
        return {name: value for name, value in values.items() if value}


def parse_filters(
    *,
    start_date: str | date | None = None,
    end_date: str | date | None = None,
    platform: str | Iterable[str] | None = None,
    difficulty: str | Iterable[str] | None = None,
    ids: str | Iterable[str] | None = None,
    first: int | None = None,
) -> Filters:
    """Read the filters as options give them. Raises InputError naming the option.

    Args:
        start_date: YYYY-MM-DD.
        end_date: YYYY-MM-DD, that day included.
        platform: "leetcode", "leetcode,atcoder" or several of these.
        difficulty: The same with easy, medium, hard.
        ids: "A,B", "@FILE" (ids by white space or comma) or several of these.
        first: 1 or more.
    """
    start, end = _day(start_date, "--start-date"), _day(end_date, "--end-date")
    if start and end and start > end:
        raise InputError(f"--start-date {start} is after --end-date {end}: no problem lies between them")
    if first is not None and (isinstance(first, bool) or first < 1):
        raise InputError(f"--first: must be 1 or more, is {first}")
    return Filters(
        start_date=start,
        end_date=end,
        platforms=_members(Platform, platform, "--platform"),
        difficulties=_members(Difficulty, difficulty, "--difficulty"),
        ids=None if ids is None else _ids(ids),
        first=first,
    )


def _day(value: str | date | None, option: str) -> date | None:
    if value is None:
        return None
    text = str(value)
    try:
        # A strict shape: fromisoformat also takes week dates, and a time would be ignored in silence.
        if not re.fullmatch(r"\d{4}-\d\d-\d\d", text, re.ASCII):
            raise ValueError
        return date.fromisoformat(text)
    except ValueError:
        raise InputError(f"{option}: {quoted(text)} is no day like 2024-08-01") from None


def _members(kind: type[E], value: str | Iterable[str] | None, option: str) -> frozenset[E]:
    if value is None:
        return frozenset()
    names = [name.strip().lower() for text in _strings(value) for name in text.split(",")]
    allowed = {member.value for member in kind}
    if wrong := [name for name in names if name not in allowed]:
        raise InputError(f"{option}: {quoted(wrong[0])} is none of {', '.join(kind)}")
    return frozenset(kind(name) for name in names)


def _ids(value: str | Iterable[str]) -> frozenset[str]:
    texts = [_ids_file(text[1:]) if text.startswith("@") else text for text in _strings(value)]
    ids = frozenset(name for text in texts for name in re.split(r"[\s,]+", text) if name)
    if not ids:
        raise InputError("--ids: names no problem: give A,B,… or @FILE with one id per line")
    return ids


def _ids_file(name: str) -> str:
    with open_input(Path(name)) as file:
        try:
            return file.read(_MAX_IDS_FILE).decode("utf-8-sig")
        except UnicodeDecodeError as exc:
            raise InputError(f"--ids: {name}: not UTF-8 (byte {exc.start}): save the file as UTF-8") from None


def _strings(value: str | Iterable[str]) -> list[str]:
    return [value] if isinstance(value, str) else list(value)
