"""The command: which pictures, and where they go."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Annotated

import typer

app = typer.Typer(help=__doc__, no_args_is_help=True, add_completion=False)
Out = Annotated[Path, typer.Option("--out", help="Folder for the pictures; those that are there are replaced.")]


@app.command("ray-dashboard")
def ray_dashboard(
    url: Annotated[str, typer.Option("--url", help="Of the dashboard, http://127.0.0.1:8265.")],
    out: Out,
    token: Annotated[str, typer.Option("--token", envvar="RAY_AUTH_TOKEN", help="Of the Ray cluster.")] = "",
    prefix: Annotated[str, typer.Option("--prefix", help="Of the pictures' names.")] = "ray-dashboard",
    job: Annotated[str, typer.Option("--job", help="A job's submission id. Default: the newest that runs.")] = "",
) -> None:
    """Ray's dashboard of a cluster that is at work: its actors, its jobs, one job, its nodes."""
    from tools.screenshots.ray_dashboard import photograph

    for picture in photograph(url, out, token=token, prefix=prefix, job=job):
        typer.echo(f"{picture}  {picture.stat().st_size / 1000:.0f} kB")


@app.command("local")
def local(out: Out) -> None:
    """A Ray of its own with a job on it: Ray's dashboard, `livecodebench top`, and the panels of the dashboard."""
    from tools.screenshots.local import photograph_local

    for picture in photograph_local(out):
        typer.echo(f"{picture}  {picture.stat().st_size / 1000:.0f} kB")


@app.command("kind")
def kind(out: Out) -> None:
    """The same of a job in the RayCluster that `livecodebench cluster up --pool-size 4` has made."""
    from tools.screenshots.kind import photograph_kind

    for picture in photograph_kind(out):
        typer.echo(f"{picture}  {picture.stat().st_size / 1000:.0f} kB")


@app.callback()
def command() -> None:
    """Pictures of real runs, for the documentation."""
    os.environ.pop("RAY_ADDRESS", None)


if __name__ == "__main__":
    app()
