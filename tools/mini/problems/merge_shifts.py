"""Merging intervals: a returned list of lists."""

import json

from livecodebench.problem import Difficulty, Platform
from livecodebench.verdict import Verdict
from tools.mini.model import STRONG, WEAK, Dice, MiniProblem, fenced, program

STATEMENT = program("""
    The guards of a museum work in shifts. A shift [start, end] covers all moments from start to end, both included.
    Given a list of shifts, return the periods during which at least one guard is on duty, as a list of [start, end]
    in ascending order. Shifts that overlap or meet in one moment make one period.

    Constraints:

    0 <= shifts.length <= 10^4
    0 <= start <= end <= 10^9
""")


def solve(given: str) -> str:
    """Sort, then extend the last period or begin a new one."""
    periods: list[list[int]] = []
    for start, end in sorted(json.loads(given)):
        if periods and start <= periods[-1][1]:
            periods[-1][1] = max(periods[-1][1], end)
        else:
            periods.append([start, end])
    return json.dumps(periods)


def _random(seed: int, count: int, latest: int, longest: int) -> str:
    dice = Dice(seed)
    starts = [dice.below(latest) for _ in range(count)]
    return json.dumps([[start, start + dice.below(longest)] for start in starts])


PROBLEM = MiniProblem(
    question_id="mini_merge_shifts",
    title="mini-merge-shifts",
    statement=STATEMENT,
    platform=Platform.LEETCODE,
    difficulty=Difficulty.MEDIUM,
    contest_id="mini-1",
    contest_date="2024-01-20T00:00:00",
    starter_code="class Solution:\n    def mergeShifts(self, shifts: List[List[int]]) -> List[List[int]]:\n        ",
    func_name="mergeShifts",
    parameters=("shifts",),
    solve=solve,
    public_inputs=("[[8, 12], [1, 3], [2, 6]]", "[[1, 4], [4, 5]]"),
    private_inputs=(
        "[]",
        "[[5, 5]]",
        "[[1, 10], [2, 3], [4, 5]]",
        _random(81, 40, 200, 8),
        _random(82, 1500, 10**6, 900),
    ),
    answers={
        STRONG: (
            fenced(
                """
                class Solution:
                    def mergeShifts(self, shifts: List[List[int]]) -> List[List[int]]:
                        merged = []
                        for s, e in sorted(shifts):
                            if merged and s <= merged[-1][1]:
                                merged[-1][1] = max(merged[-1][1], e)
                            else:
                                merged.append([s, e])
                        return merged
                """,
                before="Sort by start and merge neighbours.",
            ),
            fenced(
                """
                from typing import List

                class Solution:
                    def mergeShifts(self, shifts: List[List[int]]) -> List[List[int]]:
                        events = sorted([(s, 0) for s, _ in shifts] + [(e, 1) for _, e in shifts])
                        periods, on_duty = [], 0
                        for moment, kind in events:
                            if kind == 0:
                                on_duty += 1
                                if on_duty == 1:
                                    periods.append([moment, moment])
                            else:
                                on_duty -= 1
                                periods[-1][1] = moment
                        return periods
                """
            ),
        ),
        WEAK: (
            fenced(
                """
                class Solution:
                    def mergeShifts(self, shifts: List[List[int]]) -> List[List[int]]:
                        shifts.sort()
                        merged = [shifts[0]]
                        for s, e in shifts[1:]:
                            if s <= merged[-1][1]:
                                merged[-1][1] = max(merged[-1][1], e)
                            else:
                                merged.append([s, e])
                        return merged
                """,
                Verdict.RUNTIME_ERROR,
            ),
            fenced(
                """
                class Solution:
                    def mergeShifts(self, shifts: List[List[int]]) -> List[List[int]]:
                        merged = []
                        for s, e in sorted(shifts):
                            if merged and s <= merged[-1][1]:
                                merged[-1] = (merged[-1][0], max(merged[-1][1], e))
                            else:
                                merged.append((s, e))
                        return merged
                """,
                Verdict.WRONG_ANSWER,
                after="Tuples are faster than lists.",
            ),
        ),
    },
)
