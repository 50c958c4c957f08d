"""Faults are the same for the same seed, come in the share that was asked for, and refuse what makes no sense."""

import pytest

from livecodebench.errors import InputError
from livecodebench.replay.faults import Fault, Faults, Plan, RateLimit


def test_none_by_default():
    assert {Faults().plan(f"m/p/{n}", 0).fault for n in range(200)} == {None}
    assert Faults().plan("m/p/0", 0).latency_s == 0


def test_the_same_seed_gives_the_same_plan_in_any_order():
    faults = Faults(error_rate=0.3, drop_rate=0.3, truncate_rate=0.3, latency_s=(0.1, 2.0), seed=5)
    asked = [(f"m/p/{n}", attempt) for n in range(50) for attempt in range(3)]
    plans = {one: faults.plan(*one) for one in asked}
    assert plans == {one: faults.plan(*one) for one in reversed(asked)}
    assert plans != {one: Faults(error_rate=0.3, drop_rate=0.3, seed=6).plan(*one) for one in asked}


def test_shares():
    faults = Faults(error_rate=0.2, drop_rate=0.1, truncate_rate=0.25, empty_rate=0.5)
    found = [faults.plan(f"m/p/{n}", 0).fault for n in range(4000)]
    assert found.count(Fault.SERVER_ERROR) == pytest.approx(800, abs=100)
    assert found.count(Fault.DROP) == pytest.approx(400, abs=80)
    assert found.count(Fault.TRUNCATE) == pytest.approx(2800 * 0.25, abs=100)
    assert found.count(Fault.EMPTY) == pytest.approx(2800 * 0.5, abs=120)


def test_an_error_passes_but_a_spoiled_answer_stays_spoiled():
    faults = Faults(error_rate=0.5, empty_rate=0.5)
    for name in (f"m/p/{n}" for n in range(50)):
        without_errors = {fault for n in range(40) if (fault := faults.plan(name, n).fault) is not Fault.SERVER_ERROR}
        assert without_errors in ({Fault.EMPTY}, {None})


def test_latency_is_in_its_range():
    plans = [Faults(latency_s=(0.5, 0.75)).plan(f"m/p/{n}", 0) for n in range(100)]
    assert all(isinstance(plan, Plan) and 0.5 <= plan.latency_s <= 0.75 for plan in plans)
    assert len({plan.latency_s for plan in plans}) > 90


@pytest.mark.parametrize(
    ("settings", "named"),
    [
        ({"error_rate": 1.1}, "error-rate is 1.1"),
        ({"empty_rate": -0.1}, "empty-rate is -0.1"),
        ({"error_rate": 0.6, "drop_rate": 0.6}, "error_rate and drop_rate add up"),
        ({"latency_s": (2.0, 1.0)}, "latency is 2.0:1.0"),
        ({"rate_limit": 0}, "rate-limit is 0"),
    ],
)
def test_nonsense_is_refused(settings, named):
    with pytest.raises(InputError, match=named):
        Faults(**settings)


def test_rate_limit_lets_the_asked_rate_through():
    now = 50.0
    limit = RateLimit(4, clock=lambda: now)
    assert [limit.take() for _ in range(4)] == [0, 0, 0, 0]
    assert limit.take() == pytest.approx(0.25)
    now += 0.25
    assert limit.take() == 0
    assert limit.take() == pytest.approx(0.25)
    now += 100
    assert [limit.take() > 0 for _ in range(5)] == [False] * 4 + [True]


def test_a_slow_rate_limit_has_room_for_one_request():
    now = 0.0
    limit = RateLimit(0.5, clock=lambda: now)
    assert limit.take() == 0
    assert limit.take() == pytest.approx(2.0)
