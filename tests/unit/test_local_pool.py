"""The local pool on scripted agents: what is lost runs again, what was cancelled stops, and nothing is left behind."""

from __future__ import annotations

import gc
import os
import subprocess
import sys
import threading
import time
import weakref
from collections import Counter
from concurrent.futures import CancelledError, wait
from dataclasses import dataclass
from pathlib import Path

import pytest

from lcb_ray import fake
from lcb_ray.agent.protocol import ExecutionResult, Outcome, Program
from lcb_ray.batch import Batch, Case
from lcb_ray.errors import PoolClosed, ProtocolError, SandboxError, SandboxLost, SandboxOverloaded, SandboxUnusable
from lcb_ray.fake import Break, Cut, FakeAgent, Fault, How
from lcb_ray.local import LocalPool
from lcb_ray.retry import MAX_ATTEMPTS

LONG_S = 60.0


@dataclass(frozen=True)
class Verdict:
    passed: bool
    outcome: Outcome


def check(result, case):
    return Verdict(result.outcome is Outcome.EXITED and result.stdout == case.expected, result.outcome)


def result(index, data=b"", outcome=Outcome.EXITED):
    return ExecutionResult(index=index, outcome=outcome, stdout=data)


def batch_of(count=3, *, name=b"batch", check=check, cases=None, **options):
    """A batch whose inputs are its name and their number, and whose right answers are the same."""
    inputs = [Case(name + b"-%d" % number, name + b"-%d" % number) for number in range(count)]
    return Batch(Program(source=name), cases or (lambda: inputs), check, key=name.decode(), **options)


def until(condition):
    """Look until it is so: nothing tells when a thread begins to wait."""
    end = time.monotonic() + LONG_S
    while not condition():
        assert time.monotonic() < end
        os.sched_yield()


def descriptors():
    return len(list(Path("/proc/self/fd").iterdir()))


class Stage:
    """A pool whose agents ask this for their answers; it keeps a log, and answers by the queue of each input."""

    def __init__(self, slots=1, cuts=None, start=None):
        self.log = []
        self.agents = []
        self.answers = {}  # input -> list of answers still to give, before echoing
        self.gates = {}  # input -> event to wait for before answering; set once the test lets go
        self.asked = {}  # input -> event that is set once it was asked
        self._cuts = cuts or {}
        self.pool = LocalPool(slots, start=start or self._start)

    def _start(self):
        agent = FakeAgent(fake.compiles(self._answer), cuts=self._cuts.get(len(self.agents)))
        self.agents.append(agent)
        return agent

    def _answer(self, program, index, data):
        self.log.append(data)
        if data in self.asked:
            self.asked[data].set()
        if data in self.gates:
            self.gates[data].wait(LONG_S)
        if self.answers.get(data):
            answer = self.answers[data].pop(0)
            return result(index, outcome=answer) if isinstance(answer, Outcome) else answer
        return result(index, data)

    def hold(self, data):
        """Make the answer to this input wait for the returned gate; the other event tells that it was asked."""
        self.gates[data], self.asked[data] = threading.Event(), threading.Event()
        return self.gates[data], self.asked[data]

    def run(self, batch):
        return self.pool.submit(batch).result(LONG_S)

    def close(self):
        for gate in self.gates.values():
            gate.set()
        self.pool.close()


@pytest.fixture
def stage():
    made = []

    def stage(*args, **options):
        made.append(Stage(*args, **options))
        return made[-1]

    yield stage
    for one in made:
        one.close()


def test_a_batch_is_run_and_checked(stage):
    it = stage()
    done = it.run(batch_of(3))
    assert [verdict.passed for verdict in done.checked] == [True] * 3
    assert (done.cases, done.attempts, done.compiled.outcome) == (3, 1, Outcome.EXITED)


@pytest.mark.parametrize(("how", "agents"), [(How.DIE, 2), (How.HANG_UP, 1)])
def test_what_is_lost_runs_again(stage, how, agents):
    """A killed warden takes one batch with it, a killed agent is replaced."""
    it = stage()
    it.answers[b"batch-1"] = [Break(how)]
    done = it.run(batch_of(3))
    assert [verdict.passed for verdict in done.checked] == [True] * 3
    assert done.attempts == 2
    assert len(it.agents) == agents
    assert it.log == [b"batch-0", b"batch-1", b"batch-0", b"batch-1", b"batch-2"]


