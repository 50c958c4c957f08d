"""`livecodebench doctor`: what is there, what is missing, and what to do about it."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import typer

from livecodebench.cli import options
from livecodebench.cli.exits import Ended, Status, command

if TYPE_CHECKING:
    from livecodebench.diagnosis import Diagnosis

HELP = """\
Check what judging needs here, and say how to mend what is missing.

The sandbox proves each property of its jail by trying to break it. Nothing is installed or changed.

\b
Examples:
  livecodebench doctor
  livecodebench doctor --json

Exit status: 0 the default backend works; 4 it does not.
"""


@command
def doctor(as_json: options.AsJson = False) -> None:
    """Check this machine; HELP has the words for users."""
    from livecodebench.diagnosis import diagnose

    diagnosis = diagnose()
    if as_json:
        typer.echo(json.dumps(diagnosis.as_json(), indent=1))
    else:
        _print(diagnosis)
    if not diagnosis.works:
        raise Ended(Status.NO_BACKEND)


def _print(diagnosis: Diagnosis) -> None:
    from livecodebench.printable import printable

    width = max(len(check.name) for check in diagnosis.checks)
    for check in diagnosis.checks:
        typer.echo(printable(f"{check.health:<4}  {check.name:<{width}}  {check.found}"))
        if check.fix:
            typer.echo(printable(f"{'':<{width + 8}}-> {check.fix}"))
    verdict = "The local backend works." if diagnosis.works else "The local backend does not work here."
    typer.echo(verdict)
