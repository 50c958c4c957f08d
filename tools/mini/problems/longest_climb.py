"""Longest ascending path in a grid: a returned integer, recursion over cells."""

import json

from livecodebench.problem import Difficulty, Platform
from livecodebench.verdict import Verdict
from tools.mini.model import STRONG, WEAK, Dice, MiniProblem, fenced, program

STATEMENT = program("""
    A map gives the height of each square of a mountain. A hiker starts on any square, moves to squares that share a
    side, and always climbs: each square is strictly higher than the one before. Return the largest number of squares
    that a hike can visit.

    Constraints:

    1 <= heights.length, heights[i].length <= 60
    0 <= heights[i][j] <= 10^6
""")


def solve(given: str) -> str:
    """From the lowest square up, each extends its neighbours' hikes."""
    heights = json.loads(given)
    squares = {(row, column): height for row, line in enumerate(heights) for column, height in enumerate(line)}
    visited: dict[tuple[int, int], int] = {}
    for row, column in sorted(squares, key=squares.__getitem__):
        near = ((row + 1, column), (row - 1, column), (row, column + 1), (row, column - 1))
        lower = (visited[there] for there in near if squares.get(there, 10**9) < squares[row, column])
        visited[row, column] = 1 + max(lower, default=0)
    return str(max(visited.values()))


def _random(seed: int, height: int, width: int, most: int) -> str:
    dice = Dice(seed)
    return json.dumps([[dice.below(most + 1) for _ in range(width)] for _ in range(height)])


def _snake(size: int) -> str:
    rows = [list(range(row * size, (row + 1) * size)) for row in range(size)]
    return json.dumps([row[::-1] if at % 2 else row for at, row in enumerate(rows)])


PROBLEM = MiniProblem(
    question_id="mini_longest_climb",
    title="mini-longest-climb",
    statement=STATEMENT,
    platform=Platform.LEETCODE,
    difficulty=Difficulty.HARD,
    contest_id="mini-5",
    contest_date="2024-07-06T00:00:00",
    starter_code="class Solution:\n    def longestClimb(self, heights: List[List[int]]) -> int:\n        ",
    func_name="longestClimb",
    parameters=("heights",),
    solve=solve,
    public_inputs=("[[1, 2, 3], [8, 9, 4], [7, 6, 5]]", "[[5, 5], [5, 5]]"),
    private_inputs=("[[0]]", "[[3, 1, 2]]", _random(121, 10, 15, 30), _random(122, 60, 60, 999), _snake(50)),
    answers={
        STRONG: (
            fenced(
                """
                class Solution:
                    def longestClimb(self, heights: List[List[int]]) -> int:
                        n, m = len(heights), len(heights[0])

                        @cache
                        def climb(i, j):
                            best = 0
                            for a, b in ((i + 1, j), (i - 1, j), (i, j + 1), (i, j - 1)):
                                if 0 <= a < n and 0 <= b < m and heights[a][b] > heights[i][j]:
                                    best = max(best, climb(a, b))
                            return best + 1

                        return max(climb(i, j) for i in range(n) for j in range(m))
                """
            ),
            fenced(
                """
                class Solution:
                    def longestClimb(self, heights: List[List[int]]) -> int:
                        n, m = len(heights), len(heights[0])
                        cells = sorted((heights[i][j], i, j) for i in range(n) for j in range(m))
                        best = [[1] * m for _ in range(n)]
                        for h, i, j in cells:
                            for a, b in ((i + 1, j), (i - 1, j), (i, j + 1), (i, j - 1)):
                                if 0 <= a < n and 0 <= b < m and heights[a][b] < h:
                                    best[i][j] = max(best[i][j], best[a][b] + 1)
                        return max(map(max, best))
                """
            ),
        ),
        WEAK: (
            fenced(
                """
                class Solution:
                    def longestClimb(self, heights: List[List[int]]) -> int:
                        n, m = len(heights), len(heights[0])
                        best = [[1] * m for _ in range(n)]
                        for i in range(n):
                            for j in range(m):
                                if i and heights[i - 1][j] < heights[i][j]:
                                    best[i][j] = max(best[i][j], best[i - 1][j] + 1)
                                if j and heights[i][j - 1] < heights[i][j]:
                                    best[i][j] = max(best[i][j], best[i][j - 1] + 1)
                        return max(map(max, best))
                """,
                Verdict.WRONG_ANSWER,
                before="Dynamic programming over rows and columns.",
            ),
            fenced(
                """
                class Solution:
                    def longestClimb(self, heights: List[List[int]]) -> int:
                        n, m = len(heights), len(heights[0])
                        best = {}
                        for h, i, j in sorted((heights[i][j], i, j) for i in range(n) for j in range(m)):
                            best[i, j] = 1 + max(
                                best[a, b]
                                for a, b in ((i + 1, j), (i - 1, j), (i, j + 1), (i, j - 1))
                                if 0 <= a < n and 0 <= b < m and heights[a][b] < h
                            )
                        return max(best.values())
                """,
                Verdict.RUNTIME_ERROR,
            ),
        ),
    },
)
