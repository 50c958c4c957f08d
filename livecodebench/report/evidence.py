"""What a report shows beside the scores: time and memory, infrastructure errors, and the few submissions worth a look.

Judgements come one by one, and what is kept is bounded: counts, and the first of each ranking. Of a line only the
record was checked when it was read; everything else in it is read here with suspicion, since files can be edited.
"""

from __future__ import annotations

import heapq
from collections import Counter
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from math import isfinite
from operator import itemgetter
from typing import Any, Generic, TypeVar

from livecodebench.results.record import Key, Record
from livecodebench.verdict import Verdict

RANKED = 20  # submissions in each ranking
EXAMPLES = 5  # of each verdict
ERRORS = 20

# Upper edges of the bins, as shares of a limit; what is above the last is a bin of its own.
SHARES = (0.01, 0.03, 0.1, 0.2, 0.4, 0.6, 0.8, 1.0)

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class FailedTest:
    """The first test that a program failed.

    Attributes:
        index: Public tests first, then private ones, from 0; -1 where the line does not say.
        verdict: Of this test.
        outcome: How the execution ended.
        exit_code: Where it exited.
        signal: Where one ended it.
        reason: A line for a person; "" in folders that older versions wrote.
    """

    index: int
    verdict: str
    outcome: str
    exit_code: int | None
    signal: int | None
    reason: str


@dataclass(frozen=True, slots=True)
class Seen:
    """A judgement as the report shows it.

    Attributes:
        record: Whose it is, and the verdict.
        cpu_s: Of its slowest test.
        wall_s: The longest.
        max_rss_bytes: The most of any test.
        tests_run: How many ran.
        tests_total: How many there are.
        failed: None where no test failed, or none ran.
        detail: The compiler's words, where no test ran.
        error: Of the infrastructure: "type: message (n attempts)"; "" elsewhere.
    """

    record: Record
    cpu_s: float
    wall_s: float
    max_rss_bytes: float
    tests_run: int
    tests_total: int
    failed: FailedTest | None
    detail: str
    error: str


class Top(Generic[T]):
    """The first few by rank of whatever is offered; the least rank comes first."""

    def __init__(self, size: int) -> None:
        self._size = size
        self._heap: list[_Entry[T]] = []
        self.offered = 0

    def offer(self, rank: tuple[Any, ...], make: Callable[[], T]) -> None:
        """Consider a value, which is made only if it is kept. Ranks must differ."""
        self.offered += 1
        if len(self._heap) < self._size:
            heapq.heappush(self._heap, _Entry(rank, make()))
        elif rank < self._heap[0].rank:
            heapq.heapreplace(self._heap, _Entry(rank, make()))

    def best(self) -> list[T]:
        """Those kept, first rank first."""
        return [entry.value for entry in sorted(self._heap, reverse=True)]


@dataclass(slots=True)
class _Entry(Generic[T]):
    rank: tuple[Any, ...]
    value: T

    def __lt__(self, other: _Entry[T]) -> bool:
        return self.rank > other.rank  # the least of a heap is the one to go


@dataclass(slots=True)
class Usage:
    """How much of its limits a model's programs used, in one grading: submissions by bin, accepted and others."""

    time: Counter[tuple[int, bool]] = field(default_factory=Counter)
    memory: Counter[tuple[int, bool]] = field(default_factory=Counter)


