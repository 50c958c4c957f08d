"""The loop over the cases, on a scripted agent: what is run, what is checked, and where it stops."""

from __future__ import annotations

from dataclasses import dataclass

import pytest

from lcb_ray import fake
from lcb_ray.agent.protocol import ExecutionResult, Limits, Outcome, Program
from lcb_ray.agent_client import Cancelled, CancelSignal, Connection
from lcb_ray.batch import Batch, BatchResult, Case
from lcb_ray.errors import SandboxLost
from lcb_ray.execute import Progress, execute
from lcb_ray.fake import Break, FakeAgent, How


@dataclass(frozen=True)
class Seen:
    """A verdict that keeps what it was made of."""

    result: ExecutionResult
    case: Case

    @property
    def passed(self):
        return self.result.outcome is Outcome.EXITED and self.result.stdout == self.case.expected


CASES = [Case(b"0", b"0"), Case(b"1", b"1"), Case(b"2", b"2"), Case(b"3", b"3")]


def result(index, data=b"", outcome=Outcome.EXITED):
    return ExecutionResult(index=index, outcome=outcome, stdout=data)


class Loop:
    """One batch and its progress over any number of connections to one scripted agent."""

    connection = Connection

    def __init__(self, script, *, cases=CASES, check=Seen, stop_at_failure=True):
        self.asked = []
        self.agent = FakeAgent(self._noting(script))
        self.batch = Batch(Program(source=b"pass"), lambda: cases, check, Limits(), stop_at_failure)
        self.progress = Progress(cases)
        self.signal = CancelSignal()

    def _noting(self, script):
        def noting(program, index, data):
            self.asked.append(data if index >= 0 else "compile")
            return script(program, index, data)

        return noting

    def go(self, *, alone=False):
        self.asked.clear()

        def connect(cancel):
            return self.connection(self.agent.connect(), cancel)

        return execute(connect, self.batch, self.progress, self.signal, alone=alone)

    def close(self):
        self.agent.close()
        self.signal.close()

    @property
    def verdicts(self):
        return [seen.passed for seen in self.progress.checked]


@pytest.fixture
def loop():
    made = []

    def loop(*args, **options):
        made.append(Loop(*args, **options))
        return made[-1]

    yield loop
    for one in made:
        one.close()


def saying(**answers):
    """A script: echo, but for the inputs named by their number; an answer is an outcome or any answer of the fake."""
    by_data = {name.removeprefix("at_").encode(): answer for name, answer in answers.items()}

    def run(program, index, data):
        answer = by_data.get(data)
        if isinstance(answer, Outcome):
            return result(index, outcome=answer)
        return result(index, data) if answer is None else answer

    return fake.compiles(run)


def test_all_cases_in_order(loop):
    it = loop(saying())
    assert it.go()
    assert it.asked == ["compile", b"0", b"1", b"2", b"3"]
    assert [seen.case for seen in it.progress.checked] == CASES
    assert [seen.result.index for seen in it.progress.checked] == [0, 1, 2, 3]
    assert it.progress.result(1) == BatchResult(fake.compiled(), tuple(it.progress.checked), 4, 1)


def test_it_stops_at_the_first_failure(loop):
    it = loop(saying(at_1=Outcome.NONZERO_EXIT))
    assert it.go()
    assert it.verdicts == [True, False]
    assert it.progress.result(1).cases == 4


def test_or_runs_them_all(loop):
    it = loop(saying(at_1=Outcome.SIGNAL, at_2=Outcome.CPU_LIMIT), stop_at_failure=False)
    assert it.go()
    assert it.verdicts == [True, False, False, True]


def test_a_program_that_does_not_compile_runs_nothing(loop):
    it = loop(lambda *_: ExecutionResult(index=-1, outcome=Outcome.COMPILE_ERROR))
    assert it.go()
    assert it.asked == ["compile"]
    assert it.verdicts == []
    assert it.progress.result(1).compiled.outcome is Outcome.COMPILE_ERROR


