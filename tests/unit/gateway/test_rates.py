from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from lcb_ray.gateway.rates import Bucket


def test_a_burst_then_the_rate():
    bucket = Bucket(10.0)
    taken = 0
    while not bucket.wait_s(100.0):
        bucket.draw(1, 100.0)
        taken += 1
    assert 20 <= taken <= 21
    assert 0 < bucket.wait_s(100.0) <= 0.1
    assert bucket.wait_s(100.2) == 0


@given(st.lists(st.tuples(st.floats(0, 5), st.floats(0, 1000)), max_size=50))
def test_never_more_than_the_rate_and_a_burst(requests):
    bucket, now, drawn, largest = Bucket(100.0), 0.0, 0.0, 0.0
    bucket.wait_s(now)
    for pause_s, amount in requests:
        now += pause_s
        if not bucket.wait_s(now):
            bucket.draw(amount, now)
            drawn += amount
            largest = max(largest, amount)
        assert drawn <= 200.0 + 100.0 * now + largest + 1e-6