class Evidence:
    """Gathers it.

    Attributes:
        usage: By grading and model.
        errors: Infrastructure errors by type.
        failed: Of the infrastructure, the first.
        slowest: By CPU time of the slowest test, in the first grading.
        nearest: Accepted in the first grading with the largest share of a limit: a slower machine may not.
        failures: A few for each verdict of the first grading.
    """

    def __init__(self, grading: str, *, cpu_s: float, memory_bytes: float) -> None:
        self._grading = grading
        self._limits = (cpu_s, memory_bytes)
        self.usage: dict[tuple[str, str | None], Usage] = {}
        self.errors: Counter[str] = Counter()
        self.failed: Top[Seen] = Top(ERRORS)
        self.slowest: Top[Seen] = Top(RANKED)
        self.nearest: Top[Seen] = Top(RANKED)
        self.failures: dict[Verdict, Top[Seen]] = {
            verdict: Top(EXAMPLES) for verdict in Verdict if verdict is not Verdict.ACCEPTED
        }

    def add(self, record: Record, line: Mapping[str, Any]) -> None:
        """Take a judgement: its record and its line."""
        order = (record.question_id, record.sample, record.model or "", record.grading)
        if record.verdict is None:
            error = line.get("error")
            self.errors[_text(error.get("type")) if isinstance(error, dict) else "unknown"] += 1
            self.failed.offer(order, lambda: seen(record, line))
            return
        tests = _tests(line)
        if not tests:
            self._count_failure(record, line, order)
            return
        cpu_s = _most(tests, "cpu_s")
        rss = _most(tests, "max_rss_bytes")
        time, memory = cpu_s / self._limits[0], rss / self._limits[1]
        usage = self.usage.setdefault((record.grading, record.model), Usage())
        usage.time[bin_of(time), record.passed] += 1
        usage.memory[bin_of(memory), record.passed] += 1
        self._count_failure(record, line, order)
        if record.grading != self._grading:
            return
        self.slowest.offer((-cpu_s, order), lambda: seen(record, line))
        if record.passed:
            self.nearest.offer((-max(time, memory), order), lambda: seen(record, line))

    def _count_failure(self, record: Record, line: Mapping[str, Any], order: tuple[Any, ...]) -> None:
        if record.grading == self._grading and record.verdict is not None and not record.passed:
            self.failures[record.verdict].offer(order, lambda: seen(record, line))


def bin_of(share: float) -> int:
    """Which of the bins of SHARES a share of a limit falls into."""
    return next((index for index, edge in enumerate(SHARES) if share <= edge), len(SHARES))


def seen(record: Record, line: Mapping[str, Any]) -> Seen:
    """What the report shows of a judgement."""
    tests = _tests(line)
    failed = next((test for test in tests if test.get("verdict") != Verdict.ACCEPTED), None)
    return Seen(
        record,
        cpu_s=_most(tests, "cpu_s"),
        wall_s=_most(tests, "wall_s"),
        max_rss_bytes=_most(tests, "max_rss_bytes"),
        tests_run=len(tests),
        tests_total=_whole(line.get("tests_total")) or 0,
        failed=None if failed is None else _failed(failed),
        detail=_text(line.get("detail")),
        error=_error(line.get("error")),
    )


class Collected:
    """Keeps what the report shows of chosen submissions, such as those on which two gradings differ."""

    def __init__(self, wanted: frozenset[Key]) -> None:
        self._wanted = wanted
        self.found: dict[tuple[Key, str], Seen] = {}

    def add(self, record: Record, line: Mapping[str, Any]) -> None:
        """Take a judgement, keep it if it is wanted."""
        if record.key in self._wanted:
            self.found[record.key, record.grading] = seen(record, line)


def _tests(line: Mapping[str, Any]) -> list[dict[str, Any]]:
    tests = line.get("tests")
    return [test for test in tests if isinstance(test, dict)] if isinstance(tests, list) else []


def _failed(test: Mapping[str, Any]) -> FailedTest:
    index = _whole(test.get("index"))
    return FailedTest(
        -1 if index is None else index,
        _text(test.get("verdict")),
        _text(test.get("outcome")),
        _whole(test.get("exit_code")),
        _whole(test.get("signal")),
        _text(test.get("reason")),
    )


def _error(value: object) -> str:
    if not isinstance(value, dict):
        return ""
    return f"{_text(value.get('type'))}: {_text(value.get('message'))} (attempts: {_whole(value.get('attempts'))})"


def _most(tests: list[dict[str, Any]], name: str) -> float:
    """The largest figure of that name; 0 where there is none. Lines of ours, all but all, are read the short way."""
    try:
        most = max(map(itemgetter(name), tests))
    except (KeyError, TypeError, ValueError):
        most = max((_number(test.get(name)) for test in tests), default=0.0)
    return _number(most)


def _number(value: object) -> float:
    if isinstance(value, bool) or not isinstance(value, (int, float)) or not 0 <= value <= 1e18 or not isfinite(value):
        return 0.0
    return float(value)


def _whole(value: object) -> int | None:
    return value if isinstance(value, int) and not isinstance(value, bool) and abs(value) <= 10**12 else None


def _text(value: object) -> str:
    return value[:4000] if isinstance(value, str) else ""
