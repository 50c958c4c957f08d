"""Ray's jobs API over HTTP, with its token: start a program on the head, and bring our code to it.

Ray's own client would need Ray here, of the cluster's version; four requests do not.
"""

from __future__ import annotations

import hashlib
import json
import urllib.error
import urllib.request
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from lcb_ray.errors import PoolUnavailable, SandboxUnusable
from lcb_ray.kuberay import wheel

_ANSWER_S = 30.0
_MOST_BYTES = 16 * 2**20  # of an answer: logs may be long
_OUR_ACTORS = ("pool:", "sandbox:", "gateway")
_ENDED = ("SUCCEEDED", "FAILED", "STOPPED")


@dataclass(frozen=True, slots=True)
class Job:
    """A job as Ray tells of it.

    Attributes:
        status: PENDING, RUNNING, SUCCEEDED, FAILED or STOPPED.
        message: More about that, for people.
    """

    status: str
    message: str

    @property
    def ended(self) -> bool:
        """Whether it has."""
        return self.status in _ENDED


class JobsApi:
    """The jobs API of one Ray cluster.

    Args:
        url: Of the dashboard, "http://127.0.0.1:8265".
        token: Of the Ray cluster.
    """

    def __init__(self, url: str, token: str) -> None:
        self._url = url
        self._token = token

    def version(self) -> dict[str, Any]:
        """What the cluster says of itself. Raises PoolUnavailable, SandboxUnusable where the token is not good."""
        return dict(self._ask("GET", "/api/version"))

    def bring(self, packages: Sequence[str]) -> str:
        """Upload packages of ours, unless they are there. Returns the address for a runtime_env's py_modules."""
        data = packed(packages)
        name = f"_ray_pkg_{hashlib.sha256(data).hexdigest()[:20]}.zip"
        try:
            self._ask("GET", f"/api/packages/gcs/{name}")
        except LookupError:
            self._ask("PUT", f"/api/packages/gcs/{name}", data)
        return f"gcs://{name}"

    def submit(
        self,
        entrypoint: str,
        *,
        submission_id: str | None = None,
        runtime_env: Mapping[str, object] | None = None,
        metadata: Mapping[str, str] | None = None,
    ) -> str:
        """Start a job on the head. Returns its id."""
        asked = {"entrypoint": entrypoint, "runtime_env": dict(runtime_env or {}), "metadata": dict(metadata or {})}
        if submission_id is not None:
            asked["submission_id"] = submission_id
        return str(self._ask("POST", "/api/jobs/", json.dumps(asked).encode())["submission_id"])

    def job(self, submission_id: str) -> Job:
        """How a job is. Raises LookupError where there is none."""
        answer = self._ask("GET", f"/api/jobs/{submission_id}")
        return Job(str(answer["status"]), str(answer.get("message") or ""))

    def running(self) -> list[str]:
        """The jobs that run or wait, by id: submitted ones, and drivers that somebody has started in the cluster."""
        answer: Any = json.loads(self._read("GET", "/api/jobs/") or b"[]")
        try:
            return [str(one.get("submission_id") or one.get("job_id")) for one in answer if one["status"] not in _ENDED]
        except (AttributeError, KeyError, TypeError) as error:
            raise PoolUnavailable(f"Ray's list of jobs cannot be read: {error}") from error

    def logs(self, submission_id: str) -> str:
        """What a job has printed."""
        return str(self._ask("GET", f"/api/jobs/{submission_id}/logs").get("logs") or "")

    def actors(self) -> dict[str, str]:
        """Name of each actor of ours that is alive, by its id."""
        asked = "limit=10000&filter_keys=state&filter_predicates=%3D&filter_values=ALIVE"
        answer: Any = self._ask("GET", f"/api/v0/actors?{asked}")
        try:
            found = answer["data"]["result"]["result"]
            named = {str(one["actor_id"]): str(one["name"] or "") for one in found}
        except (KeyError, TypeError) as error:
            raise PoolUnavailable(f"Ray's list of actors cannot be read: {error}") from error
        return {id: name for id, name in named.items() if name.startswith(_OUR_ACTORS)}

    def actor_log(self, id: str, *, lines: int) -> str:
        """The end of what an actor has written to its standard error. Raises LookupError where it has none."""
        return self._read("GET", f"/api/v0/logs/file?actor_id={id}&suffix=err&lines={lines}").decode("utf-8", "replace")

    def _ask(self, method: str, path: str, data: bytes | None = None) -> dict[str, Any]:
        try:
            return dict(json.loads(self._read(method, path, data) or b"{}"))
        except ValueError:  # the package itself, which was asked for to see whether it is there
            return {}

    def _read(self, method: str, path: str, data: bytes | None = None) -> bytes:
        headers = {"Authorization": f"Bearer {self._token}"}
        if data is not None:
            headers["Content-Type"] = "application/json" if method == "POST" else "application/octet-stream"
        request = urllib.request.Request(self._url + path, data, headers, method=method)
        try:
            with _opener.open(request, timeout=_ANSWER_S) as response:
                answer: bytes = response.read(_MOST_BYTES)
        except urllib.error.HTTPError as error:
            said = error.read(2000).decode("utf-8", "replace")
            if error.code == 404:
                raise LookupError(said) from None
            if error.code in (401, 403):
                raise SandboxUnusable(f"Ray's jobs API refuses the token of this RayCluster: {said}") from None
            raise PoolUnavailable(f"Ray's jobs API: {method} {path}: {error.code}: {said}") from None
        except OSError as error:
            raise PoolUnavailable(f"Ray's jobs API does not answer: {error}") from error
        return answer


_opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))  # a proxy has no business on loopback


def packed(packages: Sequence[str]) -> bytes:
    """Packages as one zip file, the same bytes for the same sources."""
    return wheel.zipped(wheel.files_of(packages))
