"""Dataset files: streamed, checked row by row, hidden tests left where they are."""

from __future__ import annotations

import gzip
import hashlib
import json
import os
import tempfile
import tracemalloc
from concurrent.futures import ThreadPoolExecutor

import pytest

from livecodebench.dataset import rowstore
from livecodebench.dataset.file import PrivateTests, read_dataset_file
from livecodebench.errors import DatasetError
from livecodebench.problem import TestCase

NAMES = ["problems.jsonl", "problems.jsonl.gz"]


def read(path, wanted=lambda problem, place: True):
    return read_dataset_file(path, wanted=wanted)


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize("memory", [0, 1 << 20])
def test_problems_come_in_order_and_find_their_private_tests(data, write, monkeypatch, name, memory):
    monkeypatch.setattr(rowstore, "SPOOL_MEMORY", memory)
    ids = [f"abc{number:03}_é" for number in range(20)]
    path = write([data.row(id_, private_test_cases=data.packed([data.test(n)])) for n, id_ in enumerate(ids)], name)
    file = read(path)
    assert [problem.question_id for problem in file.problems] == ids
    assert file.sha256 == hashlib.sha256(path.read_bytes()).hexdigest()
    for number, problem in reversed(list(enumerate(file.problems))):
        assert problem.private_tests() == (TestCase(f"{number}\n", f"{number * 2}\n"),)
        assert problem.tests() == (TestCase("1\n", "2\n"), TestCase(f"{number}\n", f"{number * 2}\n"))


@pytest.mark.parametrize("name", NAMES)
def test_the_packed_column_can_be_had_as_it_is(data, write, name):
    row = data.row()
    (problem,) = read(write([row], name)).problems
    assert isinstance(problem.private_tests, PrivateTests)
    assert problem.private_tests.encoded() == row["private_test_cases"]


@pytest.mark.parametrize("name", NAMES)
def test_only_wanted_rows_are_kept_but_all_are_checked(data, write, name):
    places = []

    def wanted(problem, place):
        places.append(place)
        return problem.question_id == "b"

    path = write([data.row(id_, private_test_cases=data.packed([data.test(ord(id_))])) for id_ in "abc"], name)
    (problem,) = read(path, wanted).problems
    assert problem.private_tests() == (TestCase("98\n", "196\n"),)
    assert places == [f"{path}:{line}" for line in (1, 2, 3)]
    path = write([data.row("a"), data.row("b", platform="?")], name)
    with pytest.raises(DatasetError, match=f"{name}:2: platform"):
        read(path, lambda problem, place: False)


@pytest.mark.parametrize("name", NAMES)
def test_many_threads_decode_at_once(data, write, name):
    path = write([data.row(str(n), private_test_cases=data.packed([data.test(n)] * 50)) for n in range(30)], name)
    problems = read(path).problems * 3
    with ThreadPoolExecutor(8) as threads:
        tests = list(threads.map(lambda problem: problem.private_tests(), problems))
    assert [found[0].input for found in tests] == [f"{problem.question_id}\n" for problem in problems]


@pytest.mark.parametrize("name", NAMES)
def test_a_problem_needs_a_test(data, write, name):
    without = data.row("none", public_test_cases="[]", private_test_cases="[]")
    with pytest.raises(DatasetError, match=rf"{name}:2: \"none\" has no tests, public or private: add one or drop it"):
        read(write([data.row(), without], name))
    read(write([data.row(public_test_cases="[]"), data.row("b", private_test_cases="[]")], name))


@pytest.mark.parametrize("name", NAMES)
def test_hostile_private_tests_are_refused_where_they_are_needed(data, write, name):
    path = write([data.row("a"), data.row("b", private_test_cases=data.packed_pickle(b"cos\nsystem\n."))], name)
    good, bad = read(path).problems
    assert len(good.private_tests()) == 2
    with pytest.raises(DatasetError, match=rf"{name}:2: private_test_cases: refused: .* the class os\.system"):
        bad.private_tests()


@pytest.mark.parametrize(
    ("text", "message"),
    [
        (b"\n \n", r"holds no rows"),
        (b"not json\n", r":1: not JSON"),
        (b"\xff\n", r":1: not UTF-8"),
        (b"[]\n", r":1: a JSON object is expected, not a list"),
    ],
)
def test_files_that_are_no_dataset(write, text, message):
    for path in (write(text), write(gzip.compress(text), "problems.jsonl.gz")):
        with pytest.raises(DatasetError, match=f"{path.name}.*{message}"):
            read(path)


def test_a_torn_last_line_and_a_truncated_gzip_are_named(data, write):
    whole = "".join(json.dumps(data.row(str(n), question_content=os.urandom(9000).hex())) + "\n" for n in range(3))
    with pytest.raises(DatasetError, match=r"problems\.jsonl:3: not JSON: Unterminated string"):
        read(write(whole.encode()[:-9000]))
    with pytest.raises(DatasetError, match=r"problems\.jsonl\.gz:3: the gzip data end too early"):
        read(write(gzip.compress(whole.encode())[:-2000], "problems.jsonl.gz"))
    assert len(read(write(whole.encode().rstrip())).problems) == 3


def test_a_file_changed_after_it_was_opened_is_noticed(data, write):
    path = write([data.row("a"), data.row("b")])
    first, second = read(path).problems
    text = path.read_bytes()
    with path.open("r+b") as file:  # in place, as an editor may: the same length, other content
        file.write(text.replace(b"Print twice", b"Print trice", 1))
    with pytest.raises(DatasetError, match=r"problems\.jsonl:1: the file has changed since it was opened"):
        first.private_tests()
    assert len(second.private_tests()) == 2
    os.truncate(path, len(text) // 2)
    with pytest.raises(DatasetError, match=r"problems\.jsonl:2: the file has changed"):
        second.private_tests()


def test_a_file_replaced_or_deleted_after_it_was_opened_does_no_harm(data, write):
    path = write([data.row("a")])
    (problem,) = read(path).problems
    path.unlink()
    write([data.row("other", private_test_cases="[]")])
    assert len(problem.private_tests()) == 2


def test_no_room_to_unpack(data, write, monkeypatch):
    monkeypatch.setattr(rowstore, "SPOOL_MEMORY", 10)
    monkeypatch.setattr(tempfile, "tempdir", "/nonexistent")
    path = write([data.row()], "problems.jsonl.gz")
    with pytest.raises(DatasetError, match=r"gz:1: no room to unpack it in /nonexistent .* set TMPDIR"):
        read(path)


@pytest.mark.parametrize("name", NAMES)
def test_memory_does_not_grow_with_the_hidden_tests(data, write, monkeypatch, name):
    monkeypatch.setattr(rowstore, "SPOOL_MEMORY", 1 << 20)
    column = json.dumps([{"input": "x" * 500_000, "output": "", "testtype": "stdin"}])
    path = write([data.row(str(number), private_test_cases=column) for number in range(100)], name)  # 50 MB unpacked
    tracemalloc.start()
    try:
        file = read(path)
        current, peak = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert len(file.problems) == 100
    assert current < 3 << 20
    assert peak < 10 << 20
