"""Longest expected first: by input and difficulty, with the answers to a problem together."""

from __future__ import annotations

from livecodebench.dataset.opening import open_dataset
from livecodebench.judging.order import longest_expected_first
from livecodebench.problem import Difficulty
from livecodebench.submission import Submission

MINI = open_dataset("mini")
BY_DIFFICULTY = {problem.difficulty: problem.question_id for problem in MINI.values()}
EASY, HARD = BY_DIFFICULTY[Difficulty.EASY], BY_DIFFICULTY[Difficulty.HARD]


def ordered(submissions, **sizes):
    return [one.key for one in longest_expected_first(submissions, MINI, {EASY: sizes["easy"], HARD: sizes["hard"]})]


def test_what_is_harder_comes_first_unless_it_has_far_less_input():
    submissions = [Submission(EASY, ""), Submission(HARD, "")]
    hard_first = [(None, HARD, 0), (None, EASY, 0)]
    assert ordered(submissions, easy=1000, hard=1000) == hard_first
    assert ordered(submissions, easy=1000, hard=100) == hard_first
    assert ordered(submissions, easy=1000, hard=10) == hard_first[::-1]


def test_answers_to_a_problem_stay_together_in_their_order():
    submissions = [Submission(id, "", model, sample) for id in (EASY, HARD) for model in "ba" for sample in (0, 1)]
    keys = [one.key for one in submissions]
    assert ordered(submissions, easy=1, hard=1) == keys[4:] + keys[:4]


def test_the_dataset_says_how_large_its_inputs_are():
    sizes = MINI.check_tests([EASY])
    assert sizes == {EASY: sum(len(test.input) for test in MINI[EASY].tests())}
