"""Who uses a RayCluster just now: clients of its gateway, other drivers of its pools, jobs that run."""

from __future__ import annotations

import base64
import json
import urllib.error
import urllib.request
from dataclasses import dataclass
from typing import Any

from lcb_ray.cluster_files import DASHBOARD_PORT, GATEWAY_PORT
from lcb_ray.errors import PoolUnavailable, SandboxError
from lcb_ray.kuberay import namespace, pods, template
from lcb_ray.kuberay.access import Access
from lcb_ray.kuberay.api import Api, Document
from lcb_ray.kuberay.forward import PortForward
from lcb_ray.kuberay.jobs import JobsApi
from lcb_ray.owner import Driver, driver_of

HEAD = f"{template.RAYCLUSTER}-head-svc"  # KubeRay's Service
_ANSWER_S = 15.0
_MOST_BYTES = 2**20
_LIVE_S = 30.0  # a client that was heard of so lately has not gone


@dataclass(frozen=True, slots=True)
class Place:
    """Where a RayCluster is.

    Attributes:
        access: The way into the Kubernetes cluster.
        api: Its API.
        namespace: Of the RayCluster.
    """

    access: Access
    api: Api
    namespace: str

    def __str__(self) -> str:
        return f"RayCluster {template.RAYCLUSTER} in namespace {self.namespace} ({self.access})"

    def forward(self, port: int, *, local_port: int | None = None) -> PortForward:
        """The way to a port of the head; to be opened."""
        return PortForward(self.access, self.namespace, f"service/{HEAD}", port, local_port=local_port)

    def secret(self, name: str, key: str) -> str:
        """A secret's value. Raises PoolUnavailable where there is none."""
        found = self.api.find("v1", "Secret", name, self.namespace)
        try:
            return base64.b64decode((found or {})["data"][key]).decode().strip()
        except KeyError:
            raise PoolUnavailable(
                f"namespace {self.namespace} has no secret {name} with {key}: `livecodebench cluster up` makes it, "
                "with KubeRay 1.6 or newer"
            ) from None

    def ray_token(self) -> str:
        """Of the Ray cluster, which KubeRay has made. Raises PoolUnavailable."""
        return self.secret(template.RAYCLUSTER, "auth_token")

    def gateway_token(self) -> str:
        """Of the gateway, which serves all who have no domain of their own. Raises PoolUnavailable."""
        lines = self.secret(template.GATEWAY, "token").split("\n")
        return next((words[0] for line in lines if len(words := line.split()) == 1), lines[0].split()[-1])


def users(place: Place, raycluster: Document) -> list[str]:
    """Who uses it, in words; empty where nobody does.

    Clients of the gateway that have been silent for half a minute count as gone: killed ones are let go then; the
    process that asked for the RayCluster last is seen to have ended at once, on its own machine.
    Raises PoolUnavailable where its head is up and cannot be asked.
    """
    if not head_is_ready(place):
        return _makers(raycluster)
    found = dict.fromkeys([*gateway_users(place), *_of_jobs(place)])
    made_by = made_by_of(raycluster)
    if driver_of(made_by) is Driver.GONE:
        ended = f"{made_by.get('livecodebench.host')} pid {made_by.get('livecodebench.pid')} "
        return [one for one in found if not one.startswith(ended)]
    return list(found)


def head_is_ready(place: Place) -> bool:
    """Whether its head serves."""
    return any(pods.is_head(pod) and pods.is_ready(pod) for pod in namespace.our_pods(place.api, place.namespace))


def _makers(raycluster: Document) -> list[str]:
    """The process that brings it up, where that lives on this machine."""
    made_by = made_by_of(raycluster)
    if driver_of(made_by) is Driver.ALIVE:
        return [f"process {made_by.get('livecodebench.pid', 'unknown')} of this machine, which brings it up"]
    return []


def made_by_of(raycluster: Document) -> dict[str, str]:
    """The labels of the process that asked for it last; see lcb_ray.owner. Empty where that is not known."""
    try:
        found: Any = json.loads((raycluster["metadata"].get("annotations") or {})[template.MAKER])
    except (KeyError, ValueError):
        return {}
    return {str(key): str(value) for key, value in found.items()} if isinstance(found, dict) else {}


def gateway_users(place: Place) -> list[str]:
    """The gateway's clients, and other drivers of its pools. Raises PoolUnavailable where it answers something else."""
    with place.forward(GATEWAY_PORT) as forward:
        try:
            said = _asked(f"{forward.url}/use", place.gateway_token())
        except ConnectionError:  # nothing listens there: no gateway has been started yet
            return []
        except (OSError, ValueError) as error:
            raise PoolUnavailable(f"{place}: the gateway does not say who uses it: {error}") from error
    return [str(one)[:200] for one in said.get("users", ())] if float(said.get("idle_s", 0)) < _LIVE_S else []


def _of_jobs(place: Place) -> list[str]:
    with place.forward(DASHBOARD_PORT) as forward:
        return [f"Ray job {one}" for one in JobsApi(forward.url, place.ray_token()).running()]


def _asked(url: str, token: str) -> dict[str, Any]:
    request = urllib.request.Request(url, headers={"Authorization": f"Bearer {token}"})
    opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))
    try:
        with opener.open(request, timeout=_ANSWER_S) as response:
            answer: dict[str, Any] = json.loads(response.read(_MOST_BYTES))
            return answer
    except urllib.error.HTTPError as error:
        raise ValueError(f"status {error.code}") from None
    except urllib.error.URLError as error:
        if isinstance(error.reason, ConnectionError):
            raise error.reason from None
        raise


def described(place: Place, raycluster: Document) -> str:
    """Who uses it, for a message; empty where nobody does or it cannot be asked."""
    try:
        return ", ".join(users(place, raycluster))
    except SandboxError as error:
        return f"somebody, perhaps: {error}"
