"""The dashboard's panels with what a Prometheus answers to their queries, as a page: for those who have no Grafana.

Plain lines over time; Grafana draws the same queries its own way.
"""

from __future__ import annotations

import html
import math
from typing import Any

from tools.monitoring.server import Prometheus, filled, panels

_WIDTH, _HEIGHT = 380, 120
_COLOURS = ("#3274d9", "#56a64b", "#e0752d", "#b877d9", "#e02f44", "#8f8f8f", "#ffa600", "#2f4b7c")
_STYLE = """
body { font: 13px/1.35 "DejaVu Sans", sans-serif; margin: 14px; background: #fff; color: #222; }
main { display: grid; grid-template-columns: repeat(3, 400px); gap: 12px; }
section { border: 1px solid #ccc; border-radius: 4px; padding: 8px; }
h2 { font-size: 14px; margin: 0 0 4px; } p { margin: 0 0 6px; color: #555; font-size: 11px; }
ul { list-style: none; margin: 4px 0 0; padding: 0; font-size: 11px; } li { display: inline-block; margin-right: 12px; }
"""


def panels_page(server: Prometheus, begin: float, end: float, *, pool: str = ".*", rate: str = "30s") -> str:
    """The page. Raises AssertionError where a panel has nothing to show.

    Args:
        server: What is asked.
        begin: Of the time shown, in seconds since 1970.
        end: Of it.
        pool: Which pools.
        rate: Over how long rates are taken.
    """
    sections = [_section(server, panel, begin, end, pool, rate) for panel in panels()]
    return f"<!doctype html><meta charset=utf-8><style>{_STYLE}</style><main>{''.join(sections)}</main>"


def _section(server: Prometheus, panel: dict[str, Any], begin: float, end: float, pool: str, rate: str) -> str:
    lines: list[tuple[str, list[tuple[float, float]]]] = []
    step = max(round((end - begin) / 100), 1)
    for target in panel["targets"]:
        asked = filled(target["expr"], pool=pool, rate=rate, whole=f"{round(end - begin)}s")
        for series in server.query_range(asked, begin, end, step):
            points = [(float(at), float(value)) for at, value in series["values"]]
            named = _legend(target["legendFormat"], series["metric"])
            lines.append((named, [point for point in points if math.isfinite(point[1])]))
    lines = [line for line in lines if line[1]]
    assert lines, f"{panel['title']}: nothing to show"
    most = max(value for _, points in lines for _, value in points) or 1.0
    drawn = "".join(_line(points, begin, end, most, n) for n, (_, points) in enumerate(lines))
    legend = "".join(
        f'<li><b style="color:{_colour(n)}">&#9632;</b> {html.escape(name)} {_number(points[-1][1])}</li>'
        for n, (name, points) in enumerate(lines)
    )
    top = f'<text x="2" y="10" font-size="10" fill="#888">{_number(most)} {_unit(panel)}</text>'
    chart = f'<svg width="{_WIDTH}" height="{_HEIGHT}">{top}{drawn}</svg>'
    words = f"<h2>{html.escape(panel['title'])}</h2><p>{html.escape(panel['description'])}</p>"
    return f"<section>{words}{chart}<ul>{legend}</ul></section>"


def _line(points: list[tuple[float, float]], begin: float, end: float, most: float, number: int) -> str:
    scaled = [
        f"{(at - begin) / (end - begin) * _WIDTH:.1f},{_HEIGHT - 4 - value / most * (_HEIGHT - 20):.1f}"
        for at, value in points
    ]
    return f'<polyline fill="none" stroke-width="1.5" stroke="{_colour(number)}" points="{" ".join(scaled)}"/>'


def _colour(number: int) -> str:
    return _COLOURS[number % len(_COLOURS)]


def _legend(form: str, labels: dict[str, str]) -> str:
    for name, value in labels.items():
        form = form.replace("{{" + name + "}}", value)
    return form if "{{" not in form else form.partition("{{")[0].strip() or "none"


def _number(value: float) -> str:
    return f"{value:.3g}"


def _unit(panel: dict[str, Any]) -> str:
    units = {"s": "s", "reqps": "/s", "ops": "/s", "currencyUSD": "$"}
    return units.get(panel["fieldConfig"]["defaults"]["unit"], "")
