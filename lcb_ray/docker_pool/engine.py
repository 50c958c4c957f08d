"""The door to Docker's engine: the only module that imports its SDK. Its failures become ours, with the fix in them.

An engine that answered once and does not any more may be restarting, which takes seconds: that is waited for, once for
all who ask, and only then an error.
"""

from __future__ import annotations

import contextlib
import os
import struct
import threading
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

import docker
from docker.errors import APIError, DockerException, NotFound
from requests.exceptions import RequestException
from urllib3.exceptions import HTTPError

from lcb_ray.errors import PoolUnavailable, SandboxLost, SandboxUnusable

BACK_S = 60.0  # for an engine to come back
_ANSWER_S = 90.0  # for each answer, on a busy machine
_LOOK_S = 0.5
_LOG_LINES = 20
_CONFLICT = 409
_FRAME = struct.Struct("!B3xI")
_STDOUT = 1
_WORDS_BYTES = 4000

Say = Callable[[str], None]


class EngineGone(PoolUnavailable):
    """The engine has answered before and does not any more."""


@dataclass(frozen=True, slots=True)
class Found:
    """A container or an image that the engine knows.

    Attributes:
        id: The engine's.
        name: For people.
        labels: Of it.
    """

    id: str
    name: str
    labels: Mapping[str, str]


class Engine:
    """A connection to the engine that the environment names (DOCKER_HOST, docker's current context). Thread-safe.

    Args:
        connections: How many requests may be under way at once without further ado.

    Raises SandboxUnusable where none answers.
    """

    def __init__(self, *, connections: int = 10) -> None:
        try:
            self._client: Any = docker.from_env(timeout=_ANSWER_S, max_pool_size=connections).api
            info = self._client.info()
        except (DockerException, RequestException, HTTPError, OSError, ValueError) as error:
            raise SandboxUnusable(_unreachable(error)) from error
        self.cpus: int = info.get("NCPU") or 1
        self.version: str = info.get("ServerVersion", "unknown")
        self._down_since: float | None = None
        self._lock = threading.Lock()  # held while one waits for the engine to come back

    def close(self) -> None:
        """Give up the connection."""
        self._client.close()

    def came_back(self, stop: threading.Event) -> bool:
        """Wait for the engine, which does not answer, until it does; False where it did not in time, or at `stop`."""
        with self._lock:
            self._down_since = self._down_since or time.monotonic()
            while not self._answers():
                if time.monotonic() - self._down_since > BACK_S or stop.wait(_LOOK_S):
                    return False
            self._down_since = None
            return True

    def has_image(self, name: str) -> bool:
        """Whether the engine has it."""
        with _told("looking for an image"):
            try:
                self._client.inspect_image(name)
            except NotFound:
                return False
            return True

    def pull(self, name: str, *, stop: threading.Event) -> None:
        """Fetch an image. Raises SandboxUnusable where it cannot be had."""
        with _told(f"pulling {name}"):
            _follow(self._client.pull(name, stream=True, decode=True), f"cannot pull {name}", lambda line: None, stop)

    def build(
        self,
        context: Any,  # noqa: ANN401 - a binary file
        tag: str,
        *,
        arguments: Mapping[str, str],
        labels: Mapping[str, str],
        say: Say,
        stop: threading.Event,
    ) -> None:
        """Build an image from a tar file that holds a Dockerfile.

        Raises SandboxUnusable where that fails, with the end of the log in it.
        """
        with _told("building the sandbox image"):
            lines = self._client.build(
                fileobj=context,
                custom_context=True,
                tag=tag,
                buildargs=dict(arguments),
                labels=dict(labels),
                rm=True,
                forcerm=True,
                decode=True,
            )
            _follow(lines, "building the sandbox image failed", say, stop)

    def create(self, name: str, config: Mapping[str, Any]) -> str:
        """Create a container; its id."""
        with _told("creating a container"):
            created: str = self._client.create_container_from_config(dict(config), name)["Id"]
            return created

    def streams_of(self, container: str, *, stdio: bool) -> Streams:
        """The standard error of a container that is going to be started; with `stdio`, all of its standard streams.

        Raises SandboxUnusable where the engine is one that these cannot be had from.
        """
        wanted = {"stdin": 1, "stdout": 1, "stderr": 1, "stream": 1} if stdio else {"stderr": 1, "stream": 1}
        if stdio and self._client.base_url.startswith(("https", "http+docker://ssh")):
            raise SandboxUnusable("an engine that is reached by TLS or SSH cannot be used: run this on its machine")
        with _told("attaching to a container"):
            return Streams(self._client.attach_socket(container, wanted))

    def start(self, container: str) -> None:
        """Start a container that was created."""
        with _told("starting a container"):
            self._client.start(container)

    def remove(self, container: str) -> None:
        """End a container and remove it; returns once it is gone. One that is not there is fine."""
        with _told("removing a container"), contextlib.suppress(NotFound):
            try:
                self._client.remove_container(container, v=True, force=True)
            except APIError as error:
                if error.status_code != _CONFLICT:
                    raise
                self._client.wait(
                    container, condition="removed", timeout=_ANSWER_S
                )  # it is being removed already, having ended

    def containers(self, label: str) -> list[Found]:
        """All containers with a label, those that do not run too."""
        with _told("listing containers"):
            found = self._client.containers(all=True, filters={"label": label})
        return [Found(one["Id"], one["Names"][0].lstrip("/"), one["Labels"] or {}) for one in found]

    def images(self, label: str) -> list[Found]:
        """All images with a label."""
        with _told("listing images"):
            found = self._client.images(filters={"label": label})
        return [Found(one["Id"], ", ".join(one["RepoTags"] or ["untagged"]), one["Labels"] or {}) for one in found]

    def remove_image(self, image: str) -> None:
        """Remove an image that no container uses. Raises SandboxUnusable where one does."""
        with _told("removing an image"), contextlib.suppress(NotFound):
            self._client.remove_image(image, force=True)

    def _answers(self) -> bool:
        try:
            return bool(self._client.ping())
        except (DockerException, RequestException, HTTPError, OSError):
            return False


