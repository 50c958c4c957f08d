"""Medians of a sliding window: returned floats that must be exact, two arguments."""

import json

from livecodebench.problem import Difficulty, Platform
from livecodebench.verdict import Verdict
from tools.mini.model import STRONG, WEAK, Answer, Dice, MiniProblem, fenced, program

STATEMENT = program("""
    A buoy reports the height of the waves as a list of integers. Return the median of every k consecutive reports, in
    their order. The median of an even number of reports is the mean of the two in the middle.

    Constraints:

    1 <= k <= heights.length <= 5000
    0 <= heights[i] <= 10^6
""")


def solve(given: str) -> str:
    """Sort each window."""
    heights, size = map(json.loads, given.split("\n"))
    windows = (sorted(heights[at : at + size]) for at in range(len(heights) - size + 1))
    return json.dumps([(window[(size - 1) // 2] + window[size // 2]) / 2 for window in windows])


def _random(seed: int, count: int, size: int) -> str:
    dice = Dice(seed)
    return f"{json.dumps([dice.below(10**6 + 1) for _ in range(count)])}\n{size}"


PROBLEM = MiniProblem(
    question_id="mini_running_medians",
    title="mini-running-medians",
    statement=STATEMENT,
    platform=Platform.LEETCODE,
    difficulty=Difficulty.MEDIUM,
    contest_id="mini-3",
    contest_date="2024-05-25T00:00:00",
    starter_code="class Solution:\n    def runningMedians(self, heights: List[int], k: int) -> List[float]:\n        ",
    func_name="runningMedians",
    parameters=("heights", "k"),
    solve=solve,
    public_inputs=("[1, 3, 2, 8, 5]\n3", "[4, 1, 7]\n2"),
    private_inputs=("[9]\n1", "[0, 1, 0, 1, 1]\n4", _random(101, 60, 7), _random(102, 3000, 100)),
    answers={
        STRONG: (
            fenced(
                """
                from bisect import bisect_left, insort

                class Solution:
                    def runningMedians(self, heights: List[int], k: int) -> List[float]:
                        window = sorted(heights[:k - 1])
                        medians = []
                        for i in range(k - 1, len(heights)):
                            insort(window, heights[i])
                            medians.append((window[(k - 1) // 2] + window[k // 2]) / 2)
                            window.pop(bisect_left(window, heights[i - k + 1]))
                        return medians
                """
            ),
            fenced(
                """
                class Solution:
                    def runningMedians(self, heights: List[int], k: int) -> List[float]:
                        import statistics
                        return [statistics.median(heights[i:i + k]) for i in range(len(heights) - k + 1)]
                """,
                after="For odd k these are integers, which are equal to the floats.",
            ),
        ),
        WEAK: (
            fenced(
                """
                class Solution:
                    def runningMedians(self, heights: List[int], k: int) -> List[float]:
                        out = []
                        for i in range(len(heights) - k + 1):
                            w = sorted(heights[i:i + k])
                            out.append((w[(k - 1) // 2] + w[k // 2]) // 2)
                        return out
                """,
                Verdict.WRONG_ANSWER,
            ),
            Answer(
                program("""
                    I will sort each window:
                    ```python
                    class Solution:
                        def runningMedians(self, heights: List[int], k: int) -> List[float]:
                            out = []
                            for i in range(len(heights) - k + 1):
                                w = sorted(heights[i:i
                """),
                Verdict.NO_CODE,
            ),
        ),
    },
)
