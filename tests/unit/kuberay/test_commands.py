"""Other programs: what they answer, and what is said where they fail, hang or are missing."""

from __future__ import annotations

import sys

import pytest

from lcb_ray.errors import PoolUnavailable, SandboxUnusable
from lcb_ray.kuberay import commands


def test_what_a_program_answers():
    assert commands.run(sys.executable, "-c", "print(input())", given="words") == "words\n"


def test_a_failure_keeps_the_end_of_what_was_said():
    program = "import sys; print('x' * 9000); sys.exit('the cause')"
    with pytest.raises(commands.CommandFailed, match="failed with status 1") as error:
        commands.run(sys.executable, "-c", program)
    assert error.value.said.endswith("the cause")
    assert len(error.value.said) <= 2000


def test_a_program_that_hangs_is_ended():
    with pytest.raises(PoolUnavailable, match="did not end within 0 s"):
        commands.run(sys.executable, "-c", "import time; time.sleep(60)", timeout_s=0.2)


@pytest.mark.parametrize("tool", sorted(commands.HOW_TO_GET))
def test_a_missing_program_is_named_with_the_way_to_get_it(monkeypatch, tool):
    monkeypatch.setenv("PATH", "/nowhere")
    with pytest.raises(SandboxUnusable) as error:
        commands.require(tool)
    assert f"{tool} is not installed: {commands.HOW_TO_GET[tool]}" in str(error.value)


def test_all_that_are_missing_are_named_at_once(monkeypatch):
    monkeypatch.setenv("PATH", "/nowhere")
    with pytest.raises(SandboxUnusable, match="needs docker, kind, kubectl"):
        commands.require("docker", "kind", "kubectl")
