"""Bars: shares of a whole, side by side; and how many submissions used how much of a limit."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import count

from livecodebench.report.estimate import percent
from livecodebench.report.html.charts.drawing import WIDTH, box, drawing, line, short, text
from livecodebench.report.html.markup import Html, join

_LEFT, _RIGHT, _ROW = 230, 20, 34
_TOP, _PLOT = 22, 170


@dataclass(frozen=True, slots=True)
class Part:
    """A part of a bar.

    Attributes:
        name: For the reader.
        kind: The class of the style sheet that colours it.
        count: How many.
    """

    name: str
    kind: str
    count: int


def share_chart(name: str, rows: Sequence[tuple[str, Sequence[Part]]]) -> Html:
    """A bar of full width for each row, its parts in proportion."""
    spoken = "; ".join(
        f"{label}: " + ", ".join(f"{part.name} {part.count}" for part in parts if part.count)
        for label, parts in rows[:6]
    )
    bars = [_shares(label, parts, index * _ROW + 6) for index, (label, parts) in enumerate(rows)]
    return drawing(name, spoken, bars, height=len(rows) * _ROW + 8)


def _shares(label: str, parts: Sequence[Part], y: float) -> Html:
    total = sum(part.count for part in parts) or 1
    left = float(_LEFT)
    drawn: list[Html] = [text(_LEFT - 10, y + 17, short(label), anchor="end")]
    for part in parts:
        if not part.count:
            continue
        share = part.count / total
        width = share * (WIDTH - _LEFT - _RIGHT)
        tip = f"{part.name}: {part.count} ({percent(share)})"
        drawn.append(box(left, y, width - (1 if width > 3 else 0), 24, part.kind, tip=tip))
        if width > 44:
            drawn.append(
                text(left + width / 2, y + 16, percent(share), anchor="middle", class_=f"small on-{part.kind}")
            )
        left += width
    return join(drawn)


@dataclass(frozen=True, slots=True)
class Bin:
    """A bar of a histogram: those that stand below, and those that stand upon them."""

    label: str
    accepted: int
    others: int


def histogram(name: str, bins: Sequence[Bin], *, limit_before: int) -> Html:
    """How many submissions fall into each bin.

    Args:
        name: Of the chart.
        bins: From little to much.
        limit_before: The bin that is the first above the limit, which is marked.
    """
    left, right = 56, 10
    ticks = _ticks(max((one.accepted + one.others for one in bins), default=0))
    most = ticks[-1]
    width = (WIDTH - left - right) / len(bins)
    bottom = _TOP + _PLOT
    drawn: list[Html] = [
        join(
            line(left, bottom - tick / most * _PLOT, WIDTH - right, bottom - tick / most * _PLOT, "grid"),
            text(left - 8, bottom - tick / most * _PLOT + 4, f"{tick:,}", anchor="end", class_="small"),
        )
        for tick in ticks
    ]
    drawn.append(text(0, _TOP - 10, "submissions", class_="small"))
    for index, one in enumerate(bins):
        x = left + index * width + 4
        low, high = one.accepted / most * _PLOT, one.others / most * _PLOT
        drawn.append(box(x, bottom - low, width - 8, low, "v-accepted", tip=f"{one.label}: {one.accepted} accepted"))
        drawn.append(box(x, bottom - low - high, width - 8, high, "v-other", tip=f"{one.label}: {one.others} not"))
        drawn.append(text(x + width / 2 - 4, bottom + 17, one.label, anchor="middle", class_="small"))
    at = left + limit_before * width
    limit = join(
        line(at, _TOP - 8, at, bottom, "cutoff"), text(at - 6, _TOP - 10, "limit", anchor="end", class_="small strong")
    )
    spoken = "; ".join(f"{one.label}: {one.accepted} accepted, {one.others} not" for one in bins)
    return drawing(name, spoken, drawn, limit, height=bottom + 28)


def _ticks(most: int) -> list[int]:
    """Round numbers from 0 to `most` or a little more: two to five of them."""
    step = next(part * 10**power for power in count() for part in (1, 2, 5) if 4 * part * 10**power >= most)
    above = -(-max(most, 1) // step)
    return [number * step for number in range(above + 1)]
