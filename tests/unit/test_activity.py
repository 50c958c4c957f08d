"""What a sandbox actor takes down for those who look on."""

from __future__ import annotations

import threading
from dataclasses import dataclass

import pytest

from lcb_ray.agent.protocol import ExecutionResult, Outcome, Usage
from lcb_ray.ray_pool.activity import Watcher, verdict_of


@dataclass
class Seen:
    passed: bool
    verdict: str | None = None


def compiled(outcome=Outcome.EXITED):
    usage = Usage(cpu_s=0, wall_s=0, max_rss_bytes=0)
    return ExecutionResult(index=-1, outcome=outcome, exit_code=0, signal=None, usage=usage)


@pytest.mark.parametrize(
    ("outcome", "checked", "verdict"),
    [
        (Outcome.EXITED, [Seen(True), Seen(True)], "accepted"),
        (Outcome.EXITED, [Seen(True), Seen(False, "wrong_answer"), Seen(False, "time_limit")], "wrong_answer"),
        (Outcome.EXITED, [Seen(False)], "not_passed"),
        (Outcome.EXITED, [Seen(False, "x" * 1000)], "x" * 40),
        (Outcome.COMPILE_ERROR, [], "compile_error"),
    ],
)
def test_a_batch_in_one_word(outcome, checked, verdict):
    assert verdict_of(compiled(outcome), checked) == verdict


def test_what_runs_and_what_has_run():
    watcher = Watcher()
    watcher.began("l1", "p#0")
    watcher.began("l2", "q#0" + "x" * 1000)
    assert [one.key[:3] for one in watcher.activity().running] == ["p#0", "q#0"]
    assert all(len(one.key) <= 200 for one in watcher.activity().running)
    watcher.finished("p#0", "accepted")
    watcher.ended("l1", error=False)
    watcher.ended("l2", error=True)
    seen = watcher.activity()
    assert (seen.verdicts, seen.errors, seen.last_minute, seen.running) == ({"accepted": 1}, 1, 1, ())
    assert [(one.key, one.verdict) for one in seen.recent] == [("p#0", "accepted")]


def test_it_is_bounded_and_counts_from_many_threads():
    watcher = Watcher()

    def work():
        for number in range(500):
            watcher.finished(f"p#{number}", "accepted")

    threads = [threading.Thread(target=work) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    seen = watcher.activity()
    assert seen.verdicts == {"accepted": 2000}
    assert len(seen.recent) == 20
