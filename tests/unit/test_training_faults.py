"""What counts as a fault that became a reward."""

import pytest

from tests.training_faults import findings

TRUTH = {("a", 0): 1.0, ("a", 1): 0.0}
WORDS = "step 0 …\ngain in mean reward: +0.100; masked rollouts: {}\n"


def row(action, reward):
    return {"step": 0, "problem": "a", "action": action, "reward": reward}


def found(rows, counted):
    return findings(rows, WORDS.format(counted), lambda *program: TRUTH[program])


def test_rewards_that_are_the_programs_own_are_good():
    seen = found([row(0, 1.0), row(1, 0.0), row(1, None)], 1)
    assert seen.good
    assert (seen.rollouts, seen.masked, seen.zeros) == (3, 1, 1)


@pytest.mark.parametrize(
    ("rows", "counted"),
    [
        ([row(0, 0.0)], 0),  # a fault, as a reward
        ([row(1, 1.0)], 0),
        ([row(0, None)], 0),  # not counted
        ([], 0),
        ([row(0, None), row(0, 1.0)], 1),  # too little was judged to show anything
    ],
)
def test_what_is_not(rows, counted):
    assert not found(rows, counted).good


def test_a_trainer_that_did_not_come_to_its_end_is_not_good():
    assert not findings([row(0, 1.0)], "Traceback …", lambda *program: TRUTH[program]).good
