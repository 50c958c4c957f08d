"""`livecodebench cluster`: bring up a pool on Kubernetes, look at it, reach its dashboard, take it down."""

from __future__ import annotations

import json
from dataclasses import asdict, replace
from typing import TYPE_CHECKING, Annotated

import typer

from livecodebench.cli import images, options, preflight
from livecodebench.cli.exits import Ended, Status, command, tell
from livecodebench.cli.preflight import read_settings
from livecodebench.cli.signals import Interrupted, StopSignals

if TYPE_CHECKING:
    from lcb_ray.kuberay.status import Status as ClusterStatus

_WHICH = """\
By default all of it is on this machine: a kind cluster named livecodebench, which is made where there is none. Your own
contexts are not touched. LIVECODEBENCH_K8S_LOCAL=false uses the cluster that your kubeconfig names.
"""
HELP = f"""\
A pool of sandbox pods on Kubernetes, for --backend kubernetes.

{_WHICH}
\b
  livecodebench cluster up --pool-size 4
  livecodebench grade answers.jsonl --dataset mini --backend kubernetes --pool-size 4
  livecodebench cluster down

`livecodebench cluster up --help` lists the settings.
"""
UP_HELP = f"""\
Bring up everything that --backend kubernetes needs, and say what it is waiting for. Backends do the same by themselves.

{_WHICH}
What is there already stays; after an interruption the same command goes on. Where fewer pods fit than --pool-size, it
starts with those, and says so. Pods that nobody uses go after some minutes, and come back when they are needed; the
RayCluster itself goes when nobody has used it for eight hours (LIVECODEBENCH_K8S_IDLE_TIMEOUT). A RayCluster of another
version is replaced once nobody uses it.

\b
Examples:
  livecodebench cluster up
  livecodebench cluster up --pool-size 4
  LIVECODEBENCH_K8S_LOCAL=false LIVECODEBENCH_K8S_CONTEXT=production livecodebench cluster up

It begins with what `livecodebench cluster preflight` does: where that fails, nothing is created.

Exit status: 0 it is up; 2 a setting is wrong; 4 it could not be brought up: standard error says why.
"""
STATUS_HELP = """\
Show what is there: the namespace, the RayCluster, its pods and what those wait for, and whether the cluster's network
enforces policies, which each sandbox pod tries when it starts. Nothing is made or changed.

\b
Examples:
  livecodebench cluster status
  livecodebench cluster status --json

Exit status: 0 it serves; 4 it does not.
"""
LOGS_HELP = """\
Print what the pool has logged: the pool actor, the sandbox actors, the gateway, and the containers of all pods.

Actors write one JSON object a line, with "key" (the problem and the sample) and "lease", so that one submission can be
followed from the pool to its sandbox. Nothing in a log can act on the terminal.

\b
Examples:
  livecodebench cluster logs
  livecodebench cluster logs --grep 'mini_ledger#0'
  livecodebench cluster logs --grep '"level": "warning"' --lines 5000

Exit status: 0; 4 no RayCluster serves.
"""
DOWN_HELP = """\
Delete all that `cluster up` has made: the namespace, and the local cluster if it was made here.

A local cluster that somebody else made, and any remote one, stays: of those only what is ours is deleted.

\b
Examples:
  livecodebench cluster down
  livecodebench cluster down --keep-nodes     (the next `up` takes seconds, not minutes)

Exit status: 0 nothing is left; 4 something is: standard error says what.
"""
CLEANUP_HELP = """\
Remove RayClusters that nobody uses, and what an interrupted `up` has left: `livecodebench cleanup` for Kubernetes only.

A RayCluster that `cluster up` has brought up stays until it has been idle for its time, or until `cluster down`; one
that a program has brought up goes here as soon as nobody uses it. The kind cluster stays, unless
DELETE_CLUSTER_ON_CLEANUP is set, it was made here, and nothing in it is in use.

\b
Examples:
  livecodebench cluster cleanup --dry-run
  livecodebench cluster cleanup --all         (also what is in use)

Exit status: 0 nothing of it is left; 3 something could not be removed; 4 the cluster cannot be asked.
"""
DASHBOARD_HELP = """\
Open Ray's dashboard and its jobs API on this machine, until Ctrl-C; prints how to get in.

\b
Examples:
  livecodebench cluster dashboard
  livecodebench cluster dashboard --port 9000

The printed lines also let `ray job submit` run a command in the cluster:
  ray job submit -- livecodebench grade ... --backend kubernetes
"""


