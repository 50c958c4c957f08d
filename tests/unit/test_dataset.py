"""Datasets by name: files, releases, the bundled one; filters applied."""

from __future__ import annotations

import hashlib
import subprocess
import sys

import pytest

from livecodebench.dataset import hub
from livecodebench.dataset.filters import parse_filters
from livecodebench.dataset.hub import Release
from livecodebench.dataset.opening import open_dataset
from livecodebench.errors import DatasetError, InputError


@pytest.fixture
def file(data, write):
    """Six problems, a day apart."""
    return write(
        data.row(f"p{day}", contest_date=f"2024-08-0{day}T19:30:00", difficulty=difficulty)
        for day, difficulty in enumerate(["easy", "medium", "hard"] * 2, start=1)
    )


def test_a_file(file):
    dataset = open_dataset(file)
    assert list(dataset) == ["p1", "p2", "p3", "p4", "p5", "p6"]
    assert len(dataset["p2"].tests()) == 3
    assert "p7" not in dataset
    assert dataset.as_json() == {
        "name": str(file),
        "revision": f"sha256:{hashlib.sha256(file.read_bytes()).hexdigest()}",
        "filters": {},
        "problems": 6,
    }
    assert repr(dataset) == f"<Dataset '{file}': 6 problems>"


def test_filters_choose_and_first_counts_last(file):
    dataset = open_dataset(str(file), filters=parse_filters(start_date="2024-08-02", difficulty="easy,hard", first=2))
    assert list(dataset) == ["p3", "p4"]
    assert dataset.as_json()["filters"] == {"start_date": "2024-08-02", "difficulty": ["easy", "hard"], "first": 2}
    assert dataset.as_json()["problems"] == 2
    assert dataset.known_ids == {"p1", "p2", "p3", "p4", "p5", "p6"}


def test_order_is_the_files_and_not_the_ids(file):
    assert list(open_dataset(file, filters=parse_filters(ids="p5,p1"))) == ["p1", "p5"]


def test_a_known_id_may_be_left_out_by_another_filter_but_an_unknown_one_is_an_error(file):
    assert list(open_dataset(file, filters=parse_filters(ids="p1,p3", difficulty="hard"))) == ["p3"]
    with pytest.raises(InputError, match=r"--ids: .*problems\.jsonl has no problem nope: mend"):
        open_dataset(file, filters=parse_filters(ids="p1,nope"))


def test_nothing_left_is_an_error(file):
    with pytest.raises(InputError, match=r'none of its 6 problems passes \{"platform": \["leetcode"\]\}: widen'):
        open_dataset(file, filters=parse_filters(platform="leetcode"))


def test_an_id_twice_is_an_error_wanted_or_not(data, write):
    path = write([data.row("a"), data.row("b"), data.row("a")])
    with pytest.raises(DatasetError, match=rf'^{path}:3: question_id: "a" is also at {path}:1: each must be unique'):
        open_dataset(path, filters=parse_filters(ids="b"))


@pytest.mark.parametrize("name", ["nope", "Mini", "release_5", "v4-v6", "release_v1 "])
def test_unknown_names(name, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    with pytest.raises(InputError, match="is neither mini nor a release"):
        open_dataset(name)


def test_files_that_are_not_there(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    with pytest.raises(DatasetError, match=r"^problems\.jsonl: no such file"):
        open_dataset("problems.jsonl")
    with pytest.raises(DatasetError, match="is a folder"):
        open_dataset(tmp_path)


def test_a_file_with_the_name_of_a_release(data, write, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    write([data.row("a")], "v4")
    assert list(open_dataset("./v4")) == ["a"]


def test_only_releases_have_revisions(file):
    for name in (str(file), "mini"):
        with pytest.raises(InputError, match="--dataset-revision: only releases have revisions"):
            open_dataset(name, revision="abc")


def test_releases_that_do_not_exist_are_told_by_the_hub():
    with pytest.raises(InputError, match="release_v9"):
        open_dataset("release_v9")


def test_a_release_is_its_files_in_order(data, write, monkeypatch):
    shards = (write([data.row("b")], "test.jsonl"), write([data.row("a"), data.row("c")], "test2.jsonl"))
    asked = []

    def fetch_release(name: str, revision: str | None = None) -> Release:
        asked.append((name, revision))
        return Release("release_v2", "0123abc", shards)

    monkeypatch.setattr(hub, "fetch_release", fetch_release)
    dataset = open_dataset("release_latest", revision="main", filters=parse_filters(first=2))
    assert asked == [("release_latest", "main")]
    assert list(dataset) == ["b", "a"]
    assert dataset.as_json() == {"name": "release_v2", "revision": "0123abc", "filters": {"first": 2}, "problems": 2}
    write([data.row("c"), data.row("b")], "test2.jsonl")
    with pytest.raises(DatasetError, match=r'test2\.jsonl:2: question_id: "b" is also at .*test\.jsonl:1'):
        open_dataset("release_v2")


def test_hidden_tests_can_be_checked_before_anything_runs(data, write):
    path = write([data.row("a"), data.row("b", private_test_cases="?"), data.row("c", private_test_cases="!")])
    dataset = open_dataset(path)
    dataset.check_tests(["a"])
    with pytest.raises(DatasetError, match=r"problems\.jsonl:3: private_test_cases"):
        dataset.check_tests(["a", "c"])
    with pytest.raises(DatasetError, match=r"problems\.jsonl:2: private_test_cases"):
        dataset.check_tests()


def test_opening_a_file_imports_nothing_heavy(file):
    program = f"""
import sys
from livecodebench.dataset.opening import open_dataset
open_dataset({str(file)!r}).check_tests()
heavy = {{"ray", "numpy", "huggingface_hub", "verifiers", "rich", "typer", "httpx", "aiohttp"}} & set(sys.modules)
assert not heavy, heavy
"""
    subprocess.run([sys.executable, "-c", program], check=True)
