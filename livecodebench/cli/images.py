"""`livecodebench cluster images`: the pods' images, built here and given to a registry that a remote cluster reads."""

from __future__ import annotations

import json
from typing import Annotated

import typer

from livecodebench.cli import options
from livecodebench.cli.exits import command, tell
from livecodebench.cli.signals import StopSignals

HELP = """\
Images of our own for the pods: Ray with this version of ours and what its commands need, and the sandbox with this
Python and numpy. They are named by what is in them.

A local cluster gets them by `cluster up`. A remote one needs a registry, where its nodes find them; without it, it runs
public images, whose programs have no numpy.
"""
BUILD_HELP = """\
Build both images with this machine's Docker, unless it has them; prints their names.

\b
Examples:
  livecodebench cluster images build
  livecodebench cluster images build --platform linux/amd64     (for nodes of another kind than this machine)

Exit status: 0 Docker has them; 4 it could not build them: standard error says why.
"""
PUSH_HELP = """\
Build both images unless Docker has them, and push them to a registry that you are logged in to; prints the settings by
which pools use them.

\b
Examples:
  livecodebench cluster images push --registry ghcr.io/team
  eval "$(livecodebench cluster images push --registry registry.example.com:5000/lcb)"
  livecodebench cluster preflight

\b
Where the registry is private, nodes need an account as well:
  kubectl create secret docker-registry registry --namespace livecodebench --docker-server ghcr.io --docker-username ...
  export LIVECODEBENCH_K8S_PULL_SECRET=registry

Exit status: 0 the registry has them; 2 an option is wrong; 4 it could not be done: standard error says why.
"""

Platform = Annotated[
    str | None,
    typer.Option("--platform", metavar="OS/ARCH", help="The nodes', such as linux/amd64 (default: this machine's)."),
]


@command
def build(platform: Platform = None, as_json: options.AsJson = False) -> None:
    """Build them; BUILD_HELP has the words for users."""
    with StopSignals():
        ray, sandbox = _built(platform)
    typer.echo(json.dumps({"ray": ray, "sandbox": sandbox}) if as_json else f"ray      {ray}\nsandbox  {sandbox}")


@command
def push(
    registry: Annotated[
        str, typer.Option("--registry", metavar="PREFIX", help="Where: what the images' names begin with.")
    ],
    platform: Platform = None,
    as_json: options.AsJson = False,
) -> None:
    """Push them; PUSH_HELP has the words for users."""
    from lcb_ray.kuberay.registry import check
    from lcb_ray.kuberay.registry import push as give
    from lcb_ray.kuberay.settings import PREFIX
    from lcb_ray.kuberay.steps import Steps

    prefix = check(registry)
    with StopSignals():
        images, steps = _built(platform), Steps(tell)
        with steps.step(f"pushing to {prefix}"):
            ray, sandbox = (give(image, prefix, steps) for image in images)
    if as_json:
        typer.echo(json.dumps({"ray": ray, "sandbox": sandbox}))
    else:
        typer.echo(f"export {PREFIX}IMAGES=own {PREFIX}RAY_IMAGE={ray} {PREFIX}SANDBOX_IMAGE={sandbox}")


def _built(platform: str | None) -> tuple[str, str]:
    """The names of both."""
    from lcb_ray.kuberay.images import have, ray_build, sandbox_build
    from lcb_ray.kuberay.steps import Steps
    from livecodebench.judging.backend import CODE

    steps = Steps(tell)
    with steps.step("images"):
        return have(ray_build(CODE, platform), steps), have(sandbox_build(platform), steps)


app = typer.Typer(
    help=HELP,
    rich_markup_mode=None,
    pretty_exceptions_enable=False,
    no_args_is_help=True,
    context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100},
)
app.command("build", help=BUILD_HELP, short_help="Build them with this machine's Docker.")(build)
app.command("push", help=PUSH_HELP, short_help="Build them, and push them to a registry.")(push)
