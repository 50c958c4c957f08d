"""A dataset file: streamed once, every row checked, its hidden tests left where they are until somebody asks.

Memory holds one row at a time and, of the rows kept, all but the private tests.
"""

from __future__ import annotations

import tempfile
import zlib
from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path

from livecodebench.dataset_row import parse_columns, parse_problem
from livecodebench.errors import DatasetError, quoted
from livecodebench.jsonl import Line, open_input
from livecodebench.private_tests import decode_private_tests
from livecodebench.problem import Problem, TestCase
from livecodebench.rowstore import FileRows, RowStore, Spool


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


def read_dataset_file(path: Path, *, wanted: Callable[[Problem, str], bool]) -> DatasetFile:
    """Read and check a `.jsonl` or `.jsonl.gz` file of the 11 official columns.

    Args:
        path: The file.
        wanted: Called with each problem and its "file:line"; tells whether to keep it. What it raises goes through.

    Raises:
        DatasetError: Anything is wrong with the file or any of its rows, wanted or not; names file, line and field.
    """
    with open_input(path, error=DatasetError) as file:
        store = Spool() if file.packed else FileRows(file.fileno())
        problems = []
        number = 0
        for line in file.lines():
            number = line.number
            place = f"{path}:{number}"
            problem = _checked(line, store, place)
            if wanted(problem, place):
                problems.append(_spooled(problem, line, store) if isinstance(store, Spool) else problem)
        if not number:
            raise DatasetError(f"{path}: holds no rows: one JSON object per line is expected")
        return DatasetFile(tuple(problems), file.sha256())


def _checked(line: Line, store: RowStore, place: str) -> Problem:
    columns = parse_columns(line.data, place=place)
    tests = PrivateTests(store, line.offset, len(line.data), zlib.crc32(line.data), place)
    problem = parse_problem(columns, tests, place=place)
    if not problem.public_tests and not decode_private_tests(columns["private_test_cases"], place=place):
        raise DatasetError(
            f"{place}: {quoted(problem.question_id)} has no tests, public or private: add one or drop it"
        )
    return problem


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
