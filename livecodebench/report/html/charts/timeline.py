"""The contamination plot: the score of each month's problems, with the model's cut-off marked."""

from __future__ import annotations

from calendar import monthrange
from collections.abc import Mapping, Sequence
from datetime import date

from livecodebench.report.estimate import Estimate, percent
from livecodebench.report.html.charts.drawing import TICKS, WIDTH, box, drawing, line, text
from livecodebench.report.html.markup import Html, element, join

_LEFT, _RIGHT, _TOP, _PLOT = 56, 20, 24, 200
_BOTTOM = _TOP + _PLOT
_LABELS = 12  # months that are named, at most
_MOST = 600  # months; a wider span is a mistake in the data, and would make the chart useless


def timeline(name: str, months: Mapping[str, Estimate], *, cutoff: date | None = None) -> Html | None:
    """Scores by month with 95 % intervals.

    Args:
        name: Of the chart.
        months: Score by "2024-05".
        cutoff: Contests from here on are after it.

    Returns:
        None where there are no months that can be drawn.
    """
    known = {number: (month, months[month]) for month in months if (number := month_number(month)) is not None}
    if not known or max(known) - min(known) > _MOST:
        return None
    edges = [*known, *([_position(cutoff)] if cutoff else [])]
    first, last = int(min(edges)), int(max(edges))

    def x(position: float) -> float:
        return _LEFT + (position - first) / (last + 1 - first) * (WIDTH - _LEFT - _RIGHT)

    marks = [_mark(month, score, x(number + 0.5)) for number, (month, score) in sorted(known.items())]
    step = max(1, -(-(last + 1 - first) // _LABELS))
    names = [
        text(x(number + 0.5), _BOTTOM + 18, month_name(number), anchor="middle", class_="small")
        for number in range(first, last + 1, step)
    ]
    spoken = "; ".join(f"{month}: {score.spoken}" for _, (month, score) in sorted(known.items())[:24])
    edge = None if cutoff is None else _edge(x(_position(cutoff)), cutoff)
    told = "" if cutoff is None else f"The cut-off is {cutoff.isoformat()}. "
    return drawing(name, told + spoken, edge, _axis(), names, marks, height=_BOTTOM + 30)


def month_number(month: str) -> int | None:
    """Months since year 0, or None where this is no month."""
    year, _, rest = month.partition("-")
    if not (year.isascii() and year.isdecimal() and rest.isascii() and rest.isdecimal() and len(month) == 7):
        return None
    return int(year) * 12 + int(rest) - 1 if 1 <= int(rest) <= 12 else None


def month_name(number: int) -> str:
    """The inverse."""
    return f"{number // 12:04d}-{number % 12 + 1:02d}"


def _position(day: date) -> float:
    return day.year * 12 + day.month - 1 + (day.day - 1) / monthrange(day.year, day.month)[1]


def _y(share: float) -> float:
    return _BOTTOM - share * _PLOT


def _axis() -> Sequence[Html]:
    return [
        join(
            line(_LEFT, _y(tick), WIDTH - _RIGHT, _y(tick), "grid"),
            text(_LEFT - 8, _y(tick) + 4, percent(tick).replace(".0", ""), anchor="end", class_="small"),
        )
        for tick in TICKS
    ]


def _edge(x: float, cutoff: date) -> Html:
    right = WIDTH - _RIGHT
    inside = x < right - 150
    return join(
        box(x, _TOP, right - x, _PLOT, "after"),
        line(x, _TOP - 6, x, _BOTTOM, "cutoff"),
        text(
            x + (6 if inside else -6),
            _TOP - 8,
            f"cut-off {cutoff.isoformat()}",
            anchor="start" if inside else "end",
            class_="small strong",
        ),
    )


def _mark(month: str, score: Estimate, x: float) -> Html:
    parts: list[Html] = []
    if score.low is not None and score.high is not None:
        parts.append(line(x, _y(score.low), x, _y(score.high), "whisker" if score.value is not None else "open"))
    if score.value is not None:
        tip = f"{month}: {score.spoken}, {score.span}, {score.counted}"
        radius = 3.0 + min(4.0, score.problems**0.5 / 3)
        parts.append(element("circle", element("title", tip), cx=x, cy=_y(score.value), r=radius, class_="dot"))
    return join(parts)
