"""A mean of speeds, with the tolerance that the statement grants: right answers differ from the reference's digits."""

from fractions import Fraction

from livecodebench.problem import Difficulty, Platform
from livecodebench.verdict import Verdict
from tools.mini.model import STRONG, WEAK, Dice, MiniProblem, fenced, lines, program

STATEMENT = program("""
    A relay team runs N legs. Leg i is D_i metres long and is run at V_i metres per second.
    What is the mean speed of the team, that is, the whole distance divided by the whole time?

    Input

    The input is given from Standard Input in the following format:
    N
    D_1 V_1
    :
    D_N V_N

    Output

    Print the mean speed in metres per second.
    Your answer is accepted if its absolute or relative error is at most 10^{-6}.

    Constraints

    - 1 <= N <= 1000
    - 1 <= D_i <= 10^6
    - 1 <= V_i <= 100
    - All input values are integers.
""")


def solve(given: str) -> str:
    """Exact, printed with twelve digits behind the point."""
    _, *numbers = map(int, given.split())
    legs = list(zip(numbers[::2], numbers[1::2], strict=True))
    mean = sum(distance for distance, _ in legs) / sum(Fraction(distance, speed) for distance, speed in legs)
    scaled = round(mean * 10**12)
    return f"{scaled // 10**12}.{scaled % 10**12:012d}\n"


def _random(seed: int, count: int) -> str:
    dice = Dice(seed)
    return lines(count, *([dice.between(1, 10**6), dice.between(1, 100)] for _ in range(count)))


PROBLEM = MiniProblem(
    question_id="mini_relay_pace",
    title="Relay Pace",
    statement=STATEMENT,
    platform=Platform.ATCODER,
    difficulty=Difficulty.EASY,
    contest_id="mini-3",
    contest_date="2024-02-24T00:00:00",
    solve=solve,
    public_inputs=(lines(2, [100, 5], [100, 10]), lines(1, [42, 7])),
    private_inputs=(lines(3, [1, 1], [1, 2], [1, 3]), _random(21, 10), _random(22, 1000)),
    answers={
        STRONG: (
            fenced(
                """
                n = int(input())
                distance = time = 0
                for _ in range(n):
                    d, v = map(int, input().split())
                    distance += d
                    time += d / v
                print(distance / time)
                """
            ),
            fenced(
                """
                from fractions import Fraction

                n = int(input())
                legs = [tuple(map(int, input().split())) for _ in range(n)]
                mean = sum(d for d, _ in legs) / sum(Fraction(d, v) for d, v in legs)
                print("%.7f" % mean)
                """
            ),
        ),
        WEAK: (
            fenced(
                """
                n = int(input())
                speeds = [int(input().split()[1]) for _ in range(n)]
                print(sum(speeds) / n)
                """,
                Verdict.WRONG_ANSWER,
                before="The mean speed is the average of the speeds.",
            ),
            fenced(
                """
                n = int(input())
                distance = time = 0
                for _ in range(n):
                    d, v = map(int, input().split())
                    distance += d
                    time += d / v
                print(round(distance / time, 2))
                """,
                Verdict.WRONG_ANSWER,
            ),
        ),
    },
)
