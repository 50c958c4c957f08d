"""The dashboard as Grafana reads it: JSON of its schema 39, with a choice of data source and pool, and a price."""

from __future__ import annotations

import json
from typing import Any

from tools.monitoring.panels import PREFIX, ROWS, Panel, Row

UID = "livecodebench"
_HEIGHT = 8
_SOURCE = {"type": "prometheus", "uid": "${source}"}


def dashboard() -> str:
    """The file."""
    panels: list[dict[str, Any]] = []
    top = 0
    for row in ROWS:
        panels += _row(row, top, first=len(panels) + 1)
        top += _HEIGHT + 1
    whole = {
        "uid": UID,
        "title": "LiveCodeBench",
        "description": "Pools of sandboxes: who waits, what runs, what fails, what it costs.",
        "tags": ["livecodebench", "ray"],
        "schemaVersion": 39,
        "editable": True,
        "graphTooltip": 1,
        "refresh": "10s",
        "time": {"from": "now-30m", "to": "now"},
        "timezone": "",
        "templating": {"list": _variables()},
        "panels": panels,
    }
    return json.dumps(whole, indent=1) + "\n"


def _variables() -> list[dict[str, Any]]:
    return [
        {"name": "source", "label": "Data source", "type": "datasource", "query": "prometheus"},
        {
            "name": "pool",
            "label": "Pool",
            "type": "query",
            "datasource": _SOURCE,
            "query": {"query": f"label_values({PREFIX}slots, pool)", "refId": "pool"},
            "definition": f"label_values({PREFIX}slots, pool)",
            "refresh": 2,
            "multi": True,
            "includeAll": True,
            "allValue": ".*",
            "current": {"text": "All", "value": "$__all"},
        },
        {
            "name": "price",
            "label": "Price of a slot for an hour",
            "type": "textbox",
            "query": "0.05",
            "current": {"text": "0.05", "value": "0.05"},
        },
    ]


def _row(row: Row, top: int, *, first: int) -> list[dict[str, Any]]:
    place = {"h": 1, "w": 24, "x": 0, "y": top}
    made: list[dict[str, Any]] = [
        {"id": first, "type": "row", "title": row.title, "collapsed": False, "gridPos": place, "panels": []}
    ]
    left = 0
    for number, panel in enumerate(row.panels, first + 1):
        made.append(_panel(panel, number, left, top + 1))
        left += panel.width
    return made


def _panel(panel: Panel, number: int, left: int, top: int) -> dict[str, Any]:
    instant = panel.kind != "timeseries"
    return {
        "id": number,
        "type": panel.kind,
        "title": panel.title,
        "description": panel.words,
        "datasource": _SOURCE,
        "gridPos": {"h": _HEIGHT, "w": panel.width, "x": left, "y": top},
        "fieldConfig": {"defaults": {"unit": panel.unit, "min": 0, "custom": _drawn(panel)}, "overrides": []},
        "options": {"legend": {"displayMode": "list", "placement": "bottom", "showLegend": True}},
        "targets": [
            {
                "refId": chr(ord("A") + place),
                "datasource": _SOURCE,
                "expr": query.expression,
                "legendFormat": query.legend,
                "range": not instant,
                "instant": instant,
            }
            for place, query in enumerate(panel.queries)
        ],
    }


def _drawn(panel: Panel) -> dict[str, Any]:
    if panel.kind != "timeseries":
        return {}
    stacking = {"mode": "normal" if panel.stacked else "none", "group": "A"}
    return {"fillOpacity": 30 if panel.stacked else 5, "lineWidth": 1, "stacking": stacking, "showPoints": "auto"}
