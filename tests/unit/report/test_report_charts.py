"""Charts as functions of figures: where marks stand."""

from __future__ import annotations

import re
from datetime import date

import pytest

from livecodebench.report.estimate import Difference, Estimate
from livecodebench.report.html.charts.bars import Bin, Part, histogram, share_chart
from livecodebench.report.html.charts.intervals import difference_chart, interval_chart
from livecodebench.report.html.charts.timeline import month_name, month_number, timeline

HALF = Estimate(0.5, 0.4, 0.6, 10, 10, 0)
OPEN = Estimate(None, 0.2, 0.9, 10, 10, 3)
NONE = Estimate(None, None, None, 0, 0, 0)


def numbers(chart, name):
    return [float(x) for x in re.findall(rf' {name}="([-0-9.]+)"', chart)]


def test_dots_stand_at_their_score():
    (at,) = numbers(interval_chart("c", [("m", HALF)]), "cx")
    (low,) = numbers(interval_chart("c", [("m", Estimate(0.0, 0.0, 0.1, 1, 1, 0))]), "cx")
    (high,) = numbers(interval_chart("c", [("m", Estimate(1.0, 0.9, 1.0, 1, 1, 0))]), "cx")
    assert at == pytest.approx((low + high) / 2)


def test_an_open_score_has_a_range_and_no_dot():
    chart = interval_chart("c", [("m", OPEN), ("n", NONE)])
    assert "<circle" not in chart
    assert 'class="open"' in chart
    assert "20.0 to 90.0%, open" in chart
    assert ">none<" in chart


def test_differences_stand_about_zero():
    zero = numbers(difference_chart("c", [("m", Difference(0.0, -0.1, 0.1))]), "cx")
    wide = numbers(difference_chart("c", [("m", Difference(0.9, 0.8, 1.0)), ("n", Difference(-0.9, -1.0, -0.8))]), "cx")
    assert wide[0] - zero[0] == pytest.approx(zero[0] - wide[1])
    assert difference_chart("c", [("m", None)])


@pytest.mark.parametrize("month", ["", "2024", "2024-13", "2024-00", "24-01", "2024-1", "x", "2024-05-01", "²024-05"])
def test_no_month(month):
    assert month_number(month) is None
    assert timeline("c", {month: HALF}) is None


def test_months():
    assert month_name(month_number("2024-05")) == "2024-05"
    first, second = numbers(timeline("c", {"2024-01": HALF, "2024-03": HALF}), "cx")
    third = numbers(timeline("c", {"2024-01": HALF, "2024-02": HALF, "2024-03": OPEN}), "cx")[1]
    assert third == pytest.approx((first + second) / 2)


@pytest.mark.parametrize("cutoff", [date(2020, 1, 1), date(2024, 2, 29), date(2030, 12, 31)])
def test_the_cut_off_is_always_in_sight(cutoff):
    chart = timeline("c", {"2024-01": HALF, "2024-03": HALF}, cutoff=cutoff)
    at = re.search(r'<line x1="([\d.]+)" [^>]*class="cutoff"', chart)
    assert 56 <= float(at[1]) <= 780
    assert f"cut-off {cutoff.isoformat()}" in chart
    dots = numbers(chart, "cx")
    assert (dots[0] < float(at[1])) is (cutoff > date(2024, 1, 15))


def test_a_span_of_centuries_is_no_chart():
    assert timeline("c", {"0001-01": HALF, "2024-01": HALF}) is None


def test_a_long_label_keeps_its_end():
    chart = interval_chart("c", [("model " * 10 + ", official", HALF)])
    assert ">model model m…del , official<" in chart


def test_shares_fill_the_bar():
    chart = share_chart("c", [("m", [Part("a", "v-accepted", 3), Part("b", "v-other", 1), Part("c", "v-error", 0)])])
    first, second = numbers(chart, "width")
    assert first + 1 == pytest.approx(3 * (second + 1), abs=0.05)
    assert "75.0%" in chart
    assert share_chart("c", [("m", [Part("a", "v-accepted", 0)])])


def test_histogram():
    bins = [Bin("small", 3, 1), Bin("large", 0, 2)]
    chart = histogram("c", bins, limit_before=1)
    heights = numbers(chart, "height")
    assert [height / max(heights) for height in heights] == pytest.approx([1, 1 / 3, 0, 2 / 3], abs=0.01)
    assert re.findall(r">(\d+)</text>", chart) == ["0", "1", "2", "3", "4"]
    assert re.findall(r">([\d,]+)</text>", histogram("c", [Bin("many", 786, 700)], limit_before=1)) == [
        "0", "500", "1,000", "1,500",
    ]  # fmt: skip
    assert histogram("c", [Bin("none", 0, 0)], limit_before=0)
