"""What bringing up says while it goes on."""

from __future__ import annotations

import pytest

from lcb_ray.errors import PoolUnavailable
from lcb_ray.kuberay import steps as steps_module
from lcb_ray.kuberay.steps import Steps


class Clock:
    def __init__(self) -> None:
        self.now = 100.0

    def monotonic(self) -> float:
        return self.now


@pytest.fixture
def clock(monkeypatch):
    clock = Clock()
    monkeypatch.setattr(steps_module, "time", clock)
    return clock


def test_a_step_is_said_with_its_time(clock):
    said: list[str] = []
    with Steps(said.append).step("images"):
        clock.now += 2
    assert said == ["images ...", "images: done in 2.0 s"]


def test_a_step_that_fails_is_not_done(clock):
    said: list[str] = []
    with pytest.raises(ValueError, match="x"), Steps(said.append).step("images"):
        raise ValueError("x")
    assert said == ["images ..."]


def test_what_is_waited_for_is_said_when_it_is_news_and_not_too_often(clock):
    said: list[str] = []
    steps = Steps(said.append)
    with steps.step("pods"):
        for second, what in enumerate("aaaaaabbcccc"):
            clock.now = 100.0 + second
            steps.waits_for(what)
    assert said[1:-1] == ["  0 s: a", "  6 s: b", "  11 s: c"]


def test_too_long_names_the_step_what_it_waits_for_and_the_fix(clock):
    steps = Steps(lambda _: None, timeout_s=60)
    with steps.step("pods"):
        clock.now += 61
        with pytest.raises(PoolUnavailable) as error:
            steps.waits_for("pod a: no image")
    for words in ("pods: not done within 60 s", "pod a: no image", "LIVECODEBENCH_K8S_TIMEOUT"):
        assert words in str(error.value)


def test_each_step_has_the_time_for_itself(clock):
    steps = Steps(lambda _: None, timeout_s=60)
    for name in ("one", "two"):
        with steps.step(name):
            clock.now += 59
            steps.waits_for("something")