@command
def up(
    pool_size: options.PoolSize = None,
    slots: options.Slots = None,
    install_operator: Annotated[
        bool, typer.Option("--install-operator", help="Install KubeRay's operator into a remote cluster, too.")
    ] = False,
    replace_now: Annotated[
        bool,
        typer.Option("--replace-now", help="Replace a RayCluster of another version at once; work in it is lost."),
    ] = False,
) -> None:
    """Bring a pool up; UP_HELP has the words for users."""
    from livecodebench.judging.backend import check_pool_options

    check_pool_options("kubernetes", slots=slots, pool_size=pool_size)
    settings = read_settings()
    from lcb_ray.kuberay.settings import Replace

    if replace_now:
        settings = replace(settings, replace=Replace.NOW)
    from lcb_ray.kuberay.bring_up import bring_up
    from lcb_ray.kuberay.pool import join_pool
    from lcb_ray.kuberay.steps import Steps
    from livecodebench.judging.backend import CODE, CODEC
    from livecodebench.judging.travel import travel_codec

    with StopSignals():
        steps = Steps(tell, timeout_s=settings.timeout_s)
        standing = bring_up(
            settings,
            steps,
            code=CODE,
            sandboxes=pool_size,
            slots=slots,
            wait_for=0,
            install_operator=install_operator,
            by_hand=True,
        )
        pool, forward = join_pool(
            standing,
            steps,
            codec=travel_codec(),
            codec_name=CODEC,
            code=CODE,
            slots=slots,
            grace_s=settings.grace_s,
            replace=settings.replace,
        )
        pool.close()
        forward.close()
    typer.echo(f"up: {standing.sandboxes} sandbox pods, namespace {standing.namespace}, {standing.access}")


@command
def logs(
    lines: Annotated[int, typer.Option("--lines", min=1, max=100_000, help="Of each, the last ones.")] = 200,
    grep: Annotated[
        str, typer.Option("--grep", metavar="TEXT", help="Only lines with it: a problem's id, a lease, a level.")
    ] = "",
) -> None:
    """Gather logs; LOGS_HELP has the words for users."""
    settings = read_settings()
    from lcb_ray.kuberay.logs import gather_logs
    from lcb_ray.kuberay.status import standing
    from livecodebench.printable import printable

    with StopSignals():
        for line in gather_logs(standing(settings), lines=lines):
            if grep in line.text:
                typer.echo(printable(f"{line.source}: {line.text}"))


@command
def status(as_json: options.AsJson = False) -> None:
    """Show what is there; STATUS_HELP has the words for users."""
    settings = read_settings()
    from lcb_ray.kuberay.policies import network_policies
    from lcb_ray.kuberay.status import look

    seen = look(settings)
    policies = network_policies(settings) if seen.ready else "unknown: no head serves"
    if as_json:
        typer.echo(json.dumps({**asdict(seen), "ready": seen.ready, "network_policies": policies}, indent=1))
    else:
        _print(seen, policies)
    if not seen.ready:
        raise Ended(Status.NO_BACKEND)


@command
def down(
    keep_nodes: Annotated[
        bool, typer.Option("--keep-nodes", help="Delete the namespace only, and keep a local cluster's nodes.")
    ] = False,
) -> None:
    """Take everything down; DOWN_HELP has the words for users."""
    settings = read_settings()
    from lcb_ray.kuberay.steps import Steps
    from lcb_ray.kuberay.tear_down import tear_down

    tear_down(settings, Steps(tell, timeout_s=settings.timeout_s), keep_nodes=keep_nodes)


