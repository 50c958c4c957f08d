"""Scores as dots with their intervals, a row each; and differences likewise, about zero."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from livecodebench.report.estimate import Difference, Estimate, percent, points
from livecodebench.report.html.charts.drawing import TICKS, WIDTH, drawing, line, short, text
from livecodebench.report.html.markup import Html, element, join

_LEFT, _RIGHT = 230, 170
_ROW, _TOP = 26, 26

Scale = Callable[[float], float]


def interval_chart(name: str, rows: Sequence[tuple[str, Estimate]]) -> Html:
    """Scores from 0 to 100 %.

    A line without a dot is the range that is left open by missing verdicts.
    """
    height = _TOP + _ROW * len(rows) + 6
    spoken = "; ".join(f"{label}: {score.spoken}" for label, score in rows[:12])
    marks = [_score(label, score, _TOP + _ROW * (index + 0.5)) for index, (label, score) in enumerate(rows)]
    axis = [_tick(_x(tick), percent(tick).replace(".0", ""), height) for tick in TICKS]
    return drawing(name, spoken, axis, marks, height=height)


def difference_chart(name: str, rows: Sequence[tuple[str, Difference | None]]) -> Html:
    """Differences in percentage points; the scale is as wide as the widest interval."""
    known = [one for _, one in rows if one is not None]
    most = max([0.05, *(abs(end) for one in known for end in (one.low, one.high))])
    half = next(step for step in (0.05, 0.1, 0.2, 0.3, 0.5, 1.0) if most <= step)
    height = _TOP + _ROW * len(rows) + 6

    def x(value: float) -> float:
        return _x((value / half + 1) / 2)

    axis = [_tick(x(half * part), points(half * part).replace(".0", ""), height) for part in (-1, -0.5, 0, 0.5, 1)]
    marks = [_difference(label, one, _TOP + _ROW * (index + 0.5), x) for index, (label, one) in enumerate(rows)]
    spoken = "; ".join(f"{label}: {'none' if one is None else points(one.value)} points" for label, one in rows[:12])
    zero = line(x(0), _TOP - 4, x(0), height, "zero")
    return drawing(name, spoken, axis, zero, marks, height=height)


def _x(share: float) -> float:
    return _LEFT + share * (WIDTH - _LEFT - _RIGHT)


def _tick(x: float, label: str, height: float) -> Html:
    return join(line(x, _TOP - 4, x, height, "grid"), text(x, _TOP - 10, label, anchor="middle", class_="small"))


def _score(label: str, score: Estimate, y: float) -> Html:
    shown = [text(_LEFT - 10, y + 4, short(label), anchor="end")]
    if score.low is not None and score.high is not None:
        shown.append(_bar(_x(score.low), _x(score.high), y, "whisker" if score.value is not None else "open"))
    if score.value is not None:
        shown.append(_dot(_x(score.value), y, f"{label}: {score.spoken}, {score.span}, {score.counted}"))
        words = f"{percent(score.value)}  ({score.span})"
    else:
        words = score.spoken.replace(" (verdicts missing)", ", open")
    return join(shown, text(WIDTH - _RIGHT + 12, y + 4, words, class_="small"))


def _difference(label: str, one: Difference | None, y: float, x: Scale) -> Html:
    name = text(_LEFT - 10, y + 4, short(label), anchor="end")
    if one is None:
        return join(name, text(WIDTH - _RIGHT + 12, y + 4, "none", class_="small"))
    words = f"{points(one.value)}  ({points(one.low)} to {points(one.high)})"
    return join(
        name,
        _bar(x(one.low), x(one.high), y, "whisker"),
        _dot(x(one.value), y, f"{label}: {words}"),
        text(WIDTH - _RIGHT + 12, y + 4, words, class_="small"),
    )


def _bar(left: float, right: float, y: float, class_: str) -> Html:
    ends = [line(x, y - 4, x, y + 4, class_) for x in (left, right)]
    return join(line(left, y, right, y, class_), ends)


def _dot(x: float, y: float, tip: str) -> Html:
    return element("circle", element("title", tip), cx=float(x), cy=float(y), r=5.0, class_="dot")
