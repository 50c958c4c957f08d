"""Balanced brackets of several kinds: a returned boolean."""

import json

from livecodebench.problem import Difficulty, Platform
from livecodebench.verdict import Verdict
from tools.mini.model import STRONG, WEAK, Dice, MiniProblem, fenced, program

STATEMENT = program("""
    A badge is engraved with brackets of three kinds: (), [] and {}. It is balanced if every opening bracket is closed
    by a bracket of its kind, and whatever stands between the two is balanced as well. The empty badge is balanced.
    Return whether a badge is balanced.

    Constraints:

    0 <= badge.length <= 10^4
    badge consists of brackets only.
""")

_CLOSES = {")": "(", "]": "[", "}": "{"}


def solve(given: str) -> str:
    """With a stack of what is open."""
    opened: list[str] = []
    for bracket in json.loads(given):
        if bracket not in _CLOSES:
            opened.append(bracket)
        elif not opened or opened.pop() != _CLOSES[bracket]:
            return "false"
    return json.dumps(not opened)


def _balanced(seed: int, pairs: int) -> str:
    dice = Dice(seed)
    text, opened = "", ""
    while pairs or opened:
        if pairs and (not opened or dice.below(2)):
            kind = dice.below(3)
            text, opened, pairs = text + "([{"[kind], opened + ")]}"[kind], pairs - 1
        else:
            text, opened = text + opened[-1], opened[:-1]
    return text


PROBLEM = MiniProblem(
    question_id="mini_balanced_badge",
    title="mini-balanced-badge",
    statement=STATEMENT,
    platform=Platform.LEETCODE,
    difficulty=Difficulty.EASY,
    contest_id="mini-4",
    contest_date="2024-04-13T00:00:00",
    starter_code="class Solution:\n    def isBalanced(self, badge: str) -> bool:\n        ",
    func_name="isBalanced",
    parameters=("badge",),
    solve=solve,
    public_inputs=('"{[]()}"', '"([)]"'),
    private_inputs=(
        '""',
        '"]"',
        '"(("',
        json.dumps(_balanced(111, 30)),
        json.dumps(_balanced(112, 5000)),
        json.dumps(_balanced(113, 2000) + "}"),
    ),
    answers={
        STRONG: (
            fenced(
                """
                class Solution:
                    def isBalanced(self, badge: str) -> bool:
                        stack = []
                        pairs = {")": "(", "]": "[", "}": "{"}
                        for c in badge:
                            if c in pairs:
                                if not stack or stack.pop() != pairs[c]:
                                    return False
                            else:
                                stack.append(c)
                        return not stack
                """
            ),
            fenced(
                """
                def isBalanced(badge: str) -> bool:
                    expected = []
                    for c in badge:
                        if c in "([{":
                            expected.append(")]}"["([{".index(c)])
                        elif not expected or expected.pop() != c:
                            return False
                    return expected == []
                """,
                before="A plain function is enough here.",
            ),
        ),
        WEAK: (
            fenced(
                """
                class Solution:
                    def isBalanced(self, badge: str) -> bool:
                        return all(badge.count(a) == badge.count(b) for a, b in ("()", "[]", "{}"))
                """,
                Verdict.WRONG_ANSWER,
                before="Count the brackets.",
            ),
            fenced(
                """
                class Solution:
                    def isBalanced(self, badge: str) -> bool:
                        while "()" in badge or "[]" in badge or "{}" in badge:
                            badge = badge.replace("()", "").replace("[]", "").replace("{}", "")
                        return badge == ""
                """
            ),
        ),
    },
)
