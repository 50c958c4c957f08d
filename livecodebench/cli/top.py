"""`livecodebench top`: what goes on in the pools that are there, in the terminal."""

from __future__ import annotations

import json
import sys
from typing import TYPE_CHECKING, Annotated

import typer

from livecodebench.cli import options
from livecodebench.cli.exits import command
from livecodebench.cli.signals import Interrupted, StopSignals
from livecodebench.errors import InputError

if TYPE_CHECKING:
    from livecodebench.judging.looking import Look

HELP = """\
Show what goes on in a pool of sandboxes: slots, who waits, drivers, what runs, what came out.

It looks at the pools of a running Ray cluster, a gateway or a RayCluster on Kubernetes, whoever uses them. Nothing is
started or changed. On a terminal it goes on until Ctrl-C; elsewhere, or with --once, it prints once.

\b
Examples:
  livecodebench top                          (the kind cluster that `cluster up` has made)
  LIVECODEBENCH_RAY_ADDRESS=10.0.0.5:6379 livecodebench top
  LIVECODEBENCH_RAY_ADDRESS=http://127.0.0.1:8266 LIVECODEBENCH_GATEWAY_TOKEN=... livecodebench top
  livecodebench top --once --json

Exit status: 0, also where no pool is there; 2 a setting is wrong; 4 nothing answers.
"""


@command
def top(
    backend: Annotated[
        str | None,
        typer.Option(
            "--backend",
            metavar="NAME",
            show_default=False,
            help="ray or kubernetes. Default: ray where LIVECODEBENCH_RAY_ADDRESS or RAY_ADDRESS is set.",
        ),
    ] = None,
    once: Annotated[bool, typer.Option("--once", help="Print once, also on a terminal.")] = False,
    interval: Annotated[float, typer.Option("--interval", metavar="SECONDS", help="Between two looks.")] = 2.0,
    as_json: options.AsJson = False,
) -> None:
    """Show what goes on; HELP has the words for users."""
    if not 0.2 <= interval <= 3600:
        raise InputError(f"--interval must be 0.2 to 3600 seconds, not {interval:g}")
    from livecodebench.judging.looking import looking

    with StopSignals():
        try:
            with looking(backend) as look:
                if as_json:
                    typer.echo(json.dumps({"schema": 1, "pools": [view.as_json() for view in look()]}, indent=1))
                elif once or not sys.stdout.isatty():
                    _print_once(look)
                else:
                    _live(look, interval)
        except Interrupted:
            return


def _print_once(look: Look) -> None:
    from livecodebench.report.pool_table import pools_shown
    from livecodebench.report.table import console_for

    console_for(sys.stdout).print(pools_shown(look(), most_sandboxes=1000, most_recent=20))


def _live(look: Look, interval: float) -> None:
    from threading import Event

    from rich.live import Live
    from rich.text import Text

    from lcb_ray.errors import PoolUnavailable
    from livecodebench.printable import printable
    from livecodebench.report.pool_table import pools_shown
    from livecodebench.report.table import console_for

    console = console_for(sys.stdout)
    first = look()  # what does not answer at the start is an error; later it may come back
    with Live(pools_shown(first), console=console, auto_refresh=False, screen=True) as live:
        while True:
            rows = max(console.height - 16, 3)
            try:
                shown = pools_shown(look(), most_sandboxes=rows * 2 // 3, most_recent=max(rows // 3, 1))
            except PoolUnavailable as error:
                shown = Text(f"nothing answers: {printable(str(error), limit=500)}")
            live.update(shown, refresh=True)
            Event().wait(interval)
