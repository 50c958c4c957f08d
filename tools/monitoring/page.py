"""The dashboard's panels with what a Prometheus answers to their queries, as a page: for those who have no Grafana.

Plain lines over time, bars where there is one time only; Grafana draws the same queries its own way.
"""

from __future__ import annotations

import html
import math
from typing import Any

from tools.monitoring.server import Prometheus, filled, rows

_WIDTH, _HEIGHT = 380, 150
_LEFT, _TOP, _PLOT = 52, 8, 116  # of the lines, in a chart
_COLOURS = ("#3274d9", "#56a64b", "#e0752d", "#b877d9", "#e02f44", "#8f8f8f", "#ffa600", "#2f4b7c")
_STYLE = """
body { font: 13px/1.35 "DejaVu Sans", sans-serif; margin: 14px; background: #fff; color: #222; }
main { display: grid; grid-template-columns: repeat(3, 400px); gap: 12px; }
h1 { font-size: 15px; grid-column: 1 / -1; margin: 4px 0 0; }
section { border: 1px solid #ccc; border-radius: 4px; padding: 8px; }
h2 { font-size: 14px; margin: 0 0 4px; } p { margin: 0 0 6px; color: #555; font-size: 11px; min-height: 45px; }
ul { list-style: none; margin: 4px 0 0; padding: 0; font-size: 11px; } li { display: inline-block; margin-right: 12px; }
text { font-size: 10px; fill: #666; }
"""

Lines = list[tuple[str, list[tuple[float, float]]]]
"""A name and its points: (seconds since 1970, value)."""


def panels_page(server: Prometheus, begin: float, end: float, *, pool: str = ".*", rate: str = "30s") -> str:
    """The page. Raises AssertionError where a panel has nothing to show.

    Args:
        server: What is asked.
        begin: Of the time shown, in seconds since 1970.
        end: Of it.
        pool: Which pools.
        rate: Over how long rates are taken.
    """
    shown = []
    for row in rows():
        shown.append(f"<h1>{html.escape(row['title'])}</h1>")
        shown += [_section(server, panel, begin, end, pool, rate) for panel in row["panels"]]
    return f"<!doctype html><meta charset=utf-8><style>{_STYLE}</style><main>{''.join(shown)}</main>"


def _section(server: Prometheus, panel: dict[str, Any], begin: float, end: float, pool: str, rate: str) -> str:
    lines: Lines = []
    instant = panel["type"] != "timeseries"
    step = max(round((end - begin) / 100), 1)
    for target in panel["targets"]:
        asked = filled(target["expr"], pool=pool, rate=rate, whole=f"{round(end - begin)}s")
        found = server.query(asked, end) if instant else server.query_range(asked, begin, end, step)
        for series in found:
            pairs = [series["value"]] if instant else series["values"]
            points = [(float(at), float(value)) for at, value in pairs if math.isfinite(float(value))]
            lines.append((_legend(target["legendFormat"], series["metric"]), points))
    lines = [line for line in lines if line[1]]
    assert lines, f"{panel['title']}: nothing to show"
    unit = _unit(panel)
    legend = "".join(
        f'<li><b style="color:{_colour(n)}">&#9632;</b> {html.escape(name)} {_number(points[-1][1])}{unit}</li>'
        for n, (name, points) in enumerate(lines)
    )
    words = f"<h2>{html.escape(panel['title'])}</h2><p>{html.escape(panel['description'])}</p>"
    drawn = _shares(lines) if instant else _chart(lines, begin, end, unit)
    return f'<section>{words}<svg width="{_WIDTH}" height="{_HEIGHT}">{drawn}</svg><ul>{legend}</ul></section>'


def _chart(lines: Lines, begin: float, end: float, unit: str) -> str:
    """Lines over time, from 0 to a round number; the time is told from its beginning."""
    most = _round_up(max(value for _, points in lines for _, value in points))
    parts = []
    for share in (0.0, 0.5, 1.0):
        y = _TOP + _PLOT * (1 - share)
        parts.append(f'<path d="M{_LEFT} {y}H{_WIDTH}" stroke="#ddd"/>')
        parts.append(f'<text x="{_LEFT - 5}" y="{y + 4}" text-anchor="end">{_number(most * share)}{unit}</text>')
    for share, anchor in ((0.0, "start"), (0.5, "middle"), (1.0, "end")):
        x = _LEFT + share * (_WIDTH - _LEFT)
        words = f"{(end - begin) * share:.0f} s"
        parts.append(f'<text x="{x}" y="{_TOP + _PLOT + 16}" text-anchor="{anchor}">{words}</text>')
    for number, (_, points) in enumerate(lines):
        scaled = " ".join(
            f"{_LEFT + (at - begin) / (end - begin) * (_WIDTH - _LEFT):.1f},{_TOP + _PLOT * (1 - value / most):.1f}"
            for at, value in points
        )
        parts.append(f'<polyline fill="none" stroke-width="1.5" stroke="{_colour(number)}" points="{scaled}"/>')
    return "".join(parts)


def _shares(lines: Lines) -> str:
    """What Grafana draws as a pie: a bar for each."""
    total = sum(points[-1][1] for _, points in lines) or 1.0
    parts = []
    for number, (name, points) in enumerate(lines):
        share, y = points[-1][1] / total, _TOP + 24 * number
        width = share * (_WIDTH - 150)
        parts.append(f'<text x="0" y="{y + 12}">{html.escape(name)}</text>')
        parts.append(f'<rect x="100" y="{y}" width="{width:.1f}" height="16" fill="{_colour(number)}"/>')
        parts.append(f'<text x="{106 + width:.1f}" y="{y + 12}">{100 * share:.0f} %</text>')
    return "".join(parts)


def _round_up(value: float) -> float:
    """The next of 1, 2, 4, 6, 8 times a power of ten: half of it is a short number too."""
    if value <= 0:
        return 1.0
    scale = 10.0 ** math.floor(math.log10(value))
    return next(part * scale for part in (1, 2, 4, 6, 8, 10) if part * scale >= value * 0.9999)


def _colour(number: int) -> str:
    return _COLOURS[number % len(_COLOURS)]


def _legend(form: str, labels: dict[str, str]) -> str:
    for name, value in labels.items():
        form = form.replace("{{" + name + "}}", value)
    return form if "{{" not in form else form.partition("{{")[0].strip() or "none"


def _number(value: float) -> str:
    return f"{value:.3g}"


def _unit(panel: dict[str, Any]) -> str:
    units = {"s": " s", "reqps": " /s", "ops": " /s", "currencyUSD": " $"}
    return units.get(panel["fieldConfig"]["defaults"]["unit"], "")
