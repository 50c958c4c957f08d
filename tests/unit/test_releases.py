"""Release names, and the shards behind them."""

import pytest

from livecodebench.dataset.releases import SHARD_FILES, canonical_name, shard_files
from livecodebench.errors import InputError


@pytest.mark.parametrize(
    ("name", "numbers"),
    [
        ("release_v1", [1]),
        ("release_v4", [1, 2, 3, 4]),
        ("release_v6", [1, 2, 3, 4, 5, 6]),
        ("release_latest", [1, 2, 3, 4, 5, 6]),
        ("v1", [1]),
        ("v6", [6]),
        ("v4_v6", [4, 5, 6]),
        ("v1_v2", [1, 2]),
    ],
)
def test_the_shards_of_a_name(name: str, numbers: list[int]):
    assert list(shard_files(name)) == [f"test{number}.jsonl" if number > 1 else "test.jsonl" for number in numbers]


def test_every_release_adds_one_shard():
    releases = [shard_files(f"release_v{number}") for number in range(1, 7)]

    assert [len(files) for files in releases] == [1, 2, 3, 4, 5, 6]
    assert releases[-1] == SHARD_FILES


@pytest.mark.parametrize(
    "name", ["", "release_v0", "release_v7", "v7", "v0", "v2_v2", "v5_v4", "v1_v7", "release_v1_v2", "V1", "v1 ", "v１"]
)
def test_any_other_name_is_refused_with_the_list(name: str):
    with pytest.raises(InputError, match=r"there are release_v1, .* release_latest .* v6 .* v4_v6, v5_v6") as caught:
        shard_files(name)

    assert repr(name) in str(caught.value)


def test_only_the_latest_release_has_another_name():
    assert canonical_name("release_latest") == "release_v6"
    assert canonical_name("release_v2") == "release_v2"
    assert canonical_name("v1") == "v1"
    with pytest.raises(InputError):
        canonical_name("v9")
