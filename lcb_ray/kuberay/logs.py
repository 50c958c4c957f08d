"""What the pool has logged, gathered from where it lies: the actors' lines in files of Ray, the containers' elsewhere.

A source that cannot be read says so in a line of its own, and holds up no other.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from lcb_ray.errors import PoolUnavailable
from lcb_ray.kuberay.api import Document
from lcb_ray.kuberay.bring_up import Standing
from lcb_ray.kuberay.gateway_start import dashboard, ray_token
from lcb_ray.kuberay.jobs import JobsApi
from lcb_ray.kuberay.namespace import our_pods


@dataclass(frozen=True, slots=True)
class LogLine:
    """One line, and whose it is: "actor pool:livecodebench", or "pod NAME/CONTAINER"."""

    source: str
    text: str


def gather_logs(standing: Standing, *, lines: int) -> Iterator[LogLine]:
    """The last lines of each: of our actors, then of the containers of all pods.

    Raises PoolUnavailable where the RayCluster or its pods cannot be asked at all.
    """
    with dashboard(standing) as forward:
        yield from actor_lines(JobsApi(forward.url, ray_token(standing)), lines=lines)
    for pod in our_pods(standing.api, standing.namespace):
        name = str(pod["metadata"]["name"])
        for container in containers_of(pod):
            try:
                text = standing.api.log(standing.namespace, name, container, lines=lines)
            except PoolUnavailable as error:
                text = f"no log: {error}"
            yield from _lines(f"pod {name}/{container}", text)


def actor_lines(api: JobsApi, *, lines: int) -> Iterator[LogLine]:
    """The last lines of each actor of ours that is alive."""
    for id, name in sorted(api.actors().items(), key=lambda one: one[1]):
        try:
            text = api.actor_log(id, lines=lines)
        except (LookupError, PoolUnavailable) as error:
            text = f"no log: {error}"
        yield from _lines(f"actor {name}", text)


def containers_of(pod: Document) -> list[str]:
    """Containers of a pod that may have a log: sidecars first."""
    spec = pod["spec"]
    return [str(one["name"]) for kind in ("initContainers", "containers") for one in spec.get(kind) or ()]


def _lines(source: str, text: str) -> Iterator[LogLine]:
    for line in text.split("\n"):
        # Ray's own marks of whose output follows
        if line and not line.startswith((":actor_name:", ":job_id:", ":task_name:")):
            yield LogLine(source, line)
