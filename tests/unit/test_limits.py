"""Limits from what a user sets of them."""

import pytest

from lcb_ray.agent.protocol import Limits
from livecodebench.errors import InputError
from livecodebench.judging.limits import limits_of


def test_nothing_set_is_livecodebenchs_own():
    assert limits_of() == Limits()


def test_both_set():
    limits = limits_of(time_limit=60, memory_limit=16)
    assert limits.cpu_s == 60
    assert limits.memory_bytes == 16 << 20
    assert limits.overload_wall_s == pytest.approx(Limits().overload_wall_s * 10), "patience grows with the limit"
    assert limits_of(time_limit=0.5).overload_wall_s == Limits().overload_wall_s, "and never shrinks"


@pytest.mark.parametrize(
    "wrong", [{"time_limit": 0}, {"time_limit": 3601}, {"memory_limit": 15}, {"memory_limit": 1 << 21}]
)
def test_out_of_range(wrong):
    with pytest.raises(InputError, match=f"--{next(iter(wrong)).replace('_', '-')}"):
        limits_of(**wrong)