@pytest.mark.parametrize("after", [0, 7, 150, 400])
def test_a_connection_cut_anywhere_is_a_loss(stage, after):
    it = stage(cuts={0: {0: Cut(How.DIE, after)}})
    assert it.run(batch_of(3)).attempts == 2


@pytest.mark.parametrize(
    ("answer", "kind"),
    [
        (Break(How.DIE), SandboxLost),
        (Break(How.HANG_UP), SandboxLost),
        (Break(How.HANG_UP, b"nonsense" * 10), ProtocolError),
        (Fault("jail"), SandboxLost),
        (Fault("memory"), SandboxOverloaded),
        (Fault("overloaded"), SandboxOverloaded),
        (Fault("never heard of"), SandboxLost),
    ],
)
def test_what_fails_every_time_is_an_error_after_a_few_attempts_and_never_a_result(stage, answer, kind):
    it = stage()
    it.answers[b"batch-1"] = [answer] * 10
    with pytest.raises(SandboxError, match=f"tried {MAX_ATTEMPTS} times") as caught:
        it.run(batch_of(3))
    assert type(caught.value) is kind
    assert caught.value.attempts == MAX_ATTEMPTS
    assert it.log.count(b"batch-1") == MAX_ATTEMPTS
    assert it.run(batch_of(2, name=b"next")).attempts == 1


def test_an_overloaded_sandbox_may_be_better_the_next_time(stage):
    it = stage()
    it.answers[b"batch-2"] = [Fault("overloaded"), Fault("memory")]
    done = it.run(batch_of(3))
    assert done.attempts == 3
    assert all(verdict.passed for verdict in done.checked)


def test_after_a_loss_a_batch_runs_alone(stage):
    """So that a program that takes its sandbox down does not take others' with it."""
    it = stage(slots=2)
    gate, asked = it.hold(b"other-0")
    it.answers[b"bad-0"] = [Break(How.HANG_UP)]
    other = it.pool.submit(batch_of(1, name=b"other"))
    assert asked.wait(LONG_S)
    bad = it.pool.submit(batch_of(1, name=b"bad"))
    until(lambda: it.pool._sandboxes[0].turnstile._waiting_alone)
    assert it.log == [b"other-0", b"bad-0"]
    assert not bad.done()
    gate.set()
    assert other.result(LONG_S).attempts == 1
    assert bad.result(LONG_S).attempts == 2
    assert it.log == [b"other-0", b"bad-0", b"bad-0"]


@pytest.mark.parametrize(("second", "expected"), [([], Outcome.EXITED), ([Outcome.WALL_LIMIT], Outcome.WALL_LIMIT)])
def test_over_the_wall_a_case_runs_once_more_alone(stage, second, expected):
    it = stage(slots=2)
    gate, asked = it.hold(b"other-0")
    it.answers[b"slow-1"] = [Outcome.WALL_LIMIT, *second]
    other = it.pool.submit(batch_of(1, name=b"other"))
    assert asked.wait(LONG_S)
    slow = it.pool.submit(batch_of(3, name=b"slow"))
    until(lambda: it.pool._sandboxes[0].turnstile._waiting_alone)
    assert not slow.done()
    gate.set()
    done = slow.result(LONG_S)
    assert other.result(LONG_S)
    assert done.attempts == 1  # nothing was lost
    assert done.checked[1].outcome is expected
    assert len(done.checked) == (3 if expected is Outcome.EXITED else 2)
    assert it.log.count(b"slow-1") == 2
    assert it.log.count(b"slow-0") == 1


def test_a_loss_in_the_quiet_run_starts_over(stage):
    it = stage()
    it.answers[b"batch-1"] = [Outcome.WALL_LIMIT, Break(How.DIE)]
    done = it.run(batch_of(3))
    assert done.attempts == 2
    assert [verdict.passed for verdict in done.checked] == [True] * 3


def test_a_machine_that_cannot_have_a_sandbox_says_so_at_once(stage):
    started = []

    def start():
        started.append(1)
        raise SandboxUnusable("no Landlock: upgrade the kernel")

    it = stage(start=start)
    with pytest.raises(SandboxUnusable, match="upgrade the kernel"):
        it.run(batch_of())
    assert len(started) == 1
    with pytest.raises(SandboxUnusable):
        it.pool.info()


