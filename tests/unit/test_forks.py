"""Forks on request: what the asker makes of an answer that does not come, comes late, or is nonsense."""

from __future__ import annotations

import os
from contextlib import closing

import pytest

from lcb_ray.agent import forks
from lcb_ray.agent.execution import SandboxFault

FORM = forks.numbers(1)


@pytest.fixture
def ends():
    ours, theirs = forks.pair()
    with closing(ours), closing(theirs):
        yield ours, theirs


def ask(control):
    with open(os.devnull) as file:  # noqa: PTH123 - a descriptor
        return forks.ask(control, FORM, [file.fileno()], ())


def test_no_answer_in_time_is_never_taken_for_that_of_the_next_request(ends):
    ours, theirs = ends
    ours.settimeout(0.01)
    with pytest.raises(TimeoutError):
        ask(ours)
    with pytest.raises(OSError, match="descriptor"):
        ask(ours)
    assert ours.fileno() == -1
    with pytest.raises(BrokenPipeError):
        theirs.send(forks.ANSWER.pack(1))


def test_a_process_that_has_ended(ends):
    ours, theirs = ends
    theirs.close()
    with pytest.raises(EOFError):
        ask(ours)


@pytest.mark.parametrize("pid", [1, os.getpid()])
def test_a_process_that_is_no_child(ends, pid):
    ours, theirs = ends
    theirs.send(forks.ANSWER.pack(pid))
    with pytest.raises(SandboxFault, match="no new process"):
        ask(ours)


def test_an_error_of_the_kernel_s(ends):
    ours, theirs = ends
    theirs.send(forks.ANSWER.pack(-11))
    with pytest.raises(BlockingIOError, match="no process could be forked"):
        ask(ours)
