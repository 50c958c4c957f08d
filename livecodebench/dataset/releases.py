"""The names of LiveCodeBench's releases, and the shards that each is made of.

The dataset grows by files: `test.jsonl` is shard 1, `test2.jsonl` shard 2, and so on. A release is the first K shards,
a plain version one shard, a range the shards from one to another: the version tags of the official loader. Shards
overlap in contest dates, so a release is not a window of dates.
"""

from __future__ import annotations

import re

from livecodebench.errors import InputError

SHARD_FILES = ("test.jsonl", "test2.jsonl", "test3.jsonl", "test4.jsonl", "test5.jsonl", "test6.jsonl")
"""The dataset's files, shard 1 first; of 400, 111, 101, 101, 167 and 175 problems."""

_LAST = len(SHARD_FILES)
_NAME = re.compile(
    rf"release_(?:v(?P<upto>[1-{_LAST}])|(?P<latest>latest))|v(?P<first>[1-{_LAST}])(?:_v(?P<last>[1-{_LAST}]))?"
)


def canonical_name(name: str) -> str:
    """The name that stays right when a release is added: `release_latest` is the last one known here.

    Raises:
        InputError: There is no such release.
    """
    _known(name)
    return f"release_v{_LAST}" if name == "release_latest" else name


def shard_files(name: str) -> tuple[str, ...]:
    """The names of the dataset's files that make a release.

    Args:
        name: `release_v1` to `release_v6` or `release_latest` (the first K shards), `v1` to `v6` (that shard alone),
            or a range such as `v4_v6` (from shard 4 to shard 6).

    Raises:
        InputError: There is no such release; the message lists those there are.
    """
    found = _known(name)
    if first := found["first"]:
        return SHARD_FILES[int(first) - 1 : int(found["last"] or first)]
    return SHARD_FILES[: int(found["upto"] or _LAST)]


def _known(name: str) -> re.Match[str]:
    found = _NAME.fullmatch(name)
    if found and (found["last"] is None or found["first"] < found["last"]):
        return found
    numbers = range(1, _LAST + 1)
    cumulative = ", ".join(f"release_v{number}" for number in numbers)
    single = ", ".join(f"v{number}" for number in numbers)
    ranges = ", ".join(f"v{first}_v{last}" for first in numbers for last in numbers if first < last)
    raise InputError(
        f"unknown release {name!r}; there are {cumulative} and release_latest (the first shards), {single} (one shard),"
        f" and {ranges} (a range of shards)"
    )
