"""`livecodebench report`: the scores of a results folder, finished or not."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from livecodebench.cli import options
from livecodebench.cli.exits import command
from livecodebench.cli.scores import show_summary

HELP = """\
Print the scores of a results folder.

They are computed from the folder's judgements, also while a run still writes there. Nothing in it is changed.

\b
Examples:
  livecodebench report results
  livecodebench report results --json

Exit status: 0, also where the run is unfinished or has infrastructure errors: the scores say so; 2 no results there.
"""


@command
def report(
    folder: Annotated[Path, typer.Argument(metavar="DIR", help="The folder that --output named.", show_default=False)],
    as_json: options.AsJson = False,
) -> None:
    """Print scores; HELP has the words for users."""
    from livecodebench.results.folder import load
    from livecodebench.results.results import summary_of

    run, tally = load(folder)
    show_summary(summary_of(run, tally), as_json=as_json)