class Streams:
    """A container's standard streams as the engine hands them on: frames of a head of 8 bytes, which names the stream.

    Attributes:
        source: Descriptor to read from: readable when there is more, or the container has ended.
        sink: Descriptor to write to; what is written is the container's standard input as it is.
    """

    def __init__(self, sock: Any) -> None:  # noqa: ANN401 - of the SDK, which has no types
        self._socket = sock
        self.source: int = sock.fileno()
        self.sink = self.source
        self._data = bytearray()
        self._errors = b""

    def read(self) -> bool:
        """Take in what has arrived; False at the end."""
        data = os.read(self.source, 65536)
        self.unwrap(data)
        return bool(data)

    def unwrap(self, data: bytes) -> bytes:
        """Take in what was read from `source`; what of it is standard output."""
        self._data += data
        output = b""
        while len(self._data) >= _FRAME.size:
            stream, length = _FRAME.unpack_from(self._data)
            if len(self._data) < _FRAME.size + length:
                break
            words = bytes(self._data[_FRAME.size : _FRAME.size + length])
            del self._data[: _FRAME.size + length]
            if stream == _STDOUT:
                output += words
            else:
                self._errors = (self._errors + words)[-_WORDS_BYTES:]
        return output

    def errors(self) -> str:
        """The end of what it has written to standard error so far."""
        return self._errors.decode("utf-8", "replace").strip()

    def close(self) -> None:
        """Close them."""
        response = getattr(self._socket, "_response", None)  # it has the connection, of which the socket is a part
        (response or self._socket).close()


def _follow(lines: Iterator[dict[str, Any]], failed: str, say: Say, stop: threading.Event) -> None:
    log: list[str] = []
    for line in lines:
        if stop.is_set():
            raise PoolUnavailable("the pool was closed while its image was made")
        if "error" in line:
            end = "\n".join([*log[-_LOG_LINES:], str(line["error"]).strip()])
            raise SandboxUnusable(f"{failed}:\n{end}" + _full(end))
        for words in str(line.get("stream", "")).splitlines():
            if words.strip():
                log.append(words.rstrip())
                say(log[-1])


@contextmanager
def _told(doing: str) -> Iterator[None]:
    """The SDK's errors as ours."""
    try:
        yield
    except APIError as error:
        words = f"{doing}: Docker says: {error.explanation or error}"
        if full := _full(words):
            raise SandboxUnusable(words + full) from error
        raise (SandboxUnusable if error.is_client_error() else SandboxLost)(words) from error
    except (DockerException, RequestException, HTTPError, OSError) as error:
        raise EngineGone(
            f"{doing}: Docker's engine does not answer any more: {error}: is it being restarted?"
        ) from error


def _full(words: str) -> str:
    if "no space left on device" not in words.lower():
        return ""
    return "\nThe engine's disk is full: free some of it, for example with `docker system prune`"


def _unreachable(error: BaseException) -> str:
    """Why there is no engine, and what to do, from an error that has the reason in its text only."""
    where = os.environ.get("DOCKER_HOST", "")
    words = str(error)
    at = f"DOCKER_HOST={where}: " if where else ""
    if "PermissionError" in words or "Permission denied" in words:
        return (
            f"{at}no permission to use Docker: add yourself to its group (`sudo usermod -aG docker $USER`, then log in "
            "again), use rootless Docker, or name another engine by DOCKER_HOST"
        )
    if "FileNotFoundError" in words or "ConnectionRefused" in words or "No such file" in words or "refused" in words:
        return (
            f"{at}Docker's engine is not running, or not here: start it (`sudo systemctl start docker`, or Docker "
            f"Desktop), install it, or name another engine by DOCKER_HOST ({words})"
        )
    return f"{at}Docker's engine cannot be used: {words}: check DOCKER_HOST and `docker info`"
