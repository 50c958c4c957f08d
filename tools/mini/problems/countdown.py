"""Counting down: an easy problem, and an answer that leaves its debugging output in."""

from livecodebench.problem import Difficulty, Platform
from livecodebench.verdict import Verdict
from tools.mini.model import STRONG, WEAK, MiniProblem, fenced, lines, program

STATEMENT = program("""
    A rocket is launched when a countdown from N reaches zero. Numbers that are divisible by 5 are followed by " check".

    Input

    The input is given from Standard Input in the following format:
    N

    Output

    Print the numbers N, N-1, ..., 1, one per line, then "launch".

    Constraints

    - 1 <= N <= 10000
    - N is an integer.
""")


def solve(given: str) -> str:
    """The lines, in order."""
    steps = [f"{number} check" if number % 5 == 0 else number for number in range(int(given), 0, -1)]
    return lines(*steps, "launch")


PROBLEM = MiniProblem(
    question_id="mini_countdown",
    title="Countdown",
    statement=STATEMENT,
    platform=Platform.ATCODER,
    difficulty=Difficulty.EASY,
    contest_id="mini-7",
    contest_date="2024-06-22T19:30:00",
    solve=solve,
    public_inputs=(lines(6), lines(1)),
    private_inputs=(lines(5), lines(100), lines(10_000)),
    answers={
        STRONG: (
            fenced(
                """
                n = int(input())
                for i in range(n, 0, -1):
                    print(i, "check") if i % 5 == 0 else print(i)
                print("launch")
                """
            ),
            fenced(
                """
                import sys

                n = int(sys.stdin.readline())
                out = [str(i) + (" check" if i % 5 == 0 else "") for i in range(n, 0, -1)]
                sys.stdout.write("\\n".join(out + ["launch", ""]))
                """
            ),
        ),
        WEAK: (
            fenced(
                """
                n = int(input())
                i = n
                while i != 0:
                    print("debug: i =", i, "." * 1_000_000)
                    print(str(i) + " check" if i % 5 == 0 else i)
                    i -= 1 if i > 1 else 0
                print("launch")
                """,
                Verdict.OUTPUT_LIMIT,
            ),
            fenced(
                """
                n = int(input())
                while n:
                    print(n, "check" * (n % 5 == 0))
                    n -= 1
                print("launch")
                """,
                after="The blank behind the other numbers is stripped by the judge.",
            ),
        ),
    },
)