@command
def cleanup(
    everything: Annotated[bool, typer.Option("--all", help="Remove RayClusters that are in use, too.")] = False,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Remove nothing; say what would be removed.")] = False,
    as_json: options.AsJson = False,
) -> None:
    """Remove what nobody uses; CLEANUP_HELP has the words for users."""
    read_settings()
    from livecodebench.cli.cleanup import clean
    from livecodebench.judging.leftovers import CleanupOptions

    clean("kubernetes", CleanupOptions(everything=everything, dry_run=dry_run), as_json=as_json)


@command
def dashboard(
    port: Annotated[int, typer.Option("--port", min=1, max=65535, help="On this machine (default: 8265).")] = 8265,
) -> None:
    """Open Ray's dashboard; DASHBOARD_HELP has the words for users."""
    settings = read_settings()
    from threading import Event

    from lcb_ray.kuberay import gateway_start
    from lcb_ray.kuberay.status import standing

    found = standing(settings)
    token = gateway_start.ray_token(found)
    with StopSignals(), gateway_start.dashboard(found, local_port=port) as forward:
        typer.echo(f"# {forward.url} asks for the token; whoever has it can run anything in this RayCluster.")
        typer.echo(f"export RAY_ADDRESS={forward.url} RAY_AUTH_MODE=token RAY_AUTH_TOKEN={token}")
        tell("Ctrl-C closes it.")
        try:
            Event().wait()
        except Interrupted:
            tell("closed")


def _print(seen: ClusterStatus, policies: str) -> None:
    from livecodebench.printable import printable

    word = f"up to {seen.most} sandbox pods, {seen.wanted} wanted now" if seen.raycluster else "none"
    typer.echo(f"context     {seen.context}\nnamespace   {seen.namespace}\nRayCluster  {word}")
    typer.echo(printable(f"network policies: {policies}"))
    rows = [("POD", "ROLE", "NODE", "RESTARTS", "STATE")]
    rows += [(pod.name, pod.role, pod.node or "-", str(pod.restarts), pod.word) for pod in seen.pods]
    widths = [max(map(len, column)) for column in zip(*rows, strict=True)]
    if seen.pods:
        for row in rows:
            cells = (cell.ljust(width) for cell, width in zip(row, widths, strict=True))
            typer.echo(printable("  ".join(cells).rstrip()))
    else:
        typer.echo("no pods")


def settings_help() -> str:
    """The settings as a table, for --help. Light: only their names and meanings are read."""
    from lcb_ray.kuberay.settings import table

    rows = (f"  {name}\n      {meaning}" for name, meaning in table())
    return "\b\nSettings (environment variables):\n" + "\n".join(rows)


app = typer.Typer(
    help=HELP,
    rich_markup_mode=None,
    pretty_exceptions_enable=False,
    add_completion=False,
    no_args_is_help=True,
    context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100},
)
app.command("up", help=f"{UP_HELP}\n{settings_help()}", short_help="Bring up what --backend kubernetes needs.")(up)
app.command("preflight", help=preflight.HELP, short_help="Find out whether `up` would work; creates nothing.")(
    preflight.preflight
)
app.command("rbac", help=preflight.RBAC_HELP, short_help="Print the rights that a user needs.")(preflight.rbac)
app.add_typer(images.app, name="images", short_help="Build and push images of our own for the pods.")
app.command("status", help=STATUS_HELP, short_help="Show what is there.")(status)
app.command("logs", help=LOGS_HELP, short_help="Print what the pool has logged.")(logs)
app.command("dashboard", help=DASHBOARD_HELP, short_help="Open Ray's dashboard on this machine.")(dashboard)
app.command("cleanup", help=CLEANUP_HELP, short_help="Remove what nobody uses.")(cleanup)
app.command("down", help=DOWN_HELP, short_help="Delete all that `up` has made.")(down)
