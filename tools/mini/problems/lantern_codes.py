"""Run lengths of several words, one line each. One answer ends in a block of sample output, one has no block at all."""

from itertools import groupby

from livecodebench.problem import Difficulty, Platform
from livecodebench.verdict import Verdict
from tools.mini.model import STRONG, WEAK, Answer, Dice, MiniProblem, fenced, lines, program

STATEMENT = program("""
    Lighthouses talk in flashes. A message is a word of lowercase letters, and it is sent as a code: each maximal run
    of equal letters becomes the letter followed by the length of the run.
    For example, "aaab" is sent as "a3b1".

    You are given Q messages. Print the code of each.

    Input

    The first line contains Q. Each of the next Q lines contains one message.

    Output

    Print Q lines, the codes in the order of the messages.

    Constraints

    - 1 <= Q <= 100
    - A message has from 1 to 1000 letters.
""")


def solve(given: str) -> str:
    """Group equal letters."""
    _, *messages = given.split()
    return lines(*("".join(f"{letter}{len(list(run))}" for letter, run in groupby(word)) for word in messages))


def _random(seed: int, count: int, length: int, letters: str) -> str:
    dice = Dice(seed)
    return lines(count, *(dice.word(dice.between(1, length), letters) for _ in range(count)))


_CODE = """
    for _ in range(int(input())):
        message = input().strip()
        code = []
        start = 0
        for i in range(1, len(message) + 1):
            if i == len(message) or message[i] != message[start]:
                code.append(message[start] + str(i - start))
                start = i
        print("".join(code))
"""

PROBLEM = MiniProblem(
    question_id="mini_lantern_codes",
    title="Lantern Codes",
    statement=STATEMENT,
    platform=Platform.CODEFORCES,
    difficulty=Difficulty.EASY,
    contest_id="mini-2",
    contest_date="2024-02-10T00:00:00",
    solve=solve,
    public_inputs=(lines(3, "aaab", "xyz", "q"),),
    private_inputs=(
        lines(1, "z"),
        lines(2, "a" * 1000, "ab" * 500),
        _random(11, 20, 12, "ab"),
        _random(12, 100, 300, "abc"),
    ),
    answers={
        STRONG: (
            fenced(
                """
                from itertools import groupby

                for _ in range(int(input())):
                    print("".join(c + str(len(list(g))) for c, g in groupby(input().strip())))
                """
            ),
            fenced(
                _CODE, before="A first idea was\n\n```python\nfrom itertools import groupby\n```\n\nbut a loop will do:"
            ),
        ),
        WEAK: (
            fenced(
                _CODE,
                Verdict.RUNTIME_ERROR,
                before="Scan each message.",
                after="For the sample this prints\n\n```\na3b1\nx1y1z1\nq1\n```",
            ),
            Answer(
                "Walk over the message, remember the current letter and how often it was seen, and print both when the "
                "letter changes. Do not forget the last run.",
                Verdict.NO_CODE,
            ),
        ),
    },
)
