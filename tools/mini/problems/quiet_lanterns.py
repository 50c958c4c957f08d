"""Heaviest independent set of a tree that may be a long path: recursion must reach deep."""

from livecodebench.problem import Difficulty, Platform
from livecodebench.verdict import Verdict
from tools.mini.model import STRONG, WEAK, Dice, MiniProblem, fenced, lines, program

STATEMENT = program("""
    N lanterns hang in a tree. Lantern 1 is the topmost; lantern i (2 <= i <= N) hangs from lantern P_i, with P_i < i.
    Lantern i shines with brightness B_i. Two lanterns, one hanging directly from the other, must not both be lit.

    What is the greatest total brightness?

    Input

    The input is given from Standard Input in the following format:
    N
    B_1 B_2 ... B_N
    P_2 P_3 ... P_N

    The last line is empty if N = 1.

    Output

    Print the greatest total brightness.

    Constraints

    - 1 <= N <= 20000
    - 1 <= B_i <= 10^9
    - All input values are integers.
""")


def solve(given: str) -> str:
    """From the last lantern up: best with it dark, best with it lit."""
    count, *numbers = map(int, given.split())
    lit, parents = numbers[:count], [0, *numbers[count:]]
    dark = [0] * count
    for at in range(count - 1, 0, -1):
        parent = parents[at] - 1
        lit[parent] += dark[at]
        dark[parent] += max(dark[at], lit[at])
    return f"{max(dark[0], lit[0])}\n"


def _random(seed: int, count: int, reach: int) -> str:
    """Each lantern hangs from one of the `reach` before it."""
    dice = Dice(seed)
    parents = [dice.between(max(1, number - reach), number - 1) for number in range(2, count + 1)]
    most = 10**9 if count <= 100 else 99
    return lines(count, [dice.between(1, most) for _ in range(count)], parents)


PROBLEM = MiniProblem(
    question_id="mini_quiet_lanterns",
    title="Quiet Lanterns",
    statement=STATEMENT,
    platform=Platform.CODEFORCES,
    difficulty=Difficulty.HARD,
    contest_id="mini-8",
    contest_date="2024-05-11T00:00:00",
    solve=solve,
    public_inputs=(lines(5, [1, 10, 10, 10, 1], [1, 1, 2, 2]), lines(4, [3, 4, 3, 1], [1, 2, 3])),
    private_inputs=(lines(1, [7], ""), _random(61, 10, 3), _random(62, 3000, 200), _random(63, 5000, 1)),
    answers={
        STRONG: (
            fenced(
                """
                import sys

                def main():
                    data = list(map(int, sys.stdin.read().split()))
                    n = data[0]
                    lit = data[1:n + 1]
                    dark = [0] * n
                    for i in range(n - 1, 0, -1):
                        p = data[n + i] - 1
                        lit[p] += dark[i]
                        dark[p] += max(dark[i], lit[i])
                    print(max(dark[0], lit[0]))

                main()
                """,
                before="Children have larger numbers than their parents, so no recursion is needed.",
            ),
            fenced(
                """
                import sys

                n, *data = map(int, sys.stdin.read().split())
                children = [[] for _ in range(n)]
                for i, p in enumerate(data[n:], start=1):
                    children[p - 1].append(i)

                def best(i):
                    lit, dark = data[i], 0
                    for c in children[i]:
                        a, b = best(c)
                        lit += b
                        dark += max(a, b)
                    return lit, dark

                print(max(best(0)))
                """
            ),
        ),
        WEAK: (
            fenced(
                """
                n = int(input())
                b = list(map(int, input().split()))
                p = list(map(int, input().split()))
                level = [0] * n
                sums = [b[0], 0]
                for i in range(1, n):
                    level[i] = 1 - level[p[i - 1] - 1]
                    sums[level[i]] += b[i]
                print(max(sums))
                """,
                Verdict.WRONG_ANSWER,
                before="Light every second level, starting with the first or the second.",
            ),
            fenced(
                """
                n = int(input())
                b = list(map(int, input().split()))
                p = list(map(int, input().split()))
                lit = b[:]
                dark = [0] * n
                for i in range(n - 1, -1, -1):
                    lit[p[i]] += dark[i]
                    dark[p[i]] += max(dark[i], lit[i])
                print(max(lit[0], dark[0]))
                """,
                Verdict.RUNTIME_ERROR,
            ),
        ),
    },
)
