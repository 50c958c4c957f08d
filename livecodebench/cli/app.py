"""The commands, put together."""

from __future__ import annotations

import io
import sys

import typer

from livecodebench.cli import cleanup as cleanup_command
from livecodebench.cli import cluster, evaluate, grade, replay, report, submit
from livecodebench.cli import doctor as doctor_command
from livecodebench.cli import run as run_command
from livecodebench.cli import top as top_command
from livecodebench.cli.exits import tell

HELP = """\
LiveCodeBench: programs that models wrote, judged on real contest problems, each in a jail.

\b
Start here:
  livecodebench doctor
      is all there that judging needs?
  livecodebench run solution.py --problem ID --dataset mini
      one program, test by test
  livecodebench grade answers.jsonl --dataset mini
      many programs, a score
  livecodebench evaluate mini-strong --replay mini --dataset mini
      a model, asked and judged: this one needs no key

`livecodebench COMMAND --help` shows a command's options and examples.
"""

app = typer.Typer(
    help=HELP,
    rich_markup_mode=None,  # plain text, and no import of rich for --help
    pretty_exceptions_enable=False,
    add_completion=False,
    no_args_is_help=True,
    context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100},
)


@app.callback()
def warn_of_other_owner(context: typer.Context) -> None:
    """Say once that another package sits in our place; `doctor` looks closer, and says it itself."""
    if context.invoked_subcommand == "doctor":
        return
    from livecodebench.distribution import likely_owners, warning

    if owners := likely_owners():
        tell(f"warning: {warning(owners)}")


app.command("grade", help=grade.HELP, short_help="Judge stored answers of models and print their scores.")(grade.grade)
app.command("evaluate", help=evaluate.HELP, short_help="Ask a model, judge its programs, print its score.")(
    evaluate.evaluate
)
app.command("replay", help=replay.HELP, short_help="Serve stored completions as a model's API.")(replay.replay)
app.command("run", help=run_command.HELP, short_help="Judge one program, test by test.")(run_command.run)
app.command("report", help=report.HELP, short_help="Print the scores of a results folder.")(report.report)
app.command("top", help=top_command.HELP, short_help="Show what goes on in a pool.")(top_command.top)
app.command("doctor", help=doctor_command.HELP, short_help="Check what judging needs here.")(doctor_command.doctor)
app.command("cleanup", help=cleanup_command.HELP, short_help="Remove what killed runs have left.")(
    cleanup_command.cleanup
)
app.command("submit", help=submit.HELP, short_help="Run evaluate or grade as a Ray job.")(submit.submit)
app.add_typer(cluster.app, name="cluster", short_help="A pool of sandbox pods on Kubernetes.")


def run() -> None:
    """Run the command line of this process."""
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):  # a model's name must not end us where the terminal knows no Unicode
            stream.reconfigure(errors="backslashreplace")
    app(prog_name="livecodebench")
