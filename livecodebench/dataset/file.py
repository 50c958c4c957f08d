"""A dataset file: streamed once, every row checked, its hidden tests left where they are until somebody asks.

What a large file holds is remembered by `row_index`; a gzip file is unpacked at each opening. Memory holds one row at a
time and, of the rows kept, all but the private tests.
"""

from __future__ import annotations

import tempfile
import zlib
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from pathlib import Path

from livecodebench.dataset.private_tests import decode_private_tests
from livecodebench.dataset.row import parse_columns, parse_problem
from livecodebench.dataset.row_index import IndexedRow, IndexSidecar, RowIndex
from livecodebench.dataset.rowstore import FileRows, RowStore, Spool
from livecodebench.errors import DatasetError, quoted
from livecodebench.files.jsonl import InputFile, Line, open_input
from livecodebench.problem import Problem, TestCase

Wanted = Callable[[Problem, str], bool]


@dataclass(frozen=True, slots=True)
class PrivateTests:
    """The hidden tests of one row: read and decoded anew at each call, held by nobody.

    Attributes:
        store: Where the row is.
        offset: Of its line in the store.
        length: Of its line, in bytes.
        checksum: CRC-32 of its line, so that a file edited after it was opened is noticed.
        place: File and line, for messages.
    """

    store: RowStore
    offset: int
    length: int
    checksum: int
    place: str

    def __call__(self) -> tuple[TestCase, ...]:
        """Decode the tests. Raises DatasetError."""
        return decode_private_tests(self.encoded(), place=self.place)

    def encoded(self) -> str:
        """The column as the dataset has it: packed, so the form in which tests travel. Raises DatasetError."""
        try:
            line = self.store.read(self.offset, self.length)
        except OSError as exc:
            raise DatasetError(f"{self.place}: cannot be read again: {exc.strerror or exc}") from exc
        if zlib.crc32(line) != self.checksum:
            raise DatasetError(
                f"{self.place}: the file has changed since it was opened: start again, and leave it alone"
            )
        return parse_columns(line, place=self.place)["private_test_cases"]


@dataclass(frozen=True, slots=True)
class DatasetFile:
    """What was read from a file.

    Attributes:
        problems: Those that were wanted, in the order of the file.
        sha256: Of the file as it lies on the disk, in hex.
    """

    problems: tuple[Problem, ...]
    sha256: str


def read_dataset_file(path: Path, *, wanted: Wanted) -> DatasetFile:
    """Read and check a `.jsonl` or `.jsonl.gz` file of the 11 official columns; a large one only once, then its index.

    Args:
        path: The file.
        wanted: Called with each problem and its "file:line"; tells whether to keep it. What it raises goes through.

    Raises:
        DatasetError: Anything is wrong with the file or any of its rows, wanted or not; names file, line and field.
    """
    with open_input(path, error=DatasetError) as file:
        return _packed(path, file, wanted) if file.packed else _plain(path, file, wanted)


def _packed(path: Path, file: InputFile, wanted: Wanted) -> DatasetFile:
    spool = Spool()
    problems = []
    for line, row, problem in _streamed(path, file, spool):
        if wanted(problem, _place(path, row)):
            problems.append(_spooled(problem, line, spool))
    return DatasetFile(tuple(problems), file.sha256())


def _plain(path: Path, file: InputFile, wanted: Wanted) -> DatasetFile:
    store = FileRows(file.fileno())
    sidecar = IndexSidecar(path, file.fileno())
    if index := sidecar.load():
        return _remembered(path, store, index, wanted)
    problems = []
    for _, row, problem in _streamed(path, file, store):
        sidecar.add(row)
        if wanted(problem, _place(path, row)):
            problems.append(problem)
    sha256 = file.sha256()
    sidecar.keep(sha256)
    return DatasetFile(tuple(problems), sha256)


def _remembered(path: Path, store: RowStore, index: RowIndex, wanted: Wanted) -> DatasetFile:
    problems = []
    for row in index.rows:
        problem = _problem(row, store, _place(path, row))
        if wanted(problem, _place(path, row)):
            problems.append(problem)
    return DatasetFile(tuple(problems), index.sha256)


def _streamed(path: Path, file: InputFile, store: RowStore) -> Iterator[tuple[Line, IndexedRow, Problem]]:
    """Each row of the file, checked."""
    line = None
    for line in file.lines():
        place = f"{path}:{line.number}"
        columns = parse_columns(line.data, place=place)
        private = columns.pop("private_test_cases")
        row = IndexedRow(line.number, line.offset, len(line.data), zlib.crc32(line.data), columns)
        problem = _problem(row, store, place)
        if not problem.public_tests and not decode_private_tests(private, place=place):
            raise DatasetError(
                f"{place}: {quoted(problem.question_id)} has no tests, public or private: add one or drop it"
            )
        yield line, row, problem
    if line is None:
        raise DatasetError(f"{path}: holds no rows: one JSON object per line is expected")


def _problem(row: IndexedRow, store: RowStore, place: str) -> Problem:
    tests = PrivateTests(store, row.offset, row.length, row.checksum, place)
    return parse_problem(row.columns, tests, place=place)


def _place(path: Path, row: IndexedRow) -> str:
    return f"{path}:{row.number}"


def _spooled(problem: Problem, line: Line, spool: Spool) -> Problem:
    tests = problem.private_tests
    assert isinstance(tests, PrivateTests)
    try:
        return replace(problem, private_tests=replace(tests, offset=spool.append(line.data)))
    except OSError as exc:
        raise DatasetError(
            f"{tests.place}: no room to unpack it in {tempfile.gettempdir()} ({exc.strerror or exc}): set TMPDIR to a "
            "folder with room, or gunzip the file and give that"
        ) from exc
