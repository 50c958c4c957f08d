"""Letters that several words share, in any order: a checker that ignores the order."""

import json

from livecodebench.problem import Difficulty, Platform
from livecodebench.verdict import Verdict
from tools.mini.model import STRONG, WEAK, Dice, MiniProblem, fenced, program

STATEMENT = program("""
    Given a list of words, return the letters that occur in every word. A letter that occurs at least m times in every
    word is returned m times, but no more often. The letters may be returned in any order.

    Constraints:

    1 <= words.length <= 100
    1 <= words[i].length <= 100
    words[i] consists of lowercase English letters.
""")


def solve(given: str) -> str:
    """The least count of each letter."""
    words = json.loads(given)
    shared = "".join(letter * min(word.count(letter) for word in words) for letter in sorted(set(words[0])))
    return json.dumps(list(shared))


def _random(seed: int, count: int, length: int, letters: str) -> str:
    dice = Dice(seed)
    return json.dumps([dice.word(dice.between(length // 2, length), letters) for _ in range(count)])


PROBLEM = MiniProblem(
    question_id="mini_shared_letters",
    title="mini-shared-letters",
    statement=STATEMENT,
    platform=Platform.LEETCODE,
    difficulty=Difficulty.EASY,
    contest_id="mini-2",
    contest_date="2024-03-02T00:00:00",
    starter_code="class Solution:\n    def sharedLetters(self, words: List[str]) -> List[str]:\n        ",
    func_name="sharedLetters",
    parameters=("words",),
    solve=solve,
    public_inputs=('["pool", "loop", "oolong"]', '["abc", "xyz"]'),
    private_inputs=(
        '["zz"]',
        '["abcabc", "cba"]',
        _random(91, 3, 40, "abcdef"),
        _random(92, 100, 100, "pqrst"),
    ),
    answers={
        STRONG: (
            fenced(
                """
                class Solution:
                    def sharedLetters(self, words: List[str]) -> List[str]:
                        common = Counter(words[0])
                        for word in words[1:]:
                            common &= Counter(word)
                        return list(common.elements())
                """
            ),
            fenced(
                """
                class Solution:
                    def sharedLetters(self, words: List[str]) -> List[str]:
                        result = []
                        for letter in "zyxwvutsrqponmlkjihgfedcba":
                            result += [letter] * min(word.count(letter) for word in words)
                        return result
                """
            ),
        ),
        WEAK: (
            fenced(
                """
                class Solution:
                    def sharedLetters(self, words: List[str]) -> List[str]:
                        return sorted(set.intersection(*map(set, words)))
                """,
                Verdict.WRONG_ANSWER,
                before="Intersect the sets of letters.",
            ),
            fenced(
                """
                class Solution:
                    def sharedLetters(self, words: List[str]) -> List[str]:
                        shared = list(words[0])
                        for word in words[1:]:
                            left = list(word)
                            kept = []
                            for c in shared:
                                if c in left:
                                    left.remove(c)
                                    kept.append(c)
                            shared = kept
                        return shared
                """
            ),
        ),
    },
)
