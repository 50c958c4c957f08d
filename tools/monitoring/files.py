"""Which files are made, and from what: rules are written once, in the form that any Prometheus reads."""

from __future__ import annotations

from pathlib import Path

import yaml

from tools.monitoring.dashboard import dashboard

FOLDER = Path(__file__).parents[2] / "ray-cluster" / "monitoring"
RULES = FOLDER / "rules.yaml"
_HEADER = "# Made by `python -m tools.monitoring` from ../rules.yaml: change that.\n"


def written() -> dict[Path, str]:
    """Each file with its text."""
    return {
        FOLDER / "grafana-dashboard.json": dashboard(),
        FOLDER / "operator" / "rules.yaml": _operator_rules(),
    }


def _operator_rules() -> str:
    rule = {
        "apiVersion": "monitoring.coreos.com/v1",
        "kind": "PrometheusRule",
        "metadata": {"name": "livecodebench", "labels": {"app.kubernetes.io/part-of": "livecodebench"}},
        "spec": yaml.safe_load(RULES.read_text(encoding="utf-8")),
    }
    return _HEADER + str(yaml.safe_dump(rule, sort_keys=False, width=120))
