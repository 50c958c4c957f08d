"""Longest expected first: by input, with the answers to a problem together."""

from __future__ import annotations

from livecodebench.dataset.opening import open_dataset
from livecodebench.judging.order import longest_expected_first
from livecodebench.submission import Submission

MINI = open_dataset("mini")
ONE, OTHER = list(MINI)[:2]
SUBMISSIONS = [Submission(id, "", model, sample) for id in (ONE, OTHER) for model in "ba" for sample in (0, 1)]


def ordered(**sizes):
    return [one.key for one in longest_expected_first(SUBMISSIONS, {ONE: sizes["one"], OTHER: sizes["other"]})]


def test_what_has_most_input_comes_first_and_answers_to_a_problem_stay_together_in_their_order():
    keys = [one.key for one in SUBMISSIONS]
    assert ordered(one=1000, other=1001) == keys[4:] + keys[:4]
    assert ordered(one=1000, other=999) == keys
    assert ordered(one=1000, other=1000) == keys


def test_the_dataset_says_how_large_its_inputs_are():
    sizes = MINI.check_tests([ONE])
    assert sizes == {ONE: sum(len(test.input) for test in MINI[ONE].tests())}
