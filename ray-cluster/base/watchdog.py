"""Removes the RayCluster whose head this is, when nobody has used it for a while, however its users have ended.

Runs in a container of its own on the head, of Ray's image, with Python's standard library only: code of ours comes to
the head later, or never. In use is a RayCluster while the gateway has a client, a pool of its has a driver, or a job
runs or waits; the clock starts with this container, and whenever somebody asks for the RayCluster again. How long it
may be idle says its annotation livecodebench/idle-timeout, in seconds, or `never`.

It may read and delete that one object of Kubernetes, and nothing else (the Role in watchdog.yaml).
"""

from __future__ import annotations

import json
import math
import os
import signal
import ssl
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from types import FrameType
from typing import Any

IDLE, WANTED = "livecodebench/idle-timeout", "livecodebench/wanted-at"  # annotations of the RayCluster
LONGEST_LOOK_S, SHORTEST_LOOK_S = 15.0, 1.0
_ANSWER_S = 10.0
_MOST_BYTES = 16 * 2**20
_ACCOUNT = Path("/var/run/secrets/kubernetes.io/serviceaccount")
_SECRETS = Path("/run/secrets/livecodebench-watchdog")
_GATEWAY, _DASHBOARD = "http://127.0.0.1:8970", "http://127.0.0.1:8265"


Read = Callable[[str], Any]  # JSON at a path; raises NotThere, NoAnswer


def say(line: str) -> None:
    """To the container's log."""
    sys.stdout.write(f"{time.strftime('%Y-%m-%dT%H:%M:%SZ', time.gmtime())} {line}\n")
    sys.stdout.flush()


class NotThere(Exception):
    """Nothing listens there at all."""


class NoAnswer(Exception):
    """Somebody listens, and gave no answer that can be used."""


@dataclass
class Clock:
    """How long a RayCluster has been idle.

    Attributes:
        used: When it was last in use, by time.monotonic().
        wanted: What the annotation WANTED said last.
    """

    used: float
    wanted: str | None = None

    def look(self, now: float, *, idle_s: float, wanted: str) -> None:
        """See that it has been idle for so long (0: it is in use), and who has asked for it."""
        self.used = max(self.used, now - idle_s)
        if wanted != self.wanted:
            self.wanted, self.used = wanted, now

    def idle_s(self, now: float) -> float:
        """How long it has been."""
        return now - self.used


def timeout_of(annotations: Mapping[str, str]) -> float:
    """How long it may be idle, in seconds; infinite where nothing is said that can be read."""
    try:
        seconds = float(annotations[IDLE])
    except (KeyError, ValueError):
        return math.inf
    return seconds if seconds > 0 else math.inf


def idle_by_gateway(read: Read) -> float:
    """How long the gateway and the pools have had no user; 0 where one is there, or where it cannot be told."""
    try:
        return float(read("/use")["idle_s"])
    except NotThere:
        return math.inf
    except (NoAnswer, KeyError, TypeError, ValueError) as error:
        say(f"the gateway does not say who uses it: {error}")
        return 0.0


def idle_by_jobs(read: Read) -> float:
    """0 where a job runs or waits, or where that cannot be told; infinite where none does."""
    try:
        return 0.0 if any(job["status"] in ("PENDING", "RUNNING") for job in read("/api/jobs/")) else math.inf
    except NotThere:
        return math.inf
    except (NoAnswer, KeyError, TypeError) as error:
        say(f"Ray does not say which jobs run: {error}")
        return 0.0


def read_from(base: str, token_file: Path) -> Read:
    """A function that reads JSON below an address, with the last word of a file's first line as token."""
    opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))

    def read(path: str) -> Any:  # noqa: ANN401 - JSON
        try:
            token = next(iter(token_file.read_text().split("\n", 1)[0].split()[-1:]), "")
        except OSError:
            token = ""
        request = urllib.request.Request(base + path, headers={"Authorization": f"Bearer {token}"})
        try:
            with opener.open(request, timeout=_ANSWER_S) as response:
                return json.loads(response.read(_MOST_BYTES))
        except (OSError, ValueError) as error:
            reason = getattr(error, "reason", error)
            if isinstance(reason, ConnectionRefusedError):
                raise NotThere(base) from None
            raise NoAnswer(f"{base}{path}: {error}") from error

    return read


