"""`livecodebench cluster preflight` and `cluster rbac`: what a cluster has to have before anything is created."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Annotated

import typer

from livecodebench.cli import options
from livecodebench.cli.exits import Ended, Status, command
from livecodebench.errors import InputError

if TYPE_CHECKING:
    from lcb_ray.kuberay.findings import Finding
    from lcb_ray.kuberay.rbac import Subject
    from lcb_ray.kuberay.settings import Settings

HELP = """\
Find out whether `livecodebench cluster up` would work, within seconds, without creating anything.

Tools and their versions, the context, the version of Kubernetes, your rights, the namespace and its Pod Security,
KubeRay's operator, quotas and LimitRanges, taints, the RuntimeClass, secrets and claims that settings name, and how
many sandbox pods fit. What cannot be seen is said to be unknown, with what will tell.

\b
Examples:
  livecodebench cluster preflight --pool-size 30
  LIVECODEBENCH_K8S_LOCAL=false LIVECODEBENCH_K8S_CONTEXT=production livecodebench cluster preflight --json

Exit status: 0 nothing stands in the way; 2 a setting is wrong; 4 the cluster lacks something or cannot be reached.
"""
RBAC_HELP = """\
Print what an administrator applies so that a user without administrator rights can have a pool: the namespace, a Role
in it and its binding, as YAML. Comments before it say what else is to be done. Nothing is applied.

Without an option it is for whoever the kubeconfig's context logs in as.

\b
Examples:
  livecodebench cluster rbac --user jane@example.com > rights.yaml
  livecodebench cluster rbac --service-account grader | kubectl apply --server-side -f -

Exit status: 0; 2 a setting is wrong; 4 the cluster cannot be asked who you are.
"""


@command
def preflight(
    pool_size: options.PoolSize = None,
    slots: options.Slots = None,
    as_json: options.AsJson = False,
    install_operator: Annotated[
        bool, typer.Option("--install-operator", help="`up` is to install KubeRay's operator.")
    ] = False,
) -> None:
    """Look before anything is created; HELP has the words for users."""
    from livecodebench.judging.backend import check_pool_options

    check_pool_options("kubernetes", slots=slots, pool_size=pool_size)
    settings = read_settings()
    from lcb_ray.kuberay.bring_up import to_apply
    from lcb_ray.kuberay.findings import Health
    from lcb_ray.kuberay.preflight import preflight as look

    found = look(
        settings, lambda: to_apply(settings, sandboxes=pool_size, slots=slots), install_operator=install_operator
    )
    if as_json:
        rows = [{"name": one.name, "health": str(one.health), "found": one.found, "fix": one.fix} for one in found]
        typer.echo(json.dumps(rows, indent=1))
    else:
        _print(found)
    if any(one.health is Health.SETTING for one in found):
        raise Ended(Status.BAD_INPUT)
    if any(one.health is Health.FAIL for one in found):
        raise Ended(Status.NO_BACKEND)


@command
def rbac(
    user: Annotated[str | None, typer.Option("--user", metavar="NAME", help="As the API server knows them.")] = None,
    group: Annotated[str | None, typer.Option("--group", metavar="NAME", help="All of a group.")] = None,
    service_account: Annotated[
        str | None, typer.Option("--service-account", metavar="NAME", help="One of the namespace, which is made, too.")
    ] = None,
    nodes: Annotated[
        bool,
        typer.Option("--nodes", help="Also let them look at nodes and what runs there, to reckon how many pods fit."),
    ] = False,
) -> None:
    """Print rights; RBAC_HELP has the words for users."""
    settings = read_settings()
    from lcb_ray.kuberay import rbac as rights
    from lcb_ray.kuberay.template import render

    subject = _subject(settings, user=user, group=group, service_account=service_account)
    found = rights.documents(settings, render(settings), subject, nodes=nodes)
    typer.echo(rights.text(settings, found, subject), nl=False)


def read_settings() -> Settings:
    """The settings of the kubernetes backend. Raises InputError, SandboxUnusable."""
    from importlib.util import find_spec

    from lcb_ray.errors import SandboxUnusable
    from lcb_ray.kuberay.settings import SettingError
    from lcb_ray.kuberay.settings import read_settings as read

    try:
        settings = read()
    except SettingError as error:
        raise InputError(str(error)) from error
    if find_spec("kubernetes") is None:
        raise SandboxUnusable("the kubernetes backend needs its client: pip install 'lcb-ray[kubernetes]'")
    return settings


def _subject(settings: Settings, **named: str | None) -> Subject:
    from lcb_ray.kuberay.api import Api
    from lcb_ray.kuberay.rbac import Subject, SubjectKind, who_am_i
    from lcb_ray.kuberay.status import find_access

    given = [(kind, name) for kind, name in named.items() if name]
    if len(given) > 1:
        raise InputError("say one of --user, --group and --service-account")
    if not given:
        return who_am_i(Api(find_access(settings)))
    [(kind, name)] = given
    return Subject(SubjectKind[kind.upper()], name)


def _print(found: list[Finding]) -> None:
    from livecodebench.printable import printable

    width = max(len(one.name) for one in found)
    for one in found:
        typer.echo(printable(f"{one.health:<7}  {one.name:<{width}}  {one.found}"))
        if one.fix:
            typer.echo(printable(f"{'':<{width + 11}}-> {one.fix}"))
