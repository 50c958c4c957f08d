"""A program and the tests of its problem as a batch: one process for all tests, no expected output among its input."""

from __future__ import annotations

import json
import secrets
from collections.abc import Sequence
from dataclasses import dataclass, replace
from enum import StrEnum
from functools import partial

from lcb_ray.agent.protocol import MAX_OUTPUT_BYTES, Limits
from lcb_ray.batch import Case
from livecodebench.problem import Problem

_MIB = 1 << 20
_OUTPUT_STEP = 64 * _MIB  # room for answers, in steps: the exact size would tell how long the expected ones are
_OTHER_RECORDS = 8 * _MIB
# Python's own: an answer that a thread prints after the program's end is seen if it comes within this time. So it is a
# matter of the machine's speed.
_SWITCH_S = 0.005


class Stdin(StrEnum):
    """Which kind of standard input a program finds."""

    BUFFER = "buffer"  # since May 2025 (commit 16de2a1): reads from the start, and has a buffer
    TEXT = "text"  # before: an io.StringIO


@dataclass(frozen=True, slots=True)
class Tests:
    """What the answers of one process are compared with; stays with the judge.

    Attributes:
        inputs: As the process gets them.
        outputs: Expected, as texts.
        mark: The number that the process has where the official one has expected outputs.
    """

    __test__ = False  # not a test class, whatever its name

    inputs: tuple[str, ...]
    outputs: tuple[str, ...]
    mark: str


@dataclass(frozen=True, slots=True)
class Size:
    """How much there is to a problem.

    Attributes:
        tests: How many.
        expected: Characters of all expected outputs.
    """

    tests: int
    expected: int


def size_of(problem: Problem) -> Size:
    """Count. Raises DatasetError where the tests cannot be read."""
    tests = problem.tests()
    return Size(len(tests), sum(len(test.output) for test in tests))


def limits_for(limits: Limits, size: Size) -> Limits:
    """What one process may use for all tests.

    The official grader kills a process after (limit + 1 s) for each test and 5 s. It has no limit on memory or output.
    Here both have one: memory is twice what a single test may have, since one process holds what all tests left.
    """
    cpu_s = (limits.cpu_s + 1) * size.tests + 5
    output = min(MAX_OUTPUT_BYTES, _OUTPUT_STEP * (1 + 6 * size.expected // _OUTPUT_STEP))
    return replace(
        limits,
        cpu_s=cpu_s,
        overload_wall_s=max(limits.overload_wall_s, limits.overload_wall_s / limits.cpu_s * cpu_s),
        memory_bytes=2 * limits.memory_bytes,
        output_bytes=max(output, limits.output_bytes),
    )


def arrange(
    tests: Sequence[Case],
    *,
    code: str,
    public: int,
    fn_name: str | None,
    stdin: Stdin,
    timeout: float,
    slowness: float,
    output_bytes: int,
) -> Sequence[Case]:
    """The public tests, then all: most wrong programs fail the former, and need not run the latter.

    The official grader stops at the first failure. A process that does not know what is right cannot; run on the
    first few tests alone it does there what it would do there in the run of all.

    Args:
        tests: Of the problem, a case for each, the public ones first.
        code: The candidate's.
        public: How many tests are public.
        fn_name: The function to call; None for a stdin problem.
        stdin: Which kind of standard input it finds.
        timeout: Seconds for each test.
        slowness: Of this machine.
        output_bytes: What the process may write.
    """
    inputs = tuple(test.input.decode("utf-8", "surrogatepass") for test in tests)
    outputs = tuple(str(test.expected) for test in tests)
    make = partial(
        _case,
        code=code,
        fn_name=fn_name,
        stdin=stdin,
        timeout=timeout,
        switch_s=_SWITCH_S * slowness,
        budget=output_bytes - _OTHER_RECORDS,
    )
    whole = make(inputs, outputs)
    return [make(inputs[:public], outputs[:public]), whole] if 0 < 2 * public <= len(tests) else [whole]


def _case(inputs: tuple[str, ...], outputs: tuple[str, ...], **task: object) -> Case:
    mark = str(10**14 + secrets.randbelow(9 * 10**14))
    text = json.dumps({"inputs": inputs, "mark": mark, **task})
    return Case(text.encode(), Tests(inputs, outputs, mark))
