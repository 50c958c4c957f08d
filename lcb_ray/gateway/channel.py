"""A client's requests to the gateway: said again until they are answered, or for too long. Its library's one door."""

from __future__ import annotations

import asyncio
import io
import json
import random
import time
import urllib.request
from collections.abc import AsyncGenerator, Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass
from types import TracebackType
from typing import Any, Self
from urllib.parse import urlsplit

import aiohttp
from yarl import URL

from lcb_ray.errors import PoolUnavailable, SandboxError, SandboxLost, SandboxUnusable
from lcb_ray.gateway.protocol import BLOCK, GATEWAY_HEADER, MAX_ANSWER_BYTES, TOKEN_VARIABLE

PATIENCE_S = 120.0  # without an answer, until the work that is there is given up
_ANSWER_S = 60.0  # for an answer to begin, or to go on
_FIRST_PAUSE_S, _LONGEST_PAUSE_S = 0.1, 5.0
_CONNECT_S = 10.0
_CONNECTIONS = 32
_SMALL_BYTES = 2**19
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
        new_token: Finds out the token where it is not taken any more; may block, and raise SandboxError. None: that is
            the end.
    """

    def __init__(
        self,
        address: str,
        token: str,
        *,
        patience_s: float = PATIENCE_S,
        new_token: Callable[[], str] | None = None,
    ) -> None:
        self._address = address
        self._patience_s = patience_s
        self._new_token = new_token
        self._headers = {"Authorization": f"Bearer {token}", "Accept-Encoding": "identity"}
        self._proxy = _proxy_for(address)
        self._session: aiohttp.ClientSession | None = None
        self._silent_since: float | None = None
        self._met = False
        self._given_up = 0  # how often: all requests give up together

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._session is not None:
            await self._session.close()

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
            except (aiohttp.ClientError, OSError, _NotTheGateway) as error:  # TimeoutError is an OSError
                await self._renew_token(error)
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
            async with asyncio.timeout(within_s), self._request("DELETE", path, b"") as response:
                await response.read()
        except (aiohttp.ClientError, OSError):
            return

    def _request(self, method: str, path: str, body: bytes) -> Any:  # noqa: ANN401 - the library's own context manager
        if self._session is None:  # which wants to be made in the loop that uses it
            self._session = aiohttp.ClientSession(
                timeout=aiohttp.ClientTimeout(total=None, sock_connect=_CONNECT_S, sock_read=_ANSWER_S),
                connector=aiohttp.TCPConnector(limit=_CONNECTIONS),
                cookie_jar=aiohttp.DummyCookieJar(),
                auto_decompress=False,
                skip_auto_headers=("User-Agent", "Content-Type"),
            )
        return self._session.request(
            method,
            URL(self._address + path, encoded=True),
            data=body if len(body) < _SMALL_BYTES else io.BytesIO(body),  # bytes would be written in one go
            headers=self._headers,
            allow_redirects=False,
            proxy=self._proxy,
        )

    async def _once(self, method: str, path: str, body: bytes) -> tuple[Answer | None, float]:
        """An answer, or how long to wait before asking again."""
        async with self._request(method, path, body) as response:
            self._check(response)
            return self._judged(response, await _read(response))

    async def listen(self, path: str, body: bytes) -> AsyncGenerator[bytes, None]:
        """The answers to one request, as they come; ends where the other side ends it. Raises as `ask` does."""
        pause_s, given_up = _FIRST_PAUSE_S, self._given_up
        while True:
            again_s = 0.0
            try:
                async with self._request("POST", path, body) as response:
                    self._check(response)
                    if response.status == 200:
                        self._silent_since, self._met = None, True
                        while block := await _block(response):
                            yield block
                        return
                    _, again_s = self._judged(response, await _read(response))
            except (aiohttp.ClientError, OSError, _NotTheGateway) as error:
                await self._renew_token(error)
                self._was_silent(error, given_up)
            await asyncio.sleep(max(again_s, pause_s * random.uniform(0.5, 1)))
            pause_s = min(2 * pause_s, _LONGEST_PAUSE_S)

    def _check(self, response: aiohttp.ClientResponse) -> None:
        """Whether it is the gateway that answers, and that knows the token. Raises SandboxUnusable, _NotTheGateway."""
        if response.status == 401:
            if self._new_token is not None:
                raise _TokenRefused("it does not take the token, which may just be renewed")
            raise SandboxUnusable(
                f"{self._address} does not take this token: {TOKEN_VARIABLE} must be what the gateway was given"
            )
        if GATEWAY_HEADER not in response.headers:
            self._refuse_others(response.status)

    async def _renew_token(self, error: Exception) -> None:
        """Where the token was refused, ask for the one that is good now. The gateway may take a minute to know it."""
        if isinstance(error, _TokenRefused) and self._new_token is not None:
            with suppress(SandboxError):
                self._headers["Authorization"] = f"Bearer {await asyncio.to_thread(self._new_token)}"

    def _judged(self, response: aiohttp.ClientResponse, text: bytes) -> tuple[Answer | None, float]:
        self._silent_since, self._met = None, True
        if 200 <= response.status < 300:
            return Answer(response.status, text, {}), 0.0
        fields = _fields(response.headers, text)
        if response.status in (429, 503):
            return None, _seconds(response.headers.get("Retry-After"))
        if fields.get("session") == "unknown":
            raise UnknownSession
        if "need" in fields:
            return Answer(response.status, text, fields), 0.0
        if response.status >= 500:
            raise _NotTheGateway(f"status {response.status}: {_words(fields)}")
        raise SandboxUnusable(f"the gateway at {self._address} refuses: {_words(fields)}")

    def _refuse_others(self, status: int) -> None:
        """Somebody else answers: a proxy that cannot reach the gateway, or another server. Raises."""
        if status in (429, 502, 503, 504):
            raise _NotTheGateway(f"status {status} from something in front of the gateway")
        raise SandboxUnusable(
            f"{self._address} answers (status {status}), but is no gateway: its port is another than "
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


class _TokenRefused(_NotTheGateway):
    """The token is not, or not yet, the one that is good."""


def _proxy_for(address: str) -> str | None:
    """The proxy that the environment names for an address."""
    parts = urlsplit(address)
    if urllib.request.proxy_bypass(parts.hostname or ""):
        return None
    return urllib.request.getproxies().get(parts.scheme)


async def _block(response: aiohttp.ClientResponse) -> bytes:
    """The next answer of a stream; empty at its end."""
    try:
        [size] = BLOCK.unpack(await response.content.readexactly(BLOCK.size))
        if size > MAX_ANSWER_BYTES:
            raise SandboxUnusable(f"the gateway answers with more than {MAX_ANSWER_BYTES} bytes")
        return await response.content.readexactly(size)
    except asyncio.IncompleteReadError:
        return b""


async def _read(response: aiohttp.ClientResponse) -> bytes:
    parts: list[bytes] = []
    size = 0
    async for part in response.content.iter_any():
        parts.append(part)
        size += len(part)
        if size > MAX_ANSWER_BYTES:
            raise SandboxUnusable(f"the gateway answers with more than {MAX_ANSWER_BYTES} bytes")
    return b"".join(parts)


def _fields(headers: Mapping[str, str], text: bytes) -> dict[str, Any]:
    if len(text) > 100_000 or "json" not in headers.get("Content-Type", ""):
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