def test_an_agent_that_does_not_start_is_tried_again_and_then_an_error(stage):
    started = []

    def start():
        started.append(1)
        if len(started) < 3:
            raise SandboxLost("the agent ended while starting")
        return FakeAgent(fake.compiles(lambda program, index, data: result(index, data)))

    assert stage(start=start).run(batch_of()).attempts == 3

    def never():
        raise SandboxLost("the agent ended while starting")

    with pytest.raises(SandboxLost, match="ended while starting") as caught:
        stage(start=never).run(batch_of())
    assert caught.value.attempts == MAX_ATTEMPTS


def test_cancelling_what_waits(stage):
    it = stage()
    gate, asked = it.hold(b"first-0")
    first = it.pool.submit(batch_of(1, name=b"first"))
    assert asked.wait(LONG_S)
    prepared = []
    waiting = it.pool.submit(batch_of(cases=lambda: prepared.append(1) or []))
    assert waiting.cancel()
    assert waiting.cancelled()
    gate.set()
    assert first.result(LONG_S).attempts == 1
    assert it.run(batch_of(1, name=b"last")).attempts == 1
    assert not prepared


def test_cancelling_what_runs(stage):
    it = stage()
    _, asked = it.hold(b"batch-1")
    running = it.pool.submit(batch_of(3))
    assert asked.wait(LONG_S)
    assert running.cancel()
    with pytest.raises(CancelledError):
        running.result(LONG_S)
    assert it.run(batch_of(1, name=b"next")).attempts == 1
    assert b"batch-2" not in it.log


def test_cancelling_what_waits_for_a_quiet_sandbox(stage):
    """It is told at once, not when its neighbours end; and those who stood back for it go on."""
    it = stage(slots=3)
    gate, asked = it.hold(b"other-0")
    it.answers[b"slow-0"] = [Outcome.WALL_LIMIT]
    other = it.pool.submit(batch_of(1, name=b"other"))
    assert asked.wait(LONG_S)
    slow = it.pool.submit(batch_of(1, name=b"slow"))
    until(lambda: it.pool._sandboxes[0].turnstile._waiting_alone)
    behind = it.pool.submit(batch_of(1, name=b"behind"))
    assert slow.cancel()
    with pytest.raises(CancelledError):
        slow.result(LONG_S)
    assert behind.result(LONG_S).attempts == 1
    assert not other.done()
    gate.set()
    assert other.result(LONG_S).attempts == 1
    assert it.log.count(b"slow-0") == 1


def test_cancelling_what_has_ended(stage):
    done = stage().pool.submit(batch_of(1))
    done.result(LONG_S)
    assert not done.cancel()
    assert done.result().attempts == 1


def test_closing_while_it_works(stage):
    it = stage(slots=2)
    _, asked = it.hold(b"running-0")
    running = it.pool.submit(batch_of(1, name=b"running"))
    assert asked.wait(LONG_S)
    _, asked = it.hold(b"also-0")
    also = it.pool.submit(batch_of(1, name=b"also"))
    assert asked.wait(LONG_S)
    waiting = [it.pool.submit(batch_of()) for _ in range(5)]
    cancelled = it.pool.submit(batch_of())
    assert cancelled.cancel()
    assert also.cancel()
    it.pool.close()
    assert wait([running, also, cancelled, *waiting], LONG_S).not_done == set()
    for future in (running, *waiting):
        with pytest.raises(PoolClosed):
            future.result()
    for future in (also, cancelled):
        with pytest.raises(CancelledError):
            future.result()
    assert not it.agents[0].alive()
    assert not [thread for thread in it.pool._threads if thread.is_alive()]
    it.pool.close()


def test_use_after_closing(stage):
    it = stage()
    it.run(batch_of(1))
    it.pool.close()
    before = descriptors()
    with pytest.raises(PoolClosed, match="closed"):
        it.pool.submit(batch_of())
    with pytest.raises(PoolClosed):
        it.pool.info()
    until(lambda: descriptors() <= before)  # what else lives in this process opens and closes some, too


def test_a_pool_that_was_never_used_starts_nothing(stage):
    it = stage(slots=4)
    it.pool.close()
    assert not it.agents
    assert not it.pool._threads


