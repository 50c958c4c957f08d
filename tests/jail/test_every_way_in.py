"""The bundled answers through every way in get the same rewards; with 500 of real models: tests.every_way_in.

The v1 API has its own processes, and its own test, test_taskset.
"""

from __future__ import annotations

import pytest

from livecodebench.judging.backend import CODE
from livecodebench.judging.travel import travel_codec
from livecodebench.rewards.scorer import close_scorers
from tests import every_way_in
from tests.every_answer import MINI, every_answer, expected_rewards
from tests.every_way_in import Sample, compared, key

pytestmark = pytest.mark.jail

EXPECTED = {key(*answer): reward for answer, reward in expected_rewards().items()}


@pytest.fixture(autouse=True, scope="module")
def closing():
    yield
    close_scorers()


@pytest.fixture
def sample(tmp_path) -> Sample:
    # Less time for those that never end; all others need much less.
    return Sample("mini", MINI / "generations.jsonl", tmp_path, time_limit=1.0)


def test_there_are_56_answers_and_no_two_that_differ_in_their_reward_only():
    answers = every_answer()
    assert len(answers) == 56
    assert all(EXPECTED[key(*answer.key)] == answer.passed for answer in answers)
    assert 0 < sum(EXPECTED.values()) < len(EXPECTED)


@pytest.mark.parametrize("way", ["command", "classic", "prime-rl", "verl", "verl-batch", "verl-sync", "skyrl"])
def test_a_way_in(way, sample):
    assert every_way_in.WAYS[way](sample) == EXPECTED


def test_the_gateway(sample):
    from lcb_ray.local import LocalPool
    from tests.gateway_thread import GatewayThread

    asked = []

    def open_pool(slots, *, priority, **_):
        asked.append(priority)
        return LocalPool(slots)

    gateway = GatewayThread(open_pool, travel_codec(), code=CODE)
    try:
        assert every_way_in.gateway(sample, url=gateway.url) == EXPECTED
    finally:
        gateway.close()
    assert asked == ["training"], "what a scorer is for"


def test_a_difference_and_a_fault_are_seen():
    assert compared({"a": {"x": 1.0}, "b": {"x": 1.0}})[1]
    for other in ({"x": 0.0}, {"x": None}, {}, {"x": 1.0, "y": 0.0}):
        assert not compared({"a": {"x": 1.0}, "b": other})[1]
    assert not compared({"a": {"x": None}, "b": {"x": None}})[1], "nothing was shown"
