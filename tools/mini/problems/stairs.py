"""Counting ways up broken stairs modulo a prime. One answer asks for far too much memory, at once."""

from livecodebench.problem import Difficulty, Platform
from livecodebench.verdict import Verdict
from tools.mini.model import STRONG, WEAK, Dice, MiniProblem, fenced, lines, program

STATEMENT = program("""
    A staircase has N steps, and M of them are broken. You start below the first step and want to stand on step N.
    With each stride you climb from 1 to K steps; you must never stand on a broken step.
    Count the ways, modulo 998244353.

    Input

    The input is given from Standard Input in the following format:
    N M K
    A_1 A_2 ... A_M

    Here A_1 < A_2 < ... < A_M are the broken steps. The last line is empty if M = 0.

    Output

    Print the number of ways modulo 998244353.

    Constraints

    - 1 <= N <= 100000
    - 0 <= M < N
    - 1 <= K <= N
    - 1 <= A_i < N
    - All input values are integers.
""")

_PRIME = 998_244_353


def solve(given: str) -> str:
    """Ways to each step, by the sum over the K steps below it."""
    count, _, stride, *numbers = map(int, given.split())
    broken = set(numbers)
    ways, window = [1], 1
    for step in range(1, count + 1):
        ways.append(0 if step in broken else window % _PRIME)
        window += ways[step] - (ways[step - stride] if step >= stride else 0)
    return f"{ways[count]}\n"


def _random(seed: int, count: int, broken: int, stride: int) -> str:
    dice = Dice(seed)
    steps = sorted({dice.between(1, count - 1) for _ in range(broken)})
    return lines([count, len(steps), stride], steps)


PROBLEM = MiniProblem(
    question_id="mini_stairs",
    title="Broken Stairs",
    statement=STATEMENT,
    platform=Platform.ATCODER,
    difficulty=Difficulty.HARD,
    contest_id="mini-9",
    contest_date="2024-06-08T00:00:00",
    solve=solve,
    public_inputs=(lines([4, 1, 2], [2]), lines([5, 0, 3], "")),
    private_inputs=(
        lines([1, 0, 1], ""),
        lines([3, 2, 2], [1, 2]),
        _random(71, 50, 10, 4),
        _random(72, 3000, 40, 3000),
        _random(73, 100_000, 500, 1000),
    ),
    answers={
        STRONG: (
            fenced(
                """
                import sys

                n, m, k, *a = map(int, sys.stdin.read().split())
                MOD = 998244353
                broken = [False] * (n + 1)
                for x in a:
                    broken[x] = True
                prefix = [0, 1]
                for i in range(1, n + 1):
                    w = 0 if broken[i] else prefix[i] - prefix[max(0, i - k)]
                    prefix.append((prefix[-1] + w) % MOD)
                print((prefix[n + 1] - prefix[n]) % MOD)
                """
            ),
            fenced(
                """
                n, m, k = map(int, input().split())
                broken = set(map(int, input().split()))
                ways = [1] + [0] * n
                window = 1
                for i in range(1, n + 1):
                    if i not in broken:
                        ways[i] = window
                    window += ways[i]
                    if i > k:
                        window -= ways[i - k]
                    window %= 998244353
                print(ways[n])
                """,
                Verdict.WRONG_ANSWER,
                before="Keep the sum over the last K steps.",
            ),
        ),
        WEAK: (
            fenced(
                """
                n, m, k = map(int, input().split())
                broken = set(map(int, input().split()))
                table = bytearray(8 * (n + 1) * 100_000)
                ways = [1] + [0] * n
                for i in range(1, n + 1):
                    if i not in broken:
                        ways[i] = sum(ways[max(0, i - k):i]) % 998244353
                print(ways[n])
                """,
                Verdict.MEMORY_LIMIT,
                before="A table of N times 100000 numbers of 8 bytes is enough.",
            ),
            fenced(
                """
                n, m, k = map(int, input().split())
                broken = set(map(int, input().split()))
                ways = 1
                for i in range(1, n):
                    if i not in broken:
                        ways = ways * min(i + 1, k) % 998244353
                print(ways)
                """,
                Verdict.WRONG_ANSWER,
            ),
        ),
    },
)
