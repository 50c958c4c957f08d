"""The index of a large dataset file: it saves reading, and never changes what is read."""

import logging
import os
from collections.abc import Callable
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from livecodebench.dataset import row_index
from livecodebench.dataset.file import DatasetFile, PrivateTests, read_dataset_file
from livecodebench.errors import DatasetError


@pytest.fixture(autouse=True)
def _every_file_is_large_and_old(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(row_index, "INDEXED_FROM", 1)
    monkeypatch.setattr(row_index, "_SETTLED_NS", 0)
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))


@pytest.fixture
def reads(caplog: pytest.LogCaptureFixture) -> Callable[[], int]:
    """How often a file was read as a whole since the last time this was asked."""
    caplog.set_level(logging.INFO, "livecodebench.dataset.row_index")

    def count() -> int:
        found = sum("reading all of it once" in record.message for record in caplog.records)
        caplog.clear()
        return found

    return count


@pytest.fixture
def path(data, write) -> Path:
    return write([data.row("abc001_a"), data.row("abc001_b", platform="leetcode"), data.row("abc001_c")])


def read(path: Path, wanted=lambda problem, place: True) -> DatasetFile:
    return read_dataset_file(path, wanted=wanted)


def ids(file: DatasetFile) -> list[str]:
    return [problem.question_id for problem in file.problems]


def sidecars(tmp_path: Path) -> list[Path]:
    return [file for file in (tmp_path / "cache").rglob("*") if file.is_file()]


def test_a_second_opening_reads_the_index_and_gives_the_same(path, reads):
    first = read(path)
    assert reads() == 1

    second = read(path)

    assert reads() == 0
    assert second == first
    assert [problem.private_tests() for problem in second.problems] == [
        problem.private_tests() for problem in first.problems
    ]


def test_what_is_wanted_is_asked_with_the_same_places(path, reads):
    asked: list[list[tuple[str, str]]] = []
    for _ in range(2):
        asked.append([])
        chosen = read(
            path,
            lambda problem, place: (
                bool(asked[-1].append((problem.question_id, place))) or problem.platform == "leetcode"
            ),
        )

        assert ids(chosen) == ["abc001_b"]
        assert len(chosen.problems[0].private_tests()) == 2
    assert reads() == 1
    assert asked[0] == asked[1] == [(f"abc001_{letter}", f"{path}:{line}") for line, letter in enumerate("abc", 1)]


def test_the_index_holds_all_rows_whatever_was_wanted_at_first(path, reads):
    read(path, lambda problem, place: False)

    assert ids(read(path)) == ["abc001_a", "abc001_b", "abc001_c"]
    assert reads() == 1


def test_the_index_is_small_and_for_its_owner_only(path, tmp_path):
    read(path)

    (sidecar,) = sidecars(tmp_path)
    assert read(path).problems[0].private_tests.encoded() not in sidecar.read_text()
    assert sidecar.stat().st_mode & 0o077 == 0


def test_a_file_that_has_grown_is_read_again(data, path, write, reads):
    read(path)
    with path.open("ab") as file:
        file.write(write([data.row("abc001_d")], "more.jsonl").read_bytes())
    reads()

    assert ids(read(path))[-1] == "abc001_d"
    assert reads() == 1


def test_a_file_changed_in_place_is_read_again_though_its_times_were_set_back(path, reads):
    read(path)
    status = path.stat()
    path.write_bytes(path.read_bytes().replace(b"abc001_a", b"abc009_z"))
    os.utime(path, ns=(status.st_atime_ns, status.st_mtime_ns))
    reads()

    assert ids(read(path))[0] == "abc009_z"
    assert reads() == 1


def test_a_change_after_the_index_was_loaded_is_noticed_before_tests_are_used(path):
    read(path)
    problem = read(path).problems[1]
    with path.open("r+b") as file:
        file.write(path.read_bytes().replace(b"Print twice", b"Print thric"))

    with pytest.raises(DatasetError, match=f"{path}:2: the file has changed since it was opened"):
        problem.private_tests()