_FORKED = """
import os, sys
from lcb_ray.batch import Batch
from lcb_ray.agent.protocol import Program
from lcb_ray.errors import PoolClosed
from lcb_ray.fake import FakeAgent
from lcb_ray.local import LocalPool

ended = []
class Agent(FakeAgent):
    def close(self):
        ended.append(os.getpid())
        super().close()

pool = LocalPool(1, start=lambda: Agent(lambda *_: None))
pool.info()
if os.fork() == 0:
    try:
        pool.submit(Batch(Program(source=b""), list, None))
    except PoolClosed as error:
        pool.close()
        os._exit(0 if not ended and "forking" in str(error) else 3)
    os._exit(4)
assert os.waitstatus_to_exitcode(os.wait()[1]) == 0
pool.info()
pool.close()
assert ended == [os.getpid()]
"""


def test_a_forked_child_may_not_use_it_and_does_not_end_it():
    subprocess.run([sys.executable, "-c", _FORKED], check=True, timeout=LONG_S)


@pytest.mark.parametrize("where", ["check", "cases"])
def test_a_bug_of_the_judge_is_raised_as_it_is(stage, where):
    bug = ZeroDivisionError("of the judge")

    def broken(*_):
        raise bug

    it = stage()
    with pytest.raises(ZeroDivisionError) as caught:
        it.run(batch_of(3, **{where: broken}))
    assert caught.value is bug
    assert len(it.log) <= 3  # not tried again
    assert it.run(batch_of(1, name=b"next")).attempts == 1


def test_results_go_to_the_right_futures(stage):
    it = stage(slots=4)
    batches = [batch_of(3, name=b"batch%d" % number, stop_at_failure=False) for number in range(60)]
    for number in range(0, 60, 3):
        it.answers[b"batch%d-1" % number] = [Outcome.NONZERO_EXIT]
    futures = []
    threads = [
        threading.Thread(target=lambda part=part: futures.extend((b, it.pool.submit(b)) for b in part))
        for part in (batches[0::2], batches[1::2])
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(futures) == 60
    for batch, future in futures:
        bad = int(batch.key.removeprefix("batch")) % 3 == 0
        assert [verdict.passed for verdict in future.result(LONG_S).checked] == [True, not bad, True]
    assert Counter(it.log) == Counter(b"batch%d-%d" % (b, c) for b in range(60) for c in range(3))


def test_first_come_first_served(stage):
    it = stage()
    gate, asked = it.hold(b"first-0")
    it.pool.submit(batch_of(1, name=b"first"))
    assert asked.wait(LONG_S)
    futures = [it.pool.submit(batch_of(1, name=b"n%d" % number)) for number in range(10)]
    gate.set()
    wait(futures, LONG_S)
    assert it.log[1:] == [b"n%d-0" % number for number in range(10)]


def test_waiting_batches_hold_no_descriptor(stage):
    it = stage()
    gate, asked = it.hold(b"first-0")
    it.pool.submit(batch_of(1, name=b"first"))
    assert asked.wait(LONG_S)
    before = descriptors()
    futures = [it.pool.submit(batch_of(0)) for _ in range(500)]
    until(lambda: descriptors() <= before)  # what else lives in this process opens and closes some, too
    gate.set()
    assert not wait(futures, LONG_S).not_done
    until(lambda: descriptors() <= before)  # what else lives in this process opens and closes some, too


class Cases(list):
    """A list that can be watched."""


def test_an_idle_pool_keeps_no_tests_alive(stage):
    it = stage()
    cases = Cases([Case(b"x", b"x")])
    gone = weakref.ref(cases)
    batch = batch_of(cases=lambda cases=cases: cases)
    del cases
    it.run(batch)
    del batch
    it.run(batch_of(1, name=b"after"))  # the slot has let go of the first by the time it takes the second
    gc.collect()
    assert gone() is None


def test_it_describes_its_sandbox(stage):
    it = stage()
    info = it.pool.info()
    assert (info.backend, info.python, info.numpy, info.sees_waiting) == ("local", "3.11.0", None, True)
    assert len(it.agents) == 1
    it.agents[0].close()
    it.pool.info()
    assert len(it.agents) == 2


def test_slots():
    assert LocalPool().slots == len(os.sched_getaffinity(0))
    assert LocalPool(7).slots == 7


def test_slots_run_at_once(stage):
    it = stage(slots=3)
    held = [it.hold(b"b%d-0" % number) for number in range(3)]
    futures = [it.pool.submit(batch_of(1, name=b"b%d" % number)) for number in range(3)]
    assert all(asked.wait(LONG_S) for _, asked in held)
    for gate, _ in held:
        gate.set()
    assert not wait(futures, LONG_S).not_done
