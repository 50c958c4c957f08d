"""Which problems each release has: the official ids in shards of the official sizes, through a hub and the reader.

The shards' rows are made here, with each problem's official id, platform, difficulty and date. Which problems are in
shards 1 to 4 is known only of all four together.
"""

import gzip
import json
from collections import Counter
from itertools import islice
from pathlib import Path

import pytest

from livecodebench.dataset.filters import parse_filters
from livecodebench.dataset.opening import open_dataset
from livecodebench.dataset.releases import SHARD_FILES

from .conftest import FIRST_COMMIT, FakeHub

pytestmark = pytest.mark.parity


@pytest.fixture(scope="module")
def official(corpus: Path) -> dict[str, list[str]]:
    return json.loads((corpus / "release_ids.json").read_text(encoding="utf-8"))


@pytest.fixture(scope="module")
def shards(corpus: Path, official: dict[str, list[str]]) -> dict[str, list[dict]]:
    with gzip.open(corpus / "official_verdicts.jsonl.gz", "rt", encoding="utf-8") as lines:
        known = {row["question_id"]: row for row in map(json.loads, lines)}
    early = iter(official["release_v4"])
    ids = [list(islice(early, size)) for size in (400, 111, 101, 101)]
    ids += [official["v5"], official["v6"]]
    return {name: [known[i] for i in of_shard] for name, of_shard in zip(SHARD_FILES, ids, strict=True)}


@pytest.fixture
def release_hub(hub: FakeHub, shards: dict[str, list[dict]]) -> FakeHub:
    hub.commits[FIRST_COMMIT] = {
        name: "".join(json.dumps(dataset_row(row)) + "\n" for row in rows).encode() for name, rows in shards.items()
    }
    return hub


def dataset_row(known: dict) -> dict[str, str]:
    tests = [{"input": "1\n", "output": "2\n", "testtype": "stdin"}]
    return {
        "question_title": "title",
        "question_content": "content",
        "platform": known["platform"],
        "question_id": known["question_id"],
        "contest_id": "contest",
        "contest_date": known["contest_date"],
        "starter_code": "",
        "difficulty": known["difficulty"],
        "public_test_cases": json.dumps(tests),
        "private_test_cases": "[]",
        "metadata": "{}",
    }


@pytest.mark.parametrize("name", ["release_v4", "release_v5", "release_v6", "v5", "v6"])
def test_a_release_has_exactly_the_official_problems(release_hub: FakeHub, official: dict[str, list[str]], name: str):
    dataset = open_dataset(name)

    assert sorted(dataset) == sorted(official[name])
    assert (dataset.name, dataset.revision) == (name, FIRST_COMMIT)


def test_releases_grow_by_the_official_numbers(release_hub: FakeHub):
    sizes = [len(open_dataset(f"release_v{number}")) for number in range(1, 7)]

    assert sizes == [400, 511, 612, 713, 880, 1055]


def test_shards_and_ranges_are_what_releases_add(release_hub: FakeHub, official: dict[str, list[str]]):
    added = set(official["release_v6"]) - set(official["release_v4"])

    assert set(open_dataset("v5_v6")) == added
    assert set(open_dataset("v5")) | set(open_dataset("v6")) == added
    assert set(open_dataset("v4_v6")) == added | set(open_dataset("v4"))
    assert len(open_dataset("v4")) == 101
    assert set(open_dataset("release_latest")) == set(official["release_v6"])


def test_the_official_composition_of_the_default_release(release_hub: FakeHub):
    dataset = open_dataset("release_v5")

    assert Counter(problem.platform for problem in dataset.values()) == {
        "atcoder": 490,
        "leetcode": 381,
        "codeforces": 9,
    }
    assert Counter(problem.difficulty for problem in dataset.values()) == {"easy": 279, "medium": 331, "hard": 270}


def test_a_release_is_not_a_window_of_dates(release_hub: FakeHub):
    assert len(open_dataset("release_v5", filters=parse_filters(start_date="2023-09-01"))) == 717
    assert len(open_dataset("release_v6", filters=parse_filters(end_date="2024-03-02"))) == 401  # release_v1 has 400