class RayCluster:
    """The one that this is the head of, as Kubernetes has it.

    Args:
        namespace: Where it is.
        name: Of it.
    """

    def __init__(self, namespace: str, name: str) -> None:
        host, port = os.environ["KUBERNETES_SERVICE_HOST"], os.environ.get("KUBERNETES_SERVICE_PORT", "443")
        host = f"[{host}]" if ":" in host else host
        self._url = f"https://{host}:{port}/apis/ray.io/v1/namespaces/{namespace}/rayclusters/{name}"

    def read(self) -> dict[str, Any]:
        """The object's metadata. Raises LookupError where it is gone, NoAnswer."""
        metadata: dict[str, Any] = self._ask("GET")["metadata"]
        return metadata

    def delete(self, metadata: Mapping[str, Any]) -> bool:
        """Delete it, unless it has changed since it was read. Raises LookupError where it is gone, NoAnswer."""
        seen = {"uid": metadata["uid"], "resourceVersion": metadata["resourceVersion"]}
        options = {"kind": "DeleteOptions", "apiVersion": "v1", "preconditions": seen}
        try:
            self._ask("DELETE", {**options, "propagationPolicy": "Background"})
        except Changed:
            return False
        return True

    def _ask(self, method: str, body: Mapping[str, Any] | None = None) -> dict[str, Any]:
        data = None if body is None else json.dumps(body).encode()
        headers = {"Accept": "application/json", "Content-Type": "application/json"}
        try:
            headers["Authorization"] = f"Bearer {(_ACCOUNT / 'token').read_text().strip()}"  # renewed every hour
            request = urllib.request.Request(self._url, data, headers, method=method)
            handlers = (
                urllib.request.ProxyHandler({}),
                urllib.request.HTTPSHandler(context=ssl.create_default_context(cafile=str(_ACCOUNT / "ca.crt"))),
            )
            with urllib.request.build_opener(*handlers).open(request, timeout=_ANSWER_S) as response:
                answer: dict[str, Any] = json.loads(response.read(_MOST_BYTES))
                return answer
        except urllib.error.HTTPError as error:
            if error.code == 404:
                raise LookupError("the RayCluster is gone") from None
            if error.code == 409:
                raise Changed from None
            raise NoAnswer(f"{method} {self._url}: {error.code} {error.read(500)!r}") from None
        except (OSError, ValueError) as error:
            raise NoAnswer(f"{method} {self._url}: {error}") from error


class Changed(Exception):
    """It is not any more what was read."""


def watch(cluster: RayCluster, gateway: Read, dashboard: Read) -> None:
    """Look again and again, until the RayCluster is deleted."""
    clock, uid = Clock(time.monotonic()), None
    while True:
        pause_s = LONGEST_LOOK_S
        try:
            metadata = cluster.read()
            annotations = metadata.get("annotations") or {}
            uid = uid or metadata["uid"]
            if metadata["uid"] != uid:
                say("this head belongs to a RayCluster that is gone")
                return
            limit_s = timeout_of(annotations)
            pause_s = min(max(limit_s / 4, SHORTEST_LOOK_S), LONGEST_LOOK_S)
            idle_s = min(idle_by_gateway(gateway), idle_by_jobs(dashboard))
            clock.look(time.monotonic(), idle_s=idle_s, wanted=annotations.get(WANTED, ""))
            if clock.idle_s(time.monotonic()) >= limit_s and cluster.delete(metadata):
                say(f"nobody has used this RayCluster for {clock.idle_s(time.monotonic()):.0f} s: it is removed")
                return
        except LookupError as error:
            say(str(error))
            return
        except NoAnswer as error:
            say(f"the API server does not answer: {error}")
        time.sleep(pause_s)


def main() -> None:
    """Watch, then wait for the end that comes with the pod's."""
    signal.signal(signal.SIGTERM, _end)
    namespace = (_ACCOUNT / "namespace").read_text().strip()
    cluster = RayCluster(namespace, sys.argv[1])
    say(f"watching RayCluster {sys.argv[1]} in namespace {namespace}")
    watch(cluster, read_from(_GATEWAY, _SECRETS / "gateway-token"), read_from(_DASHBOARD, _SECRETS / "ray-token"))
    while True:
        signal.pause()


def _end(number: int, frame: FrameType | None) -> None:
    sys.exit(0)


if __name__ == "__main__":
    main()
