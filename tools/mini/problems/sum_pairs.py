"""Counting pairs with a given sum: hash map, or two loops. The wrong answer counts each pair twice."""

from collections import Counter

from livecodebench.problem import Difficulty, Platform
from livecodebench.verdict import Verdict
from tools.mini.model import STRONG, WEAK, Dice, MiniProblem, fenced, lines, program

STATEMENT = program("""
    A ferry takes exactly two parcels on each trip, and it is stable only if their weights add up to T.
    There are N parcels, the i-th of weight W_i. Count the pairs (i, j) with i < j and W_i + W_j = T.

    Input

    The input is given from Standard Input in the following format:
    N T
    W_1 W_2 ... W_N

    Output

    Print the number of pairs.

    Constraints

    - 1 <= N <= 2000
    - 1 <= T, W_i <= 10^9
    - All input values are integers.
""")


def solve(given: str) -> str:
    """Count with a map of the weights seen."""
    _, target, *weights = map(int, given.split())
    seen: Counter[int] = Counter()
    pairs = 0
    for weight in weights:
        pairs += seen[target - weight]
        seen[weight] += 1
    return f"{pairs}\n"


def _random(seed: int, count: int, most: int) -> str:
    dice = Dice(seed)
    return lines([count, dice.between(2, 2 * most)], [dice.between(1, most) for _ in range(count)])


PROBLEM = MiniProblem(
    question_id="mini_sum_pairs",
    title="Ferry Pairs",
    statement=STATEMENT,
    platform=Platform.ATCODER,
    difficulty=Difficulty.EASY,
    contest_id="mini-1",
    contest_date="2024-01-13T00:00:00",
    solve=solve,
    public_inputs=(lines([5, 6], [1, 5, 3, 3, 3]), lines([3, 10], [1, 2, 3])),
    private_inputs=(
        lines([1, 2], [1]),
        lines([4, 2], [1, 1, 1, 1]),
        _random(1, 50, 20),
        _random(2, 1000, 40),
        _random(3, 1000, 10**9),
    ),
    answers={
        STRONG: (
            fenced(
                """
                from collections import Counter

                n, t = map(int, input().split())
                seen = Counter()
                answer = 0
                for w in map(int, input().split()):
                    answer += seen[t - w]
                    seen[w] += 1
                print(answer)
                """,
                before="Go through the parcels and count, for each, the earlier ones that complete it to T.",
            ),
            fenced(
                """
                import sys

                def main():
                    data = list(map(int, sys.stdin.read().split()))
                    n, t = data[0], data[1]
                    seen = defaultdict(int)
                    total = 0
                    for w in data[2:2 + n]:
                        total += seen[t - w]
                        seen[w] += 1
                    print(total)

                if __name__ == "__main__":
                    main()
                """,
                after="Each parcel is looked at once, so this takes O(N).",
            ),
        ),
        WEAK: (
            fenced(
                """
                n, t = map(int, input().split())
                w = list(map(int, input().split()))
                print(sum(w[i] + w[j] == t for i in range(n) for j in range(i)))
                """,
                before="N is small, two loops are enough.",
            ),
            fenced(
                """
                n, t = map(int, input().split())
                w = list(map(int, input().split()))
                print(sum(w.count(t - x) for x in w))
                """,
                Verdict.WRONG_ANSWER,
                before="For each weight, count how often the missing weight occurs.",
            ),
        ),
    },
)
