"""What is tried again and when: pure rules, no clock."""

import random
from datetime import UTC, datetime

import pytest

from livecodebench.model_client.retry import Failure, RetryPolicy, retry_after_s

NOW = datetime(2026, 1, 2, 3, 4, 5, tzinfo=UTC).timestamp()


def delay(policy, failure, *, failures=1, elapsed_s=0.0):
    return policy.delay(failure, failures=failures, elapsed_s=elapsed_s, draw=random.Random(1))


def test_delays_double_up_to_the_longest():
    policy = RetryPolicy(attempts=20, first_delay_s=1, longest_delay_s=60)
    delays = [delay(policy, Failure("x"), failures=n) for n in range(1, 12)]
    for number, one in enumerate(delays):
        doubled = min(60, 2**number)
        assert doubled / 2 <= one <= doubled


def test_jitter():
    policy, draw = RetryPolicy(), random.Random(1)
    assert len({policy.delay(Failure("x"), failures=3, elapsed_s=0, draw=draw) for _ in range(20)}) == 20


def test_attempts_are_bounded():
    policy = RetryPolicy(attempts=3)
    assert delay(policy, Failure("x"), failures=2) is not None
    assert delay(policy, Failure("x"), failures=3) is None


def test_being_told_to_wait_is_no_attempt_but_takes_time():
    policy = RetryPolicy(attempts=3, total_s=100)
    limited = Failure("x", rate_limited=True, retry_after_s=10)
    assert delay(policy, limited, failures=50, elapsed_s=80) >= 10
    assert delay(policy, limited, failures=50, elapsed_s=95) is None


def test_a_wait_that_is_asked_for_is_never_shortened():
    policy = RetryPolicy(longest_delay_s=5, total_s=1000)
    assert 300 <= delay(policy, Failure("x", retry_after_s=300)) <= 330
    assert delay(policy, Failure("x", retry_after_s=5000)) is None
    assert delay(policy, Failure("x", rate_limited=True, retry_after_s=0)) > 0, "no tight loop"


def test_total_time_is_bounded():
    assert delay(RetryPolicy(total_s=30), Failure("x"), elapsed_s=29.9) is None


@pytest.mark.parametrize(
    ("headers", "seconds"),
    [
        ({}, None),
        ({"retry-after": "7"}, 7),
        ({"retry-after": "0.25"}, 0.25),
        ({"retry-after": "-3"}, 0),
        ({"retry-after": "7", "retry-after-ms": "1500"}, 1.5),
        ({"retry-after": "Fri, 02 Jan 2026 03:04:35 GMT"}, 30),
        ({"retry-after": "Fri, 02 Jan 2026 03:04:35 -0000"}, 30),
        ({"retry-after": "Fri, 02 Jan 2026 03:00:00 GMT"}, 0),
        ({"retry-after": "soon"}, None),
        ({"retry-after": "inf"}, None),
        ({"retry-after": "nan", "retry-after-ms": "x"}, None),
        ({"retry-after": "Fri, 99 Jan 99999 03:04:35 GMT"}, None),
    ],
)
def test_retry_after(headers, seconds):
    assert retry_after_s(headers, now=NOW) == seconds
