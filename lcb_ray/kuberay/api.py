"""The one door to the `kubernetes` package: the Kubernetes API as JSON documents, and what is read from them.

KubeRay's own Python client is on no package index, and knows neither native sidecars nor token authentication nor the
autoscaler's second version; so what is needed of it is here: apply, look, wait for a change, delete.
"""

from __future__ import annotations

import json
import os
from collections.abc import Mapping
from typing import Any
from urllib.parse import quote, urlencode

from kubernetes import client, config
from kubernetes.config.config_exception import ConfigException
from kubernetes.utils.quantity import parse_quantity
from urllib3.exceptions import HTTPError

from lcb_ray.errors import BadSetting, PoolUnavailable, SandboxUnusable
from lcb_ray.kuberay.access import Access
from lcb_ray.kuberay.fit import Resources

Document = dict[str, Any]  # a Kubernetes object
MANAGER = "livecodebench"
MINIMUM = (1, 29)  # native sidecars
_ANSWER_S = 30.0
_LOG_BYTES = 4 * 2**20  # of one container
_APPLY = "application/apply-patch+yaml"
# kind -> plural, namespaced; what ray-cluster/ has
_KINDS = {
    "ConfigMap": ("configmaps", True),
    "Deployment": ("deployments", True),
    "LimitRange": ("limitranges", True),
    "Namespace": ("namespaces", False),
    "NetworkPolicy": ("networkpolicies", True),
    "PersistentVolumeClaim": ("persistentvolumeclaims", True),
    "Pod": ("pods", True),
    "PodDisruptionBudget": ("poddisruptionbudgets", True),
    "RayCluster": ("rayclusters", True),
    "ResourceQuota": ("resourcequotas", True),
    "Role": ("roles", True),
    "RoleBinding": ("rolebindings", True),
    "RuntimeClass": ("runtimeclasses", False),
    "Secret": ("secrets", True),
    "Service": ("services", True),
    "ServiceAccount": ("serviceaccounts", True),
}


class Refused(PoolUnavailable):
    """The API server refused a request.

    Attributes:
        status: Of HTTP.
    """

    def __init__(self, status: int, message: str) -> None:
        super().__init__(message)
        self.status = status


def plural_of(kind: str) -> str:
    """What the API calls objects of a kind in its paths and rights."""
    return _KINDS[kind][0]


def number(amount: str) -> float:
    """An amount as Kubernetes writes it."""
    return float(parse_quantity(amount))


def resources_of(amounts: Mapping[str, str] | None) -> Resources:
    """Amounts as Kubernetes writes them, in numbers."""
    given = amounts or {}
    cpu, memory, storage = (float(parse_quantity(given.get(n, "0"))) for n in ("cpu", "memory", "ephemeral-storage"))
    return Resources(cpu=cpu, memory=memory, storage=storage)


