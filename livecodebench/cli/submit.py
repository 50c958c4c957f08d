"""`livecodebench submit`: an evaluation as a Ray job, which needs nobody to watch it."""

from __future__ import annotations

import json
import sys
import uuid
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from importlib.util import find_spec
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING, Annotated, cast

import typer

from lcb_ray.cluster_files import KEYS_FOLDER, KEYS_SECRET
from lcb_ray.errors import SandboxUnusable
from livecodebench.cli import evaluate, grade
from livecodebench.cli.exits import Ended, Status, command, tell
from livecodebench.cli.scores import show_summary
from livecodebench.cli.signals import Interrupted, StopSignals
from livecodebench.errors import InputError
from livecodebench.printable import printable

if TYPE_CHECKING:
    from typer.core import TyperCommand

    from lcb_ray.ray_jobs import Job, RayJobs

HELP = f"""\
Run `evaluate` or `grade` as a Ray job: it goes on when this command, or this machine, goes away.

What the job prints is printed here while it runs; Ctrl-C leaves the job running. Local files that the command reads are
sent along. With --backend kubernetes the job runs on the head of the RayCluster that `livecodebench cluster up` makes;
otherwise on the Ray cluster of --address. Use that cluster's backend in the command: kubernetes there, else ray.

\b
Examples:
  livecodebench submit --fetch results -- evaluate gpt-4o -n 10 --backend kubernetes \\
      --api-key-file {KEYS_FOLDER}/openai
  livecodebench submit --address http://head:8265 -- grade answers.jsonl --dataset mini --backend ray \\
      --output s3://bucket/run
  livecodebench submit --follow ID --fetch results
  livecodebench submit --stop ID

Results are kept where --output says: at a URL of fsspec's (its credentials are the cluster's), or in a folder of the
head. After --stop, or a lost cluster, the same command with the same --output resumes. --fetch brings them here.

API keys stay in the cluster. The command line names a variable of the head's environment (--api-key-env) or a file
there (--api-key-file), such as {KEYS_FOLDER}/NAME of the Kubernetes secret {KEYS_SECRET}; what is in a
command line is seen in Ray's dashboard.

Exit status: that of the command; 2 bad input; 4 no cluster; 130 or 143 interrupted, or the job was stopped.
"""
_ID_LENGTH = 8
_CODE = ("lcb_ray", "livecodebench")


@command
def submit(
    words: Annotated[
        list[str] | None,
        typer.Argument(metavar="-- COMMAND ...", help="evaluate or grade, with its options.", show_default=False),
    ] = None,
    address: Annotated[
        str | None,
        typer.Option(
            "--address",
            metavar="URL",
            help="Of Ray's dashboard, http://host:8265 (default: RAY_API_SERVER_ADDRESS, RAY_ADDRESS, or a Ray here).",
        ),
    ] = None,
    kubernetes: Annotated[
        bool, typer.Option("--kubernetes", help="Where --follow or --stop look: in the RayCluster of `cluster up`.")
    ] = False,
    follow: Annotated[str | None, typer.Option("--follow", metavar="ID", help="Follow this job.")] = None,
    stop: Annotated[str | None, typer.Option("--stop", metavar="ID", help="Stop this job.")] = None,
    fetch: Annotated[
        Path | None, typer.Option("--fetch", metavar="DIR", help="Bring the results here when the job has ended.")
    ] = None,
    detach: Annotated[bool, typer.Option("--detach", help="Do not follow: print the job's ID and end.")] = False,
) -> None:
    """Submit, follow or stop a job; HELP has the words for users."""
    if (bool(words) + (follow is not None) + (stop is not None)) != 1:
        raise InputError("submit: give a command after --, or --follow ID, or --stop ID")
    if fetch is not None and fetch.exists() and (not fetch.is_dir() or any(fetch.iterdir())) and words:
        raise InputError(f"--fetch {fetch}: is there already: choose a new or empty folder")
    with StopSignals():
        if words:
            _submit(words, address, fetch=fetch, detach=detach)
            return
        with _jobs(address, kubernetes=kubernetes) as jobs:
            if stop is not None:
                _tell_end(_known(lambda: jobs.stop(stop)))
            else:
                assert follow is not None
                _follow(jobs, follow, fetch=fetch, where=_where(address, kubernetes=kubernetes))


