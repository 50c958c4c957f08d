"""`livecodebench report`: the scores of a results folder, finished or not; or of several, compared."""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Annotated

import typer

from livecodebench.cli import options
from livecodebench.cli.exits import Ended, Status, command, tell
from livecodebench.cli.scores import show_summary
from livecodebench.errors import InputError, OutputError

HELP = """\
Print the scores of a results folder, or compare several.

They are computed from the folder's judgements, also while a run still writes there. Nothing in it is changed. With
--html the same and more goes into one HTML file: charts, time and memory, single submissions with their programs.

Of several folders each model is compared with the first one, on the problems that both answered.

\b
Examples:
  livecodebench report results
  livecodebench report results --json
  livecodebench report results --html report.html --cutoff 2024-05-01
  livecodebench report results --html report.html --dataset release_v5 --generations answers.jsonl
  livecodebench report first other --html compared.html

Exit status: 0, also where the run is unfinished or has infrastructure errors: the scores say so; 2 no results there, or
nothing that could be compared.
"""


@command
def report(
    folders: Annotated[
        list[Path], typer.Argument(metavar="DIR...", help="Folders that --output named.", show_default=False)
    ],
    as_json: options.AsJson = False,
    html: Annotated[
        Path | None,
        typer.Option(
            "--html",
            metavar="FILE",
            show_default=False,
            help="Write an HTML report too. Only an earlier report is ever replaced.",
        ),
    ] = None,
    cutoff: Annotated[
        list[str] | None,
        typer.Option(
            "--cutoff",
            metavar="[MODEL=]YYYY-MM-DD",
            show_default=False,
            help="With --html: the day a model's training data ended; scores before and after are told apart.",
        ),
    ] = None,
    dataset: Annotated[
        str | None,
        typer.Option(
            "--dataset",
            metavar="NAME|PATH",
            show_default=False,
            help="With --html: the run's dataset, to show titles, days and tests (mini and files are found anyway).",
        ),
    ] = None,
    generations: Annotated[
        Path | None,
        typer.Option(
            "--generations",
            metavar="FILE",
            show_default=False,
            help="With --html: the answers that were judged, to show programs (evaluate's are found anyway).",
        ),
    ] = None,
) -> None:
    """Print scores; HELP has the words for users."""
    given = {"--cutoff": cutoff, "--dataset": dataset, "--generations": generations}
    for option, value in given.items():
        if value is not None and (html is None or len(folders) > 1):
            raise InputError(f"{option}: goes with --html and one folder: leave it out, or report folders one by one")
    if len(folders) > 1:
        _compare(folders, as_json=as_json, html=html)
    else:
        _report(folders[0], html, cutoff or [], dataset, generations, as_json=as_json)


def _report(
    folder: Path,
    html: Path | None,
    cutoffs: Sequence[str],
    dataset: str | None,
    generations: Path | None,
    *,
    as_json: bool,
) -> None:
    from livecodebench.results.folder import load
    from livecodebench.results.results import summary_of

    if html is None:
        run, tally = load(folder)
        show_summary(summary_of(run, tally), as_json=as_json)
        return
    from livecodebench.report.data import gather
    from livecodebench.report.html.report_page import report_page
    from livecodebench.report.html.writing import check_target

    replaces = check_target(html)
    data = gather(folder, cutoffs=cutoffs, dataset=dataset, generations=generations)
    _write(html, lambda: report_page(data), replaces=replaces)
    for note in data.sources.notes:
        tell(note)
    show_summary(data.summary, as_json=as_json)


def _compare(folders: Sequence[Path], *, as_json: bool, html: Path | None) -> None:
    from livecodebench.report.comparison import compare_folders

    replaces = False
    if html is not None:
        from livecodebench.report.html.writing import check_target

        replaces = check_target(html)
    comparisons = compare_folders(folders)
    if html is not None:
        from livecodebench.report.html.comparison_page import comparison_page

        _write(html, lambda: comparison_page(comparisons), replaces=replaces)
    if as_json:
        typer.echo(json.dumps({"schema": 1, "comparisons": [one.as_json() for one in comparisons]}, indent=1))
        return
    from livecodebench.report.comparison_table import print_comparisons

    print_comparisons(comparisons)


def _write(path: Path, make: Callable[[], str], *, replaces: bool) -> None:
    from livecodebench.report.html.writing import write_page

    try:
        write_page(path, make())
    except OutputError as error:
        raise Ended(Status.NO_OUTPUT, f"livecodebench: {error}") from error
    tell(f"wrote {path}" + (", in place of the report that was there" if replaces else ""))
