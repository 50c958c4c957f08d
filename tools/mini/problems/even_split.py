"""Splitting weights into equal halves: several right answers, verified by a checker of its own."""

from livecodebench.problem import Difficulty, Platform
from livecodebench.verdict import Verdict
from tools.mini.model import STRONG, WEAK, Dice, MiniProblem, fenced, lines, program

STATEMENT = program("""
    N crates have to cross a lake in two boats, A and B. The boats must carry the same total weight, and every crate
    must go. Find a way to load them.

    Input

    The input is given from Standard Input in the following format:
    N
    W_1 W_2 ... W_N

    Output

    If it is impossible, print -1.
    Otherwise print a string of N letters: the i-th is the boat, A or B, that takes crate i.
    If there are several ways, print any of them.

    Constraints

    - 1 <= N <= 60
    - 1 <= W_i <= 1000
    - All input values are integers.
""")


def solve(given: str) -> str:
    """Sums that the first crates reach, as bits; then back, crate by crate, B wherever possible."""
    _, *weights = map(int, given.split())
    reached = [1]
    for weight in weights:
        reached.append(reached[-1] | reached[-1] << weight)
    half, odd = divmod(sum(weights), 2)
    if odd or not reached[-1] >> half & 1:
        return "-1\n"
    letters = []
    for at in range(len(weights), 0, -1):
        stays = reached[at - 1] >> half & 1
        letters.append("B" if stays else "A")
        half -= 0 if stays else weights[at - 1]
    return "".join(reversed(letters)) + "\n"


def _random(seed: int, count: int, most: int) -> str:
    dice = Dice(seed)
    weights = [dice.between(1, most) for _ in range(count - 1)]
    return lines(count, [*weights, 1 + sum(weights) % 2])


PROBLEM = MiniProblem(
    question_id="mini_even_split",
    title="Two Boats",
    statement=STATEMENT,
    platform=Platform.CODEFORCES,
    difficulty=Difficulty.MEDIUM,
    contest_id="mini-4",
    contest_date="2024-03-16T00:00:00",
    solve=solve,
    public_inputs=(lines(4, [3, 1, 2, 4]), lines(2, [1, 2])),
    private_inputs=(
        lines(1, [5]),
        lines(3, [2, 2, 2]),
        lines(6, [1000, 1, 1, 1, 1, 996]),
        _random(31, 12, 9),
        lines(60, [200] * 60),
        _random(32, 60, 250),
    ),
    answers={
        STRONG: (
            fenced(
                """
                n = int(input())
                w = list(map(int, input().split()))
                total = sum(w)
                ways = {0: ""}
                for x in w:
                    new = {}
                    for s, path in ways.items():
                        new.setdefault(s + x, path + "A")
                        new.setdefault(s, path + "B")
                    ways = new
                print(ways.get(total // 2, "-1") if total % 2 == 0 else -1)
                """,
                before="Keep one way to load for every reachable weight of boat A.",
            ),
            fenced(
                """
                import sys
                from functools import lru_cache

                n = int(input())
                w = list(map(int, input().split()))

                @lru_cache(None)
                def load(i, rest):
                    if rest < 0 or (i == n and rest > 0):
                        return None
                    if i == n:
                        return ""
                    for boat, used in (("B", 0), ("A", w[i])):
                        tail = load(i + 1, rest - used)
                        if tail is not None:
                            return boat + tail
                    return None

                answer = load(0, sum(w) // 2) if sum(w) % 2 == 0 else None
                print(-1 if answer is None else answer)
                """
            ),
        ),
        WEAK: (
            fenced(
                """
                n = int(input())
                w = list(map(int, input().split()))
                a = b = 0
                out = ""
                for x in w:
                    if a <= b:
                        a += x
                        out += "A"
                    else:
                        b += x
                        out += "B"
                print(out if a == b else -1)
                """,
                Verdict.WRONG_ANSWER,
                before="Always load the lighter boat.",
            ),
            fenced(
                """
                n = int(input())
                w = list(map(int, input().split()))
                half = sum(w) // 2
                order = sorted(range(n), key=lambda i: -w[i])
                out = ["B"] * n
                while half:
                    i = order.pop(0)
                    if w[i] <= half:
                        out[i] = "A"
                        half -= w[i]
                print("".join(out))
                """,
                Verdict.WRONG_ANSWER,
                before="Fill boat A greedily with the heaviest crates.",
            ),
        ),
    },
)