def _submit(words: list[str], address: str | None, *, fetch: Path | None, detach: bool) -> None:
    from livecodebench.cli.submission import prepared

    id = f"livecodebench-{uuid.uuid4().hex[:_ID_LENGTH]}"
    commands = {"evaluate": _click(evaluate.evaluate), "grade": _click(grade.grade)}
    with TemporaryDirectory(prefix="livecodebench-") as scratch:
        made = prepared(words, commands, id=id, folder=Path(scratch))
        kubernetes = made.backend == "kubernetes" and address is None
        with _jobs(address, kubernetes=kubernetes) as jobs:
            jobs.submit(
                ["python", "-m", "livecodebench", *made.words],
                id=id,
                code=_CODE,
                folder=Path(scratch) if any(Path(scratch).iterdir()) else None,
                environment=made.environment,
                metadata={
                    "job_name": made.title,  # what Ray's dashboard lists it by
                    "dataset": made.dataset,
                    "backend": made.backend,
                    "output": made.output,
                    "json": str(made.as_json),
                },
            )
            tell(f"submitted as {id}; results: {made.output}")
            if detach:
                typer.echo(id)
            else:
                _follow(jobs, id, fetch=fetch, where=_where(address, kubernetes=kubernetes))


def _follow(jobs: RayJobs, id: str, *, fetch: Path | None, where: str) -> None:
    """Show a job until it ends, fetch its results, and end as it did. Raises Ended, InputError, SandboxError."""
    try:
        job = _known(lambda: jobs.follow(id, _show))
    except Interrupted as interrupted:
        raise Ended(
            Status(128 + interrupted.signal),
            f"The job goes on. livecodebench submit{where} --follow {id} shows it again, --stop {id} ends it.",
        ) from None
    if fetch is not None:
        _fetch(jobs, job, fetch)
    _tell_end(job)


def _where(address: str | None, *, kubernetes: bool) -> str:
    """The options that find the same cluster again."""
    return " --kubernetes" if kubernetes else f" --address {address}" if address is not None else ""


def _fetch(jobs: RayJobs, job: Job, folder: Path) -> None:
    """Bring results here, and show them. Raises Ended."""
    from livecodebench.results.sending import NotSent, received

    output = job.metadata.get("output")
    if output is None:
        raise Ended(Status.BAD_INPUT, f"livecodebench: {job.id} was not submitted by this command: it names no results")
    id = f"{job.id}-fetch-{uuid.uuid4().hex[:4]}"
    jobs.submit(["python", "-m", "livecodebench.results.sending", output], id=id, code=_CODE)
    jobs.follow(id, lambda text: None)
    try:
        received(jobs.output(id), folder)
    except NotSent as error:
        message = f"livecodebench: results of {job.id} cannot be fetched: {error}"
        if job.status == "SUCCEEDED":
            raise Ended(Status.NO_OUTPUT, message) from error
        tell(message)  # how the job ended says more
        return
    tell(f"results are in {folder}")
    summary = folder / "summary.json"
    if summary.is_file():
        show_summary(json.loads(summary.read_bytes()), as_json=job.metadata.get("json") == "True")


def _tell_end(job: Job) -> None:
    """Raises Ended with the job's own status, where it did not succeed."""
    tell(f"job {job.id}: {job.status}")
    if job.status == "SUCCEEDED":
        return
    if job.status == "STOPPED":
        raise Ended(Status.TERMINATED, "the same command with the same --output resumes")
    if job.exit_code in list(Status):
        raise Ended(Status(job.exit_code))
    raise Ended(
        Status.NO_BACKEND, f"livecodebench: the job failed: {printable(job.message, limit=4000, keep_lines=True)}"
    )


def _show(text: str) -> None:
    sys.stderr.write(printable(text, keep_lines=True))
    sys.stderr.flush()


def _known(ask: Callable[[], Job]) -> Job:
    try:
        return ask()
    except LookupError as error:
        raise InputError(f"{error}: is it on another cluster? --address or --kubernetes names it") from None


def _click(work: Callable[..., None]) -> TyperCommand:
    """One of our commands, as its options are parsed."""
    alone = typer.Typer(rich_markup_mode=None, add_completion=False)
    alone.command(help=work.__doc__)(work)
    return cast("TyperCommand", typer.main.get_command(alone))


@contextmanager
def _jobs(address: str | None, *, kubernetes: bool) -> Iterator[RayJobs]:
    """The jobs of the cluster that the options name, with the way there where it is one. Raises SandboxError."""
    if find_spec("ray") is None:
        raise SandboxUnusable("submit needs Ray's client: pip install 'lcb-ray[ray]'")
    from lcb_ray.ray_jobs import RayJobs

    if not kubernetes:
        yield RayJobs(address)
        return
    from lcb_ray.kuberay import gateway_start
    from lcb_ray.kuberay.status import standing
    from livecodebench.cli.preflight import read_settings

    found = standing(read_settings())
    with gateway_start.dashboard(found) as forward:
        yield RayJobs(forward.url, token=gateway_start.ray_token(found))
