"""The best run of a long ledger: inputs of more than a megabyte, and the one answer that is too slow for them."""

from livecodebench.problem import Difficulty, Platform
from livecodebench.verdict import Verdict
from tools.mini.model import STRONG, WEAK, Dice, MiniProblem, fenced, lines, program

STATEMENT = program("""
    A harbour master notes the profit or loss of each of N days. Choose a run of one or more consecutive days and print
    the largest possible sum of its entries.

    Input

    The input is given from Standard Input in the following format:
    N
    P_1 P_2 ... P_N

    Output

    Print the largest sum.

    Constraints

    - 1 <= N <= 300000
    - -1000 <= P_i <= 1000
    - All input values are integers.
""")

_MOST = 300_000


def solve(given: str) -> str:
    """One pass: the best run that ends here, and the best of all."""
    _, *entries = map(int, given.split())
    best = ending = entries[0]
    for entry in entries[1:]:
        ending = max(ending, 0) + entry
        best = max(best, ending)
    return f"{best}\n"


def _repeated(seed: int, count: int, low: int, high: int) -> str:
    """A long input that is small when packed: a short pattern over and over."""
    dice = Dice(seed)
    pattern = [dice.between(low, high) for _ in range(500)]
    return lines(count, (pattern * (count // 500 + 1))[:count])


PROBLEM = MiniProblem(
    question_id="mini_ledger",
    title="Busy Ledger",
    statement=STATEMENT,
    platform=Platform.ATCODER,
    difficulty=Difficulty.MEDIUM,
    contest_id="mini-5",
    contest_date="2024-04-06T00:00:00",
    solve=solve,
    public_inputs=(lines(6, [3, -5, 4, -1, 2, -7]), lines(1, [10])),
    private_inputs=(
        lines(3, [-4, -2, -9]),
        lines(4, [5, -5, 5, -5]),
        _repeated(41, 2000, -1000, 1000),
        _repeated(42, _MOST, -1000, 990),
        _repeated(43, _MOST, -1000, -1),
    ),
    answers={
        STRONG: (
            fenced(
                """
                import sys

                def main():
                    data = sys.stdin.buffer.read().split()
                    best = end = int(data[1])
                    for p in map(int, data[2:]):
                        end = p if end < 0 else end + p
                        if end > best:
                            best = end
                    print(best)

                main()
                """
            ),
            fenced(
                """
                n = int(input())
                sums = [0, *accumulate(map(int, input().split()))]
                lowest = list(accumulate(sums, min))
                print(max(s - low for s, low in zip(sums[1:], lowest)))
                """,
                before="The best run that ends on a day starts after the lowest earlier prefix sum.",
            ),
        ),
        WEAK: (
            fenced(
                """
                n = int(input())
                p = list(map(int, input().split()))
                best = p[0]
                for i in range(n):
                    total = 0
                    for j in range(i, n):
                        total += p[j]
                        if total > best:
                            best = total
                print(best)
                """,
                Verdict.TIME_LIMIT,
                before="Try all runs.",
            ),
            fenced(
                """
                n = int(input())
                best = end = 0
                for p in map(int, input().split()):
                    end = max(0, end + p)
                    best = max(best, end)
                print(best)
                """,
                Verdict.WRONG_ANSWER,
                before="Kadane's algorithm:",
            ),
        ),
    },
)