class Api:
    """One cluster's API. Safe to use from many threads.

    Args:
        access: Which cluster, and how to get in.
        answer_s: How long an answer may take. With less than the default, nothing is tried twice.

    Raises BadSetting where the kubeconfig is not usable.
    """

    def __init__(self, access: Access, *, answer_s: float = _ANSWER_S) -> None:
        self._access = access
        self._answer_s = answer_s
        configuration = client.Configuration()
        if answer_s < _ANSWER_S:
            configuration.retries = 0
        location = str(access.kubeconfig) if access.kubeconfig else os.environ.get("KUBECONFIG")
        try:
            config.load_kube_config(
                config_file=location or "~/.kube/config",  # also where the variable is set, and empty
                context=access.context,
                client_configuration=configuration,
                persist_config=False,
            )
            self._client = client.ApiClient(configuration)
        except (ConfigException, OSError) as error:
            raise BadSetting(f"the kubeconfig cannot be used: {error}: see KUBECONFIG") from error

    def version(self) -> tuple[int, int]:
        """Of Kubernetes. Raises PoolUnavailable where no API server answers."""
        answer = self.request("GET", "/version")
        return int(answer["major"]), int(str(answer["minor"]).rstrip("+"))

    def check_version(self) -> None:
        """Raises SandboxUnusable where Kubernetes is too old."""
        found = self.version()
        if found < MINIMUM:
            raise SandboxUnusable(
                f"{self._access} runs Kubernetes {found[0]}.{found[1]}, and native sidecars need "
                f"{MINIMUM[0]}.{MINIMUM[1]}: use a newer cluster"
            )

    def apply(self, manifest: Document) -> Document:
        """Make an object be as its manifest says (server-side apply; what others have set stays). Returns it."""
        path = _path(manifest["apiVersion"], manifest["kind"], manifest["metadata"].get("namespace"))
        query = urlencode({"fieldManager": MANAGER, "force": "true"})
        return self.request("PATCH", f"{path}/{manifest['metadata']['name']}?{query}", manifest, content=_APPLY)

    def find(self, api: str, kind: str, name: str, namespace: str | None = None) -> Document | None:
        """An object, or None where there is none."""
        try:
            return self.request("GET", f"{_path(api, kind, namespace)}/{name}")
        except Refused as error:
            if error.status == 404:
                return None
            raise

    def delete(self, api: str, kind: str, name: str, namespace: str | None = None) -> bool:
        """Delete an object, which may take a while. False where there is none."""
        path = f"{_path(api, kind, namespace)}/{name}?propagationPolicy=Background"
        try:
            self.request("DELETE", path)
        except Refused as error:
            if error.status == 404:
                return False
            raise
        return True

    def create(self, manifest: Document) -> bool:
        """Make an object. False where one of that name is there."""
        path = _path(manifest["apiVersion"], manifest["kind"], manifest["metadata"].get("namespace"))
        try:
            self.request("POST", f"{path}?{urlencode({'fieldManager': MANAGER})}", manifest)
        except Refused as error:
            if error.status == 409:
                return False
            raise
        return True

    def would_create(self, manifest: Document) -> None:
        """Ask whether an object would be taken, as it stands and in every field; nothing is made. Raises Refused."""
        path = _path(manifest["apiVersion"], manifest["kind"], manifest["metadata"].get("namespace"))
        self.request("POST", f"{path}?{urlencode({'dryRun': 'All', 'fieldValidation': 'Strict'})}", manifest)

    def items(self, path: str, **selectors: str) -> list[Document]:
        """The objects below a path of the API."""
        return self.look(path, **selectors)[0]

    def look(self, path: str, **selectors: str) -> tuple[list[Document], str]:
        """The objects below a path of the API, and the version of this sight."""
        query = f"?{urlencode(selectors)}" if selectors else ""
        answer = self.request("GET", path + query)
        return list(answer["items"]), str(answer["metadata"]["resourceVersion"])

    def wait_for_change(self, path: str, version: str, *, for_s: int, **selectors: str) -> None:
        """Return when an object below a path has changed since that version, or after so many seconds."""
        query = urlencode({**selectors, "watch": "1", "resourceVersion": version, "timeoutSeconds": for_s})
        response = self._send("GET", f"{path}?{query}", None, "", for_s + _ANSWER_S)
        try:
            next(iter(response.response), None)
        except HTTPError:
            pass  # the caller looks again
        finally:
            response.response.close()

    def request(self, method: str, path: str, body: Document | None = None, *, content: str = "") -> Document:
        """Ask the API server. Raises Refused, PoolUnavailable."""
        response = self._send(method, path, body, content, self._answer_s)
        answer: Document = json.loads(response.read() or b"{}")
        return answer

    def log(self, namespace: str, pod: str, container: str, *, lines: int) -> str:
        """The end of what a container has written. Raises Refused where it has not started, PoolUnavailable."""
        asked = f"container={container}&tailLines={lines}&limitBytes={_LOG_BYTES}"
        response = self._send("GET", f"/api/v1/namespaces/{namespace}/pods/{pod}/log?{asked}", None, "", self._answer_s)
        return bytes(response.read()).decode("utf-8", "replace")

    def _send(self, method: str, path: str, body: Document | None, content: str, within_s: float) -> Any:  # noqa: ANN401
        headers = {"Accept": "application/json"} | ({"Content-Type": content or "application/json"} if body else {})
        asked = self._client.param_serialize(
            method, quote(path, safe="/?&=%:.,-_"), header_params=headers, auth_settings=["BearerToken"]
        )
        given = json.dumps(body) if body and content else body  # plain JSON is written by the client itself
        try:
            response = self._client.call_api(*asked[:3], given, None, (within_s, within_s))
        except (HTTPError, client.ApiException, OSError) as error:
            raise PoolUnavailable(f"{self._access}: the API server does not answer: {_short(error)}") from error
        if response.status >= 400:
            raise _refusal(self._access, method, path, response)
        return response


def _refusal(access: Access, method: str, path: str, response: Any) -> Refused:  # noqa: ANN401 - of the client
    try:
        words = str(json.loads(response.read())["message"])
    except (ValueError, KeyError, TypeError):
        words = str(response.reason)
    fix = ""
    if response.status == 401:
        fix = ": log in to that cluster again"
    elif response.status == 403 and " cannot " in words:  # of rights; policies, quotas and limits refuse so, too
        fix = ": ask its administrator for this right"
    return Refused(response.status, f"{access}: {method} {path.split('?')[0]}: {words[:1000]}{fix}")


def _path(api: str, kind: str, namespace: str | None) -> str:
    plural, namespaced = _KINDS[kind]
    root = f"/api/{api}" if "/" not in api else f"/apis/{api}"
    return f"{root}/namespaces/{namespace}/{plural}" if namespaced else f"{root}/{plural}"


def _short(error: Exception) -> str:
    reason = getattr(error, "reason", None) or error
    return str(reason)[:300]
