"""Whether a pool can come up, found out in a second or two and without creating anything.

What cannot be known that way is said to be unknown, with what will tell. Everything is asked at once. An API server
that is silent is given two seconds; a slow one, or a busy machine, some more.
"""

from __future__ import annotations

import json
import time
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from concurrent.futures import TimeoutError as TooLate
from contextlib import contextmanager

from lcb_ray.errors import BadSetting, PoolUnavailable, SandboxError
from lcb_ray.kuberay import checks, commands, template
from lcb_ray.kuberay.access import Access, remote_access
from lcb_ray.kuberay.api import Api
from lcb_ray.kuberay.findings import Finding, Health
from lcb_ray.kuberay.local_cluster import LocalCluster
from lcb_ray.kuberay.settings import Settings
from lcb_ray.kuberay.template import Document

ANSWER_S = 2.0  # of the API server, and of programs that are asked for their version
MOST_S = 10.0  # for all of it
_LEAST_S = 0.2  # for what is asked last
_AT_ONCE = 12


def preflight(
    settings: Settings, documents: Callable[[], list[Document]], *, install_operator: bool = False
) -> list[Finding]:
    """Look at everything.

    Args:
        settings: Which cluster, and what is wished for.
        documents: Makes what is to be applied, with sizes and places set.
        install_operator: It is to be installed where there is none.
    """
    deadline = time.monotonic() + MOST_S
    with _threads() as beside:
        made = beside.submit(documents)
        tools = beside.submit(_tools, settings)
        try:
            access = _access(settings)
        except SandboxError as error:
            health = Health.SETTING if isinstance(error, BadSetting) else Health.FAIL
            return [*_tools_of(tools, deadline), Finding("cluster", health, str(error))]
        seen = _tools_of(tools, deadline)
        if access is None:
            words = f"there is no {LocalCluster(settings, template.kind_config()).word}: `cluster up` makes it"
            later = Finding(
                "room", Health.UNKNOWN, "how many sandbox pods fit", "it is reckoned when the nodes are there"
            )
            return [*seen, Finding("cluster", Health.OK, words), later]
        seen.append(Finding("cluster", Health.OK, f"{access}, namespace {settings.namespace}"))
        try:
            api = Api(access, answer_s=ANSWER_S)
            return seen + examine(
                settings, access, api, made.result(), install_operator=install_operator, deadline=deadline
            )
        except BadSetting as error:
            return [*seen, Finding("API server", Health.SETTING, str(error))]
        except SandboxError as error:
            return [*seen, Finding("API server", Health.FAIL, str(error))]


def examine(
    settings: Settings,
    access: Access,
    api: Api,
    documents: list[Document],
    *,
    install_operator: bool = False,
    deadline: float | None = None,
) -> list[Finding]:
    """Look at a cluster that can be reached. Raises PoolUnavailable where its API server does not answer.

    Args:
        settings: What is wished for.
        access: The way in.
        api: The API server.
        documents: What is to be applied, with sizes and places set.
        install_operator: It is to be installed where there is none.
        deadline: On the monotonic clock: what is not known by then is unknown. None: all is waited for.
    """
    scene = checks.look(settings, access, api, documents, install_operator=install_operator)
    found: list[Finding] = []
    with _threads() as beside:
        asked = [(name, beside.submit(check, scene)) for name, check in checks.ALL]
        for name, answer in asked:
            left = None if deadline is None else max(deadline - time.monotonic(), _LEAST_S)
            try:
                if (one := answer.result(left)) is not None:
                    found.append(one)
            except TooLate:
                found.append(Finding(name, Health.UNKNOWN, "no answer in time"))
            except PoolUnavailable as error:
                found.append(Finding(name, Health.UNKNOWN, str(error)))
    return found


def _access(settings: Settings) -> Access | None:
    """The way into the cluster that is meant; None where that is a local one that is not made yet."""
    if not settings.local:
        return remote_access(settings.context)
    local = LocalCluster(settings, template.kind_config())
    return local.open() if local.exists() else None


def _tools(settings: Settings) -> list[Finding]:
    """The programs that are needed, and their versions."""
    names = LocalCluster(settings, template.kind_config()).tools if settings.local else ("kubectl",)
    found = []
    for name in names:
        try:
            found.append(Finding(name, Health.OK, _VERSIONS[name]()))
        except SandboxError as error:
            found.append(Finding(name, Health.FAIL, str(error)))
    return found


def _tools_of(tools: Future[list[Finding]], deadline: float) -> list[Finding]:
    try:
        return tools.result(max(deadline - time.monotonic(), _LEAST_S))
    except TooLate:
        return [Finding("tools", Health.UNKNOWN, "did not tell their versions in time")]


def _said(*command: str) -> str:
    return commands.run(*command, timeout_s=MOST_S).strip()


def _kubectl() -> str:
    try:
        return str(
            json.loads(_said("kubectl", "version", "--client", "--output", "json"))["clientVersion"]["gitVersion"]
        )
    except (ValueError, KeyError, TypeError):
        return "of a version that it does not tell"


_VERSIONS: dict[str, Callable[[], str]] = {
    "kubectl": _kubectl,
    "docker": lambda: _said("docker", "version", "--format", "{{.Server.Version}}"),
    "kind": lambda: _said("kind", "version", "--quiet"),
    "minikube": lambda: _said("minikube", "version", "--short"),
}


@contextmanager
def _threads() -> Iterator[ThreadPoolExecutor]:
    """Threads that are not waited for at the end: what is late has said nothing, and ends by its own time limit."""
    beside = ThreadPoolExecutor(_AT_ONCE, thread_name_prefix="preflight")
    try:
        yield beside
    finally:
        beside.shutdown(wait=False, cancel_futures=True)


def words(findings: Sequence[Finding]) -> list[str]:
    """What is to be known where nothing failed: what is noted, how many fit, and in one line what else is unknown."""
    said = [str(one) for one in findings if one.health is Health.NOTE or _is_unknown_room(one)]
    unknown = [one.name for one in findings if one.health is Health.UNKNOWN and not _is_unknown_room(one)]
    if unknown:
        said.append(f"not known before pods start: {', '.join(unknown)} (`livecodebench cluster preflight` says more)")
    return said


def _is_unknown_room(finding: Finding) -> bool:
    return finding.health is Health.UNKNOWN and finding.name == "room"
