from __future__ import annotations

import random

import pytest

from livecodebench.report.estimate import Estimate, difference, points, total_of
from livecodebench.results.interval import wilson
from livecodebench.results.summary import Cell


def cells(*pairs):
    return [Cell(judged=total, passed=passed, errors=0, total=total) for passed, total in pairs]


def test_whole():
    score = total_of(cells((1, 1), (0, 1), (1, 2)))
    assert score.value == 0.5
    assert [score.low, score.high] == wilson(0.5, 3)
    assert (score.problems, score.submissions, score.errors) == (3, 4, 0)
    assert score.spoken == "50.0%"


def test_with_an_error_it_is_open():
    score = total_of([Cell(judged=1, passed=1, errors=1, total=2), *cells((0, 1))])
    assert (score.value, score.low, score.high, score.errors) == (None, 0.25, 0.5, 1)
    assert score.spoken == "25.0 to 50.0% (verdicts missing)"


def test_of_nothing():
    score = total_of([])
    assert (score.value, score.low, score.spoken, score.span) == (None, None, "none", "")


def test_difference_against_a_published_one():
    # Newcombe 1998 (Statistics in Medicine 17, 873), table II: 56/70 - 48/80, method 10: 0.0524 to 0.3339.
    first, other = (
        Estimate(48 / 80, *wilson(48 / 80, 80), 80, 80, 0),
        Estimate(56 / 70, *wilson(56 / 70, 70), 70, 70, 0),
    )
    found = difference(first, other)
    assert found is not None
    assert (found.value, found.low, found.high) == tuple(pytest.approx(x, abs=5e-5) for x in (0.2, 0.0524, 0.3339))
    assert difference(first, total_of([])) is None


def test_points():
    assert [points(x) for x in (0.123, -0.05, 0.0)] == ["+12.3", "-5.0", "+0.0"]


@pytest.mark.parametrize(("share", "problems"), [(0.5, 100), (0.3, 400), (0.85, 300), (0.65, 1000)])
def test_the_interval_agrees_with_an_independent_bootstrap(share, problems):
    """Problems with one sample, resampled by the standard library alone: the ends are within a point and a half."""
    rng = random.Random(7)
    passed = round(share * problems)
    results = [1] * passed + [0] * (problems - passed)
    means = sorted(sum(rng.choices(results, k=problems)) / problems for _ in range(1500))
    low, high = means[37], means[1462]
    score = total_of(cells(*((one, 1) for one in results)))
    assert score.low == pytest.approx(low, abs=0.015)
    assert score.high == pytest.approx(high, abs=0.015)


def test_with_several_samples_the_interval_is_on_the_wide_side():
    """A mean of samples varies less than one sample: a bootstrap over problems must lie within."""
    rng = random.Random(3)
    scores = [(rng.randint(0, 10), 10) for _ in range(300)]
    shares = [passed / total for passed, total in scores]
    means = sorted(sum(rng.choices(shares, k=300)) / 300 for _ in range(1000))
    score = total_of(cells(*scores))
    assert score.low <= means[25] < means[975] <= score.high
