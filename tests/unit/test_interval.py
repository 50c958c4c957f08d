"""Wilson's interval against published values, and its bounds."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from livecodebench.results.interval import wilson


@pytest.mark.parametrize(
    ("passed", "trials", "low", "high"),
    [
        (5, 10, 0.2366, 0.7634),
        (0, 5, 0.0, 0.4345),
        (14, 14, 0.7847, 1.0),
        (81, 263, 0.2553, 0.3662),  # Newcombe 1998, table I, method 3
        (15, 148, 0.0624, 0.1605),  # the same
        (1, 29, 0.0061, 0.1718),  # the same
    ],
)
def test_known_values(passed, trials, low, high):
    assert wilson(passed / trials, trials) == [pytest.approx(low, abs=5e-5), pytest.approx(high, abs=5e-5)]


@given(st.floats(0, 1), st.integers(1, 10_000))
def test_it_holds_the_share_and_stays_in_bounds(share, trials):
    low, high = wilson(share, trials)
    assert 0 <= low <= share + 1e-12
    assert share - 1e-12 <= high <= 1


@given(st.floats(0, 1), st.integers(1, 10_000))
def test_it_mirrors(share, trials):
    low, high = wilson(share, trials)
    assert wilson(1 - share, trials) == [pytest.approx(1 - high, abs=1e-9), pytest.approx(1 - low, abs=1e-9)]
