import threading
from concurrent.futures import Future

import pytest

from livecodebench.errors import OutputError
from livecodebench.judging.stream import Judging
from livecodebench.submission import Submission
from livecodebench.verdict import Judgement, Verdict


def judgement_of(submission):
    return Judgement(
        model=submission.model,
        question_id=submission.question_id,
        sample=submission.sample,
        grading="standard",
        verdict=Verdict.ACCEPTED,
        error=None,
        tests_total=1,
    )


class HandJudge:
    """Hands out futures and leaves it to the test to settle them."""

    def __init__(self):
        self.futures = {}
        self.most = 0

    def submit(self, submission):
        future = self.futures[submission.sample] = Future()
        future.submission = submission
        self.most = max(self.most, sum(not one.done() for one in self.futures.values()))
        return future

    def settle(self, sample):
        future = self.futures[sample]
        future.set_result(judgement_of(future.submission))


class PromptJudge(HandJudge):
    """Settles the oldest one whenever another is asked for."""

    def submit(self, submission):
        future = super().submit(submission)
        threading.Thread(target=self.settle, args=(submission.sample,)).start()
        return future


def submissions(count):
    return [Submission("p", "pass", sample=sample) for sample in range(count)]


def test_all_are_judged_and_few_are_under_way():
    kept = []
    judge = PromptJudge()
    taken = []

    def watched():
        for submission in submissions(50):
            taken.append(submission.sample)
            assert len(taken) - len(kept) <= 3
            yield submission

    assert Judging(judge, window=3).run(watched(), kept.append) is True
    assert sorted(judgement.sample for judgement in kept) == list(range(50))
    assert judge.most <= 3


def test_nothing_to_do():
    assert Judging(HandJudge(), window=3).run([], lambda judgement: pytest.fail("nothing was submitted")) is True


def test_a_stop_cancels_what_is_under_way_and_keeps_what_is_done():
    judge = HandJudge()
    judging = Judging(judge, window=3)
    kept = []

    def keep(judgement):
        kept.append(judgement.sample)
        if judgement.sample == 0:
            judge.settle(2)  # done by the time of the stop, and not taken yet
            judging.stop()

    def settled_first():
        yield from submissions(2)
        judge.settle(0)
        yield from submissions(10)[2:]

    assert judging.run(settled_first(), keep) is False
    assert kept == [0, 2]
    assert judge.futures[1].cancelled()
    assert len(judge.futures) == 3


@pytest.mark.parametrize("where", ["keep", "judge"])
def test_what_is_raised_comes_out_and_the_rest_is_cancelled(where):
    judge = HandJudge()

    def settled():
        yield from submissions(2)
        if where == "judge":
            judge.futures[0].set_exception(OutputError("full"))
        else:
            judge.settle(0)
        yield from submissions(3)[2:]

    def keep(judgement):
        raise OutputError("full")

    with pytest.raises(OutputError, match="full"):
        Judging(judge, window=3).run(settled(), keep)
    assert judge.futures[1].cancelled()
    assert judge.futures[2].cancelled()
