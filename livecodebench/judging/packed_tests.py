"""All tests of a problem as bytes: how they travel to sandboxes in other processes, and what is made of them there.

The hidden tests stay packed as the dataset has them, so that nobody unpacks them on the way.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from functools import partial

from lcb_ray.batch import Case, PackedCases
from livecodebench.dataset.file import PrivateTests
from livecodebench.dataset.private_tests import decode_private_tests
from livecodebench.problem import Problem, TestCase


def packed_tests(problem: Problem, *, arrange: Callable[[Sequence[Case]], Sequence[Case]] | None = None) -> PackedCases:
    """The tests of a problem, read when they are sent; `arrange` makes other cases of the one for each test."""
    key = (problem.question_id, problem.public_tests, problem.private_tests)
    return PackedCases(key=key, read=partial(_read, problem), unpack=unpack_tests, arrange=arrange)


def unpack_tests(data: bytes) -> Sequence[Case]:
    """A case for each test. Raises DatasetError."""
    head, _, column = data.partition(b"\n")
    public, place = json.loads(head)
    tests = tuple(TestCase(*test) for test in public)
    return cases_of(tests + decode_private_tests(column.decode(), place=place))


def cases_of(tests: Sequence[TestCase]) -> Sequence[Case]:
    """A case for each test."""
    return [Case(test.input.encode("utf-8", "surrogatepass"), test.output) for test in tests]


def _read(problem: Problem) -> bytes:
    """A line of JSON with the public tests and the place for messages, then the column. Raises DatasetError."""
    tests = problem.private_tests
    if isinstance(tests, PrivateTests):
        column, place = tests.encoded(), tests.place
    else:
        column, place = _column(tests()), f"problem {problem.question_id}"
    public = [(test.input, test.output) for test in problem.public_tests]
    return json.dumps([public, place]).encode() + b"\n" + column.encode()


def _column(tests: Sequence[TestCase]) -> str:
    """As a dataset may have it unpacked. Which kind a test is, is the problem's word and not the column's."""
    return json.dumps([{"input": test.input, "output": test.output, "testtype": "stdin"} for test in tests])
