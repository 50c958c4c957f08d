"""The self-test on a sound jail, and on jails that were weakened on purpose: each weakness is found out by its name."""

from __future__ import annotations

import socket

import pytest

from lcb_ray.errors import SandboxUnusable
from lcb_ray.launcher import AgentProcess
from lcb_ray.self_test import JAIL_CHECKS, Check, Subject, self_test

pytestmark = pytest.mark.jail


@pytest.fixture
def listener():
    with socket.create_server(("127.0.0.1", 0)) as made:
        yield made.getsockname()


@pytest.fixture
def subject(request, listener, tmp_path):
    agent = AgentProcess(request.param)
    yield Subject(agent, {"a listener": listener}, (), ("/tmp", "/dev/shm", str(tmp_path)))
    agent.close()


def wrong(subject):
    return {check.name: found for check in JAIL_CHECKS if (found := check.run(subject))}


SOUND = pytest.mark.parametrize("subject", [[]], indirect=True, ids=["sound"])
NAKED = pytest.mark.parametrize(
    "subject", [["--without", "seccomp,landlock,netns", "--require", "no_new_privs"]], indirect=True, ids=["naked"]
)


@SOUND
def test_a_sound_jail_passes(subject):
    assert wrong(subject) == {}
    self_test(subject, JAIL_CHECKS)


@NAKED
def test_a_naked_program_is_found_out_by_what_it_reaches_and_touches(subject):
    found = wrong(subject)
    assert found.keys() >= {"properties", "no way out", "nothing to touch"}
    assert "reach a listener" in found["no way out"]
    assert found["nothing to touch"] == "a program can run another program"


@NAKED
def test_the_first_failure_decides_and_is_named(subject):
    with pytest.raises(
        SandboxUnusable, match=r"self-test failed at 'properties': the agent has not proven .*no_network"
    ):
        self_test(subject, JAIL_CHECKS)


@pytest.mark.parametrize(
    "subject", [["--without", "seccomp", "--require", "no_new_privs"]], indirect=True, ids=["no-seccomp"]
)
def test_one_layer_less_is_enough_to_be_found_out(subject):
    assert {"properties", "no way out", "nothing to touch"} <= wrong(subject).keys()


@SOUND
def test_a_limit_that_does_not_hold_is_told(subject):
    from lcb_ray import self_test as module
    from lcb_ray.agent.protocol import Limits, Outcome

    check = Check("memory limit", "", module._held_to(Limits(), "x = bytearray(2**20)", Outcome.MEMORY_LIMIT))
    assert check.run(subject) == "a program that takes too much ended with exited, not with memory_limit"