@pytest.mark.parametrize(
    "damage",
    [
        lambda text: b"",
        lambda text: text[: len(text) // 2],
        lambda text: text.rpartition(b"\n")[0].rpartition(b"\n")[0] + b"\n",
        lambda text: text.replace(b"abc001_a", b"abc009_z"),
        lambda text: text.replace(b'"sha256": "', b'"sha256": "0'),
        lambda text: text.replace(b'"format": 1', b'"format": 0'),
        lambda text: b"[1]\n" + text.partition(b"\n")[2],
        lambda text: b"{}\n" + text.partition(b"\n")[2],
        lambda text: b"\xff\n",
        lambda text: b"[" * 100_000,
    ],
)
def test_a_damaged_index_is_made_anew(path, tmp_path, reads, damage):
    right = read(path)
    (sidecar,) = sidecars(tmp_path)
    whole = sidecar.read_bytes()
    sidecar.write_bytes(damage(whole))
    reads()

    assert read(path) == right
    assert reads() == 1
    assert sidecar.read_bytes() == whole


@given(where=st.integers(min_value=0), value=st.integers(0, 255))
@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=100)
def test_no_damaged_byte_changes_what_is_read(path, tmp_path, where, value):
    right = read(path)
    (sidecar,) = sidecars(tmp_path)
    whole = bytearray(sidecar.read_bytes())
    whole[where % len(whole)] = value
    sidecar.write_bytes(whole)

    found = read(path)

    assert found == right
    assert [problem.private_tests() for problem in found.problems] == [
        problem.private_tests() for problem in right.problems
    ]


def test_a_link_to_the_file_has_the_same_index(path, tmp_path, reads):
    read(path)
    link = tmp_path / "link.jsonl"
    link.symlink_to(path)
    reads()

    assert ids(read(link)) == ["abc001_a", "abc001_b", "abc001_c"]
    assert reads() == 0
    read(link, lambda problem, place: place.startswith(str(link)) or pytest.fail(place))


def test_a_new_file_of_the_same_name_replaces_the_index(data, path, write, tmp_path):
    read(path)
    path.unlink()
    write([data.row("abc002_a")], path.name)

    assert ids(read(path)) == ["abc002_a"]
    assert ids(read(path)) == ["abc002_a"]
    assert len(sidecars(tmp_path)) == 1


def test_where_no_index_can_be_kept_all_works(path, tmp_path, monkeypatch, caplog):
    (tmp_path / "file").touch()
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "file"))
    with caplog.at_level(logging.INFO, "livecodebench.dataset.row_index"):
        assert ids(read(path)) == ids(read(path)) == ["abc001_a", "abc001_b", "abc001_c"]

    assert "no index kept" in caplog.text


def test_a_relative_cache_folder_is_ignored_as_its_standard_demands(path, tmp_path, monkeypatch):
    monkeypatch.setenv("XDG_CACHE_HOME", "cache")
    monkeypatch.setenv("HOME", str(tmp_path / "home"))
    monkeypatch.chdir(tmp_path)

    read(path)

    assert not (tmp_path / "cache").exists()
    assert len(list((tmp_path / "home/.cache/livecodebench/index").iterdir())) == 1


def test_a_small_file_gets_no_index(path, tmp_path, monkeypatch):
    monkeypatch.setattr(row_index, "INDEXED_FROM", path.stat().st_size + 1)

    read(path)

    assert sidecars(tmp_path) == []


def test_a_gzip_file_gets_no_index(data, write, tmp_path):
    read(write([data.row()], "problems.jsonl.gz"))

    assert sidecars(tmp_path) == []


def test_a_file_that_has_just_been_written_gets_no_index(path, tmp_path, monkeypatch):
    monkeypatch.setattr(row_index, "_SETTLED_NS", 3_600_000_000_000)

    read(path)

    assert sidecars(tmp_path) == []


def test_a_file_that_changes_while_it_is_read_gets_no_index(path, tmp_path):
    def touching(problem, place):
        os.utime(path)
        return True

    read(path, touching)

    assert sidecars(tmp_path) == []


def test_a_file_with_a_wrong_row_gets_no_index(data, write, tmp_path, reads):
    path = write([data.row("abc001_a"), data.row("abc001_b", difficulty="odd")])
    for _ in range(2):
        with pytest.raises(DatasetError, match=f"{path}:2: difficulty"):
            read(path)

    assert reads() == 2
    assert sidecars(tmp_path) == []


def test_a_file_that_is_mostly_statements_gets_no_index(path, tmp_path, monkeypatch):
    monkeypatch.setattr(row_index, "MAX_INDEX", 200)

    assert len(read(path).problems) == 3
    assert sidecars(tmp_path) == []


def test_problems_from_an_index_read_their_tests_where_they_are(path):
    read(path)

    tests = [problem.private_tests for problem in read(path).problems]

    assert all(isinstance(each, PrivateTests) for each in tests)
    assert b"".join(each.store.read(each.offset, each.length) for each in tests) == path.read_bytes()
