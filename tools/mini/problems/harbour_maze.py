"""Shortest way through a grid. One answer moves diagonally, one does not compile."""

from collections import deque

from livecodebench.problem import Difficulty, Platform
from livecodebench.verdict import Verdict
from tools.mini.model import STRONG, WEAK, Dice, MiniProblem, fenced, lines, program

STATEMENT = program("""
    A harbour is a grid of H rows and W columns. A cell "." is water, a cell "#" is a pier. A rowing boat starts in the
    upper left cell and wants to reach the lower right cell; both are water. In one stroke it moves to a cell of water
    that shares a side with its own.

    Input

    The input is given from Standard Input in the following format:
    H W
    S_1
    :
    S_H

    Output

    Print the least number of strokes, or -1 if the boat cannot get there.

    Constraints

    - 1 <= H, W <= 60
""")


def solve(given: str) -> str:
    """Breadth first."""
    size, *rows = given.split("\n")
    height, width = map(int, size.split())
    strokes = {(0, 0): 0}
    queue = deque(strokes)
    while queue:
        row, column = queue.popleft()
        for there in ((row + 1, column), (row - 1, column), (row, column + 1), (row, column - 1)):
            inside = 0 <= there[0] < height and 0 <= there[1] < width
            if inside and there not in strokes and rows[there[0]][there[1]] == ".":
                strokes[there] = strokes[row, column] + 1
                queue.append(there)
    return f"{strokes.get((height - 1, width - 1), -1)}\n"


def _random(seed: int, height: int, width: int, piers: int) -> str:
    dice = Dice(seed)
    cells = [["#" if dice.below(100) < piers else "." for _ in range(width)] for _ in range(height)]
    cells[0][0] = cells[-1][-1] = "."
    return lines([height, width], *("".join(row) for row in cells))


def _snake(height: int, width: int) -> str:
    rows = ["." * width if row % 2 == 0 else "#" * width for row in range(height)]
    for row in range(1, height, 2):
        rows[row] = "#" * (width - 1) + "." if row % 4 == 1 else "." + "#" * (width - 1)
    return lines([height, width], *rows)


PROBLEM = MiniProblem(
    question_id="mini_harbour_maze",
    title="Harbour Maze",
    statement=STATEMENT,
    platform=Platform.ATCODER,
    difficulty=Difficulty.MEDIUM,
    contest_id="mini-6",
    contest_date="2024-04-20T00:00:00",
    solve=solve,
    public_inputs=(lines([3, 4], "..#.", "#...", "..#."), lines([2, 2], ".#", "#.")),
    private_inputs=(lines([1, 1], "."), _snake(59, 60), _random(51, 20, 30, 25), _random(52, 60, 60, 30)),
    answers={
        STRONG: (
            fenced(
                """
                from collections import deque

                h, w = map(int, input().split())
                s = [input() for _ in range(h)]
                dist = [[-1] * w for _ in range(h)]
                dist[0][0] = 0
                q = deque([(0, 0)])
                while q:
                    x, y = q.popleft()
                    for dx, dy in ((1, 0), (-1, 0), (0, 1), (0, -1)):
                        a, b = x + dx, y + dy
                        if 0 <= a < h and 0 <= b < w and s[a][b] == "." and dist[a][b] < 0:
                            dist[a][b] = dist[x][y] + 1
                            q.append((a, b))
                print(dist[-1][-1])
                """
            ),
            fenced(
                """
                import sys

                h, w, *s = sys.stdin.read().split()
                h, w = int(h), int(w)
                grid = {(i, j) for i in range(h) for j in range(w) if s[i][j] == "."}
                front, strokes = {(0, 0)}, 0
                while front and (h - 1, w - 1) not in front:
                    grid -= front
                    near = {(i + a, j + b) for i, j in front for a, b in ((0, 1), (1, 0), (0, -1), (-1, 0))}
                    front = near & grid
                    strokes += 1
                print(strokes if front else -1)
                """
            ),
        ),
        WEAK: (
            fenced(
                """
                from collections import deque

                h, w = map(int, input().split())
                s = [input() for _ in range(h)]
                dist = {(0, 0): 0}
                q = deque([(0, 0)])
                while q:
                    x, y = q.popleft()
                    for dx in (-1, 0, 1):
                        for dy in (-1, 0, 1):
                            a, b = x + dx, y + dy
                            if 0 <= a < h and 0 <= b < w and s[a][b] == "." and (a, b) not in dist:
                                dist[a, b] = dist[x, y] + 1
                                q.append((a, b))
                print(dist.get((h - 1, w - 1), -1))
                """,
                Verdict.WRONG_ANSWER,
            ),
            fenced(
                """
                from collections import deque

                h, w = map(int, input().split())
                s = [input() for _ in range(h)]
                dist = [[-1] * w for _ in range(h)
                dist[0][0] = 0
                print(dist[-1][-1])
                """,
                Verdict.COMPILE_ERROR,
            ),
        ),
    },
)
