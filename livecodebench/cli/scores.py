"""The result on standard output: what the commands that score have in common."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

import typer


def show_summary(summary: Mapping[str, Any], *, as_json: bool) -> None:
    """Print the summary, and nothing else, on standard output."""
    if as_json:
        typer.echo(json.dumps(summary, indent=1))
        return
    from livecodebench.report.table import print_summary

    print_summary(summary)
