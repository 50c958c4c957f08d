"""The client: sends a request until there is a completion or no hope. The only module that needs httpx."""

from __future__ import annotations

import asyncio
import json
import logging
import random
import time
from collections.abc import Awaitable, Callable
from dataclasses import replace
from types import TracebackType
from typing import Any, Self
from urllib.parse import quote

import httpx

from livecodebench.answers.completion import Completion
from livecodebench.distribution import our_version
from livecodebench.errors import InputError
from livecodebench.model_client.answer import UnreadableAnswer, error_message, read_completion
from livecodebench.model_client.connection import Connection, checked_base_url
from livecodebench.model_client.errors import ModelError
from livecodebench.model_client.refusal import is_rate_limit, may_pass, refusal
from livecodebench.model_client.retry import Failure, retry_after_s
from livecodebench.printable import printable

MAX_RESPONSE_BYTES = 32 * 2**20  # of one completion; the longest reasoning is below 1 MiB

_CONNECT_S = 20.0
_MESSAGE_LENGTH = 300

_log = logging.getLogger(__name__)


class ModelClient:
    """An API, while the `async with` block runs.

    `sleep`, `clock` and `draw` are for tests: no test waits for a Retry-After.
    """

    def __init__(
        self,
        connection: Connection,
        *,
        sleep: Callable[[float], Awaitable[None]] = asyncio.sleep,
        clock: Callable[[], float] = time.monotonic,
        draw: random.Random | None = None,
    ) -> None:
        self._connection = connection
        self._base_url = checked_base_url(connection.base_url, connection.key)
        self._key = connection.key
        self._sleep = sleep
        self._clock = clock
        self._draw = draw or random.Random()
        self._not_before = 0.0  # the API asked everybody to wait until then
        self._http = httpx.AsyncClient(
            headers={"User-Agent": f"livecodebench/{our_version()}", "Accept-Encoding": "identity"},
            timeout=httpx.Timeout(None, connect=_CONNECT_S),
            limits=httpx.Limits(max_connections=connection.concurrent, max_keepalive_connections=connection.concurrent),
            trust_env=connection.use_proxy,
        )

    async def complete(self, body: dict[str, Any], *, path: str, name: str) -> Completion:
        """Ask until there is a completion.

        Args:
            body: Of the request.
            path: Below the base URL: "chat/completions" or "completions".
            name: Sent as X-Client-Request-Id, under which an API keeps it in its log.

        Raises:
            ModelError: The API failed for good.
            ModelRefused: The API will not take this request.
            InputError: The body holds the key.
        """
        content = json.dumps(body).encode()
        if self._key.within(content.decode("ascii")):
            raise InputError("the API key is in the request itself; take it out of --extra-body")
        headers = {
            "Content-Type": "application/json",
            "X-Client-Request-Id": quote(name, safe="/"),
            **self._key.headers(),
        }
        request = self._http.build_request("POST", f"{self._base_url}/{path}", content=content, headers=headers)
        started, sent, failed, limited = self._clock(), 0, 0, 0
        while True:
            await self._wait_for_others()
            sent += 1
            outcome = await self._attempt(request)
            if isinstance(outcome, Completion):
                return outcome
            limited = limited + 1 if outcome.rate_limited else 0
            failed += not outcome.rate_limited
            wait_s = self._connection.retry.delay(
                outcome,
                failures=limited or failed,
                elapsed_s=self._clock() - started,
                draw=self._draw,
            )
            if wait_s is None:
                raise ModelError(outcome.message, attempts=sent)
            _log.debug("%s: request %d failed: %s; trying again in %.1f s", name, sent, outcome.message, wait_s)
            if outcome.retry_after_s is not None:
                self._not_before = max(self._not_before, self._clock() + wait_s)
            await self._sleep(wait_s)

    async def _wait_for_others(self) -> None:
        wait_s = self._not_before - self._clock()
        if wait_s > 0:
            await self._sleep(wait_s)

    async def _attempt(self, request: httpx.Request) -> Completion | Failure:
        try:
            async with asyncio.timeout(self._connection.timeout_s):
                response = await self._http.send(request, stream=True)
                try:
                    body = await _bounded(response)
                finally:
                    await response.aclose()
        except TimeoutError:
            return Failure(f"no answer within {self._connection.timeout_s:g} s (--request-timeout)")
        except httpx.HTTPError as error:
            return Failure(self._show(f"{type(error).__name__}: {error}" if str(error) else type(error).__name__))
        except _TooLarge:
            return Failure(f"the response is larger than {MAX_RESPONSE_BYTES} bytes")
        return self._judge(response, body)

    def _judge(self, response: httpx.Response, body: bytes) -> Completion | Failure:
        status = response.status_code
        if status == 200:
            try:
                return self._without_key(read_completion(body))
            except UnreadableAnswer as error:
                return Failure(self._show(str(error)))
        said = self._show(f"status {status}: {error_message(body)}")
        limited = is_rate_limit(status, body)
        if limited or may_pass(status):
            return Failure(said, limited, retry_after_s(response.headers, now=time.time()))
        raise refusal(said, status=status, url=str(response.url), key=self._key)

    def _without_key(self, completion: Completion) -> Completion:
        return replace(
            completion,
            text=self._key.redact(completion.text),
            reasoning=self._key.redact(completion.reasoning),
            finish_reason=None if completion.finish_reason is None else self._key.redact(completion.finish_reason),
            served_model=self._key.redact(completion.served_model),
        )

    def _show(self, text: str) -> str:
        return printable(self._key.redact(text), limit=_MESSAGE_LENGTH)

    async def aclose(self) -> None:
        """End every connection."""
        await self._http.aclose()

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self.aclose()


class _TooLarge(Exception):
    pass


async def _bounded(response: httpx.Response) -> bytes:
    body = bytearray()
    async for chunk in response.aiter_bytes():
        body += chunk
        if len(body) > MAX_RESPONSE_BYTES:
            raise _TooLarge
    return bytes(body)
