"""A client's requests to the gateway: said again until they are answered, or for too long. Its library's one door."""

from __future__ import annotations

import asyncio
import json
import random
import time
from dataclasses import dataclass
from types import TracebackType
from typing import Any, Self

import httpx

from lcb_ray.errors import PoolUnavailable, SandboxError, SandboxLost, SandboxUnusable
from lcb_ray.gateway.protocol import GATEWAY_HEADER, MAX_ANSWER_BYTES, TOKEN_VARIABLE

PATIENCE_S = 120.0  # without an answer, until the work that is there is given up
_ANSWER_S = 60.0  # for an answer to begin, or to go on
_FIRST_PAUSE_S, _LONGEST_PAUSE_S = 0.1, 5.0
_CONNECTIONS = 32
_WORDS = 500


class UnknownSession(Exception):
    """The gateway does not know this client: it was started anew, or has not heard of it for too long."""


@dataclass(frozen=True, slots=True)
class Answer:
    """What the gateway said."""

    status: int
    body: bytes
    fields: dict[str, Any]


class Channel:
    """Sends requests. For one event loop.

    Args:
        address: Of the gateway, http://host:port.
        token: Sent with each.
        patience_s: How long to go on where nothing answers.
    """

    def __init__(self, address: str, token: str, *, patience_s: float = PATIENCE_S) -> None:
        self._address = address
        self._patience_s = patience_s
        self._http = httpx.AsyncClient(
            base_url=address,
            headers={"Authorization": f"Bearer {token}"},
            timeout=httpx.Timeout(_ANSWER_S, connect=10.0, pool=None),
            limits=httpx.Limits(max_connections=_CONNECTIONS, max_keepalive_connections=_CONNECTIONS),
            follow_redirects=False,
        )
        self._silent_since: float | None = None
        self._met = False
        self._given_up = 0  # how often: all requests give up together

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self._http.aclose()

    async def ask(self, method: str, path: str, body: bytes = b"") -> Answer:
        """Send a request, again and again where it is not answered or there is no room for it.

        Raises:
            UnknownSession: Say hello first.
            PoolUnavailable: Nothing has ever answered there.
            SandboxLost: Nothing has answered for too long.
            SandboxUnusable: The gateway refuses, and will go on to.
        """
        pause_s, given_up = _FIRST_PAUSE_S, self._given_up
        while True:
            try:
                answer, again_s = await self._once(method, path, body)
            except (httpx.TransportError, _NotTheGateway) as error:
                self._was_silent(error, given_up)
                again_s = pause_s
            else:
                if answer is not None:
                    return answer
            await asyncio.sleep(max(again_s, pause_s * random.uniform(0.5, 1)))
            pause_s = min(2 * pause_s, _LONGEST_PAUSE_S)

    async def goodbye(self, path: str, within_s: float) -> None:
        """Send a DELETE, once: nothing depends on it."""
        try:
            await self._http.delete(path, timeout=within_s)
        except httpx.HTTPError:
            return

    async def _once(self, method: str, path: str, body: bytes) -> tuple[Answer | None, float]:
        """An answer, or how long to wait before asking again."""
        async with self._http.stream(method, path, content=body) as response:
            if response.status_code == httpx.codes.UNAUTHORIZED:
                raise SandboxUnusable(
                    f"{self._address} does not take this token: {TOKEN_VARIABLE} must be what the gateway was given"
                )
            if GATEWAY_HEADER not in response.headers:
                await self._refuse_others(response)
            text = await _read(response)
        self._silent_since, self._met = None, True
        if response.is_success:
            return Answer(response.status_code, text, {}), 0.0
        fields = _fields(response, text)
        if response.status_code in (429, 503):
            return None, _seconds(response.headers.get("Retry-After"))
        if fields.get("session") == "unknown":
            raise UnknownSession
        if "need" in fields:
            return Answer(response.status_code, text, fields), 0.0
        if response.status_code >= 500:
            raise _NotTheGateway(f"status {response.status_code}: {_words(fields)}")
        raise SandboxUnusable(f"the gateway at {self._address} refuses: {_words(fields)}")

    async def _refuse_others(self, response: httpx.Response) -> None:
        """Somebody else answers: a proxy that cannot reach the gateway, or another server. Raises."""
        if response.status_code in (429, 502, 503, 504):
            raise _NotTheGateway(f"status {response.status_code} from something in front of the gateway")
        raise SandboxUnusable(
            f"{self._address} answers (status {response.status_code}), but is no gateway: its port is another than "
            "that of Ray's dashboard"
        )

    def _was_silent(self, error: Exception, given_up: int) -> None:
        """Raises SandboxError where it has been for too long."""
        now = time.monotonic()
        if given_up == self._given_up:
            if self._silent_since is None:
                self._silent_since = now
            if now - self._silent_since < self._patience_s:
                return
            self._given_up += 1
            self._silent_since = None  # whoever comes later has the same patience
        kind: type[SandboxError] = SandboxLost if self._met else PoolUnavailable
        raise kind(
            f"the gateway at {self._address} has not answered for {self._patience_s:.0f} s: "
            f"{str(error) or type(error).__name__}"
        ) from error


class _NotTheGateway(Exception):
    """An answer that is as good as none."""


async def _read(response: httpx.Response) -> bytes:
    parts: list[bytes] = []
    size = 0
    async for part in response.aiter_raw():
        parts.append(part)
        size += len(part)
        if size > MAX_ANSWER_BYTES:
            raise SandboxUnusable(f"the gateway answers with more than {MAX_ANSWER_BYTES} bytes")
    return b"".join(parts)


def _fields(response: httpx.Response, text: bytes) -> dict[str, Any]:
    if len(text) > 100_000 or "json" not in response.headers.get("Content-Type", ""):
        return {}
    try:
        fields = json.loads(text)
    except (ValueError, RecursionError):
        return {}
    return fields if isinstance(fields, dict) else {}


def _words(fields: dict[str, Any]) -> str:
    words = str(fields.get("error", "no reason given"))[:_WORDS]
    return "".join(one if one.isprintable() else "?" for one in words)


def _seconds(value: str | None) -> float:
    try:
        seconds = float(value or "")
    except ValueError:
        return 1.0
    return min(max(seconds, 0.05), 60.0) if seconds == seconds else 1.0
