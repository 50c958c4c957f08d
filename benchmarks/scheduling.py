"""How long an evaluation takes on so many slots, beside the shortest time that is possible.

    uv run livecodebench grade ANSWERS --dataset DATASET --output RESULTS
    uv run python benchmarks/scheduling.py RESULTS DATASET [--slots 4,16,64,256] [--latency 0.005]

Durations are those of a results folder: the CPU seconds of each submission's tests, and 3 ms for each test. They are
replayed in simulated time through the pool's rules, as one driver would ask them for leases: no more requests than
there are slots, in several orders, that of `grade` first. The latency is what lies between the end of a program and
the next one in the same slot. Ideal is the work by the number of slots, or the longest submission where that is longer.
"""

from __future__ import annotations

import argparse
import heapq
import json
import sys
from collections import defaultdict
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

from lcb_ray.rules import events
from lcb_ray.rules.events import DriverId, LeaseId, SandboxId
from lcb_ray.rules.state import PoolRules, PoolState
from livecodebench.dataset.opening import Dataset, open_dataset
from livecodebench.judging.order import longest_expected_first
from livecodebench.submission import Submission

TEST_S = 0.003  # of the agent and the checker, for each test
DRIVER = DriverId("driver")


@dataclass(frozen=True, slots=True)
class Piece:
    """A submission as it was judged."""

    question_id: str
    seconds: float


def recorded(folder: Path, problems: Sequence[str]) -> list[Piece]:
    """What was judged, in the order of the dataset."""
    rows = [json.loads(line) for line in (folder / "judgements.jsonl").read_text().splitlines()]
    place = {question_id: number for number, question_id in enumerate(problems)}
    rows.sort(key=lambda row: (place[row["question_id"]], row["model"], row["sample"]))
    return [
        Piece(row["question_id"], sum(test["cpu_s"] + TEST_S for test in row["tests"]))
        for row in rows
        if row["verdict"] is not None
    ]


def replayed(pieces: Sequence[Piece], *, slots: int, latency_s: float) -> tuple[float, float]:
    """Seconds until the last one has ended, and slot-seconds that were free while one waited for a slot."""
    state = PoolState(PoolRules(max_size=slots), at=0.0)
    waiting, ends, idle_s, now = list(reversed(pieces)), list[tuple[float, LeaseId]](), 0.0, 0.0
    asked: dict[LeaseId, Piece] = {}

    def tell(event: events.Event) -> None:
        for word in state.handle(event):
            if isinstance(word, events.Grant):
                heapq.heappush(ends, (event.at + latency_s + asked.pop(word.lease).seconds, word.lease))

    def ask() -> None:
        if waiting:
            lease = LeaseId(str(len(waiting)))
            asked[lease] = waiting.pop()
            tell(events.LeaseAsked(at=now, lease=lease, driver=DRIVER, until=1e9))

    tell(events.DriverJoined(at=now, driver=DRIVER, pool_size=slots))
    for number in range(1, slots + 1):
        tell(events.SandboxJoined(at=now, sandbox=SandboxId(number), slots=1))
    for _ in range(slots):
        ask()
    while ends:
        at, lease = heapq.heappop(ends)
        idle_s += (at - now) * (slots - len(state.leases)) if state.waiting or waiting else 0.0
        now = at
        tell(events.LeaseReleased(at=now, lease=lease))
        ask()
    return now, idle_s


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("results", type=Path)
    parser.add_argument("dataset")
    parser.add_argument("--slots", default="4,16,64,256")
    parser.add_argument("--latency", type=float, default=0.005, metavar="SECONDS")
    options = parser.parse_args()
    problems = open_dataset(options.dataset)
    pieces = recorded(options.results, list(problems))
    orders = ordered(pieces, problems)
    work, longest = sum(one.seconds for one in pieces), max(one.seconds for one in pieces)
    print(f"{len(pieces)} submissions, {work:.0f} s of work, the longest {longest:.1f} s")
    print("| slots | ideal, s | " + " | ".join(orders) + " | slot-seconds idle while work waited |")
    print("|---" * (3 + len(orders)) + "|")
    for slots in map(int, options.slots.split(",")):
        ideal = max(work / slots, longest)
        found = [replayed(order, slots=slots, latency_s=options.latency) for order in orders.values()]
        cells = [f"{took_s:.1f} ({took_s / ideal:.2f})" for took_s, _ in found]
        print(f"| {slots} | {ideal:.1f} | " + " | ".join(cells) + f" | {max(idle for _, idle in found):.1f} |")


def ordered(pieces: list[Piece], problems: Dataset) -> dict[str, list[Piece]]:
    """The orders that are compared."""
    ids, others = {piece.question_id for piece in pieces}, dict[int, float]()
    count = {question_id: len(problems[question_id].tests()) for question_id in ids}
    size = problems.check_tests(ids)
    asked = [Submission(piece.question_id, "", sample=number) for number, piece in enumerate(pieces)]
    seconds = defaultdict[str, list[float]](list)
    for piece in pieces:
        seconds[piece.question_id].append(piece.seconds)
    for number, piece in enumerate(pieces):
        all_of_it = seconds[piece.question_id]
        others[number] = (sum(all_of_it) - piece.seconds) / max(len(all_of_it) - 1, 1)

    def by(key: Callable[[int, Piece], float]) -> list[Piece]:
        return [piece for _, piece in sorted(enumerate(pieces), key=lambda pair: key(*pair), reverse=True)]

    return {
        "as the command does it": [pieces[one.sample] for one in longest_expected_first(asked, size)],
        "as the dataset has them": pieces,
        "most tests first": by(lambda _, piece: count[piece.question_id]),
        "longest first by other models' answers": by(lambda number, _: others[number]),
        "longest first, as it turned out": by(lambda _, piece: piece.seconds),
    }


if __name__ == "__main__":
    sys.exit(main())
