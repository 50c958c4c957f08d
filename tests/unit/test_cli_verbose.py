"""--verbose says why anything was tried again, and only then; what it repeats cannot act on a terminal."""

from __future__ import annotations

import logging

import pytest

from lcb_ray.errors import SandboxLost
from lcb_ray.retry import retried
from livecodebench.cli import steps

HOSTILE = "\x1b]0;t\x07\u202e\x9b2J"


@pytest.fixture(autouse=True)
def fresh_loggers():
    """As in a new process, whatever ran before: a gateway in this process logs retries for good."""
    loggers = [logging.getLogger(name) for name in (*steps._MORE, "lcb_ray.retry")]
    kept = [(logger.level, list(logger.handlers)) for logger in loggers]
    for logger in loggers:
        logger.setLevel(logging.NOTSET)
        logger.handlers[:] = []
    yield
    for logger, (level, handlers) in zip(loggers, kept, strict=True):
        logger.setLevel(level)
        logger.handlers[:] = handlers


def fails_once(number):
    if number == 1:
        raise SandboxLost(f"the agent was killed {HOSTILE}")


def test_a_retry_is_told_with_its_reason(capsys):
    steps.tell_more()
    steps.tell_steps()
    retried(fails_once, key="mini_ledger#0")
    [line] = capsys.readouterr().err.splitlines()
    assert line.startswith("mini_ledger#0: attempt 1 of 3 failed, SandboxLost: the agent was killed")
    assert line.endswith("trying again, alone on a sandbox")
    assert line.isprintable()


def test_without_it_nothing_is_told(capsys):
    steps.tell_steps()
    retried(fails_once, key="mini_ledger#0")
    assert capsys.readouterr().err == ""


@pytest.mark.parametrize("command", ["grade", "evaluate", "run"])
def test_commands_that_judge_have_it(cli, command):
    assert "--verbose" in cli(command, "--help").out