def test_a_batch_without_cases_is_compiled_and_done(loop):
    it = loop(saying(), cases=[])
    assert it.go()
    assert it.progress.result(1) == BatchResult(fake.compiled(), (), 0, 1)


def test_what_is_expected_stays_on_this_side(loop):
    heard = []

    class Listening(Connection):
        def _send(self, kind, fields, body=b""):
            heard.append((kind, fields, body))
            super()._send(kind, fields, body)

    it = loop(saying(), cases=[Case(b"in", "SECRET")])
    it.connection = Listening
    assert it.go()
    assert [body for _, _, body in heard if body] == [b"pass", b"in"]
    assert "SECRET" not in repr(heard)


@pytest.mark.parametrize("stop_at_failure", [True, False])
@pytest.mark.parametrize("again", [None, Outcome.WALL_LIMIT])
def test_over_the_wall_is_run_once_more_alone_before_it_counts(loop, again, stop_at_failure):
    it = loop(saying(at_1=Outcome.WALL_LIMIT), stop_at_failure=stop_at_failure)
    assert not it.go()
    assert it.progress.wants_quiet
    assert it.verdicts == [True]

    it.agent.close()
    it.agent = FakeAgent(it._noting(saying(**({"at_1": again} if again else {}))))
    finished = it.go(alone=True)
    assert it.asked == ["compile", b"1"]  # that one case, and no other
    assert not it.progress.wants_quiet
    assert it.verdicts == [True, again is None]
    assert finished is (again is not None and stop_at_failure)
    if not finished:
        assert it.go()
        assert it.asked == ["compile", b"2", b"3"]
        assert it.verdicts == [True, again is None, True, True]
        assert [seen.result.index for seen in it.progress.checked] == [0, 1, 2, 3]


def test_over_the_wall_in_the_last_case(loop):
    it = loop(saying(at_3=Outcome.WALL_LIMIT))
    assert not it.go()
    assert it.go(alone=True)
    assert it.verdicts == [True, True, True, False]


@pytest.mark.parametrize(
    "outcome", [kind for kind in Outcome if kind not in (Outcome.WALL_LIMIT, Outcome.COMPILE_ERROR)]
)
def test_no_other_outcome_is_run_again(loop, outcome):
    it = loop(saying(at_2=outcome))
    assert it.go()
    assert len(it.verdicts) == 3
    assert not it.progress.wants_quiet


def test_already_alone_over_the_wall_counts_at_once(loop):
    it = loop(saying(at_0=Outcome.WALL_LIMIT))
    assert it.go(alone=True)
    assert it.verdicts == [False]


def test_a_loss_leaves_what_was_checked_and_is_raised(loop):
    it = loop(saying(at_2=Break(How.HANG_UP)))
    with pytest.raises(SandboxLost):
        it.go()
    assert it.verdicts == [True, True]


def test_an_exception_of_the_check_is_raised_as_it_is(loop):
    bug = KeyError("of the judge")

    def check(result, case):
        if case.input == b"1":
            raise bug
        return Seen(result, case)

    it = loop(saying(), check=check)
    with pytest.raises(KeyError) as caught:
        it.go()
    assert caught.value is bug


def test_it_can_be_cancelled_while_a_case_runs(loop):
    it = loop(saying(at_2=Break(How.STALL)), check=lambda result, case: (it.signal.set(), Seen(result, case))[1])
    with pytest.raises(Cancelled):
        it.go()


def test_it_can_be_cancelled_before_it_runs(loop):
    it = loop(saying(at_0=Break(How.STALL)))
    it.signal.set()
    with pytest.raises(Cancelled):
        it.go()
    assert it.verdicts == []


def test_unfinished_progress_has_no_result():
    with pytest.raises(RuntimeError, match="has not run"):
        Progress([]).result(1)
