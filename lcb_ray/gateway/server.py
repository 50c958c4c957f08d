"""The gateway's HTTP: a domain's token for everything, bounded bodies, errors as JSON. The one module with its library.

What is asked for is done by lcb_ray.gateway.desk; the requests are described in lcb_ray.gateway.protocol.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable, Callable
from contextvars import ContextVar
from dataclasses import asdict
from typing import Any

from aiohttp import web

from lcb_ray.gateway.codec import Codec, CodecError
from lcb_ray.gateway.desk import Desk
from lcb_ray.gateway.protocol import (
    BLOCK,
    DEFAULT,
    GATEWAY_HEADER,
    MAX_BLOB_BYTES,
    MAX_HELLO_BYTES,
    MAX_POSTED_BYTES,
    MAX_SEEN_BYTES,
    is_name,
    read_hello,
    read_seen,
)
from lcb_ray.gateway.refusal import Refusal
from lcb_ray.gateway.tokens import Tokens

log = logging.getLogger(__name__)

_domain: ContextVar[str] = ContextVar("domain")  # whose token the request has
_Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]


class Server:
    """Answers requests.

    Args:
        desk: Does what is asked.
        codec: As the desk's.
        tokens: Of which every request must have one. May be replaced.
        look: Looks at the cluster's pools, which may take a while; see lcb_ray.ray_pool.looking.
        others: Drivers of those pools that come by no gateway, in words; may take a while, too.
    """

    def __init__(
        self,
        desk: Desk,
        codec: Codec,
        *,
        tokens: Tokens,
        look: Callable[[], list[dict[str, Any]]] = list,
        others: Callable[[], list[str]] = list,
    ) -> None:
        self._desk = desk
        self._look = look
        self._others = others
        self._codec = codec
        self.tokens = tokens
        app = web.Application(middlewares=[self._guard])
        app.add_routes(
            [
                web.get("/healthz", self._alive),
                web.get("/status", self._status),
                web.get("/pools", self._pools),
                web.get("/use", self._use),
                web.put("/sessions/{session}", self._hello),
                web.delete("/sessions/{session}", self._goodbye),
                web.get("/sessions/{session}/info", self._info),
                web.post("/sessions/{session}/results", self._results),
                web.post("/sessions/{session}/stream", self._stream),
                web.post("/sessions/{session}/seen", self._see),
                web.put("/sessions/{session}/batches/{key}", self._post),
                web.delete("/sessions/{session}/batches/{key}", self._cancel),
                web.put("/blobs/{digest}", self._keep),
            ]
        )
        # Cancelled where the other side goes away: that is how a client that waits for results is seen to end.
        self._runner = web.AppRunner(app, handler_cancellation=True, access_log=None, shutdown_timeout=1.0)

    async def listen(self, host: str, port: int) -> int:
        """Begin; returns the port. Raises OSError."""
        await self._runner.setup()
        await web.TCPSite(self._runner, host, port).start()
        listening: int = self._runner.addresses[0][1]
        return listening

    async def close(self) -> None:
        """Stop listening."""
        await self._runner.cleanup()

    @web.middleware
    async def _guard(self, request: web.Request, handler: _Handler) -> web.StreamResponse:
        if request.path == "/healthz":
            return await handler(request)
        given = request.headers.get("Authorization", "").removeprefix("Bearer ")
        domain = self.tokens.domain_of(given)
        if domain is None:
            return web.json_response({"error": "the token is missing or wrong"}, status=401)
        _domain.set(domain)
        response = await self._answered(request, handler)
        if not response.prepared:
            response.headers[GATEWAY_HEADER] = str(self._desk.epoch)
        return response

    async def _answered(self, request: web.Request, handler: _Handler) -> web.StreamResponse:
        try:
            if not all(map(is_name, request.match_info.values())):
                raise Refusal(400, "a name in the path is not allowed")
            return await handler(request)
        except Refusal as refusal:
            headers = {} if refusal.again_s is None else {"Retry-After": f"{refusal.again_s:g}"}
            fields = {"error": str(refusal), **refusal.fields}
            return web.json_response(fields, status=refusal.status, headers=headers)
        except (CodecError, ValueError) as error:
            return web.json_response({"error": str(error)}, status=400)
        except web.HTTPException as error:
            return web.json_response({"error": error.reason}, status=error.status)
        except Exception as error:
            log.exception("a request failed")
            return web.json_response({"error": f"the gateway has a bug: {type(error).__name__}"}, status=500)

    async def _alive(self, request: web.Request) -> web.Response:
        return web.Response(text="ok\n")

    async def _status(self, request: web.Request) -> web.Response:
        return web.json_response(self._desk.status(_domain.get()))

    async def _pools(self, request: web.Request) -> web.Response:
        if _domain.get() != DEFAULT:
            raise Refusal(403, "all pools are shown to the token without a name only: a domain sees its own by /status")
        return web.json_response({"pools": await asyncio.to_thread(self._look)})

    async def _use(self, request: web.Request) -> web.Response:
        others = await asyncio.to_thread(self._others)
        idle_s = 0.0 if others else round(self._desk.idle_s(), 1)
        names = {"users": self._desk.users() + others} if _domain.get() == DEFAULT else {}
        return web.json_response({"idle_s": idle_s, **names})

    async def _hello(self, request: web.Request) -> web.Response:
        self._desk.admit(_domain.get(), 0)
        hello = read_hello(await _body(request, MAX_HELLO_BYTES))
        return web.json_response(asdict(self._desk.hello(_client(request), hello)))

    async def _goodbye(self, request: web.Request) -> web.Response:
        self._desk.goodbye(_client(request))
        return web.Response(status=204)

    async def _info(self, request: web.Request) -> web.Response:
        frame = await self._desk.describe(_client(request))
        return web.Response(status=202) if frame is None else web.Response(body=frame)

    async def _post(self, request: web.Request) -> web.Response:
        client, key = _client(request), request.match_info["key"]
        self._desk.check_room(client, key)
        self._desk.admit(_domain.get(), _length(request, MAX_POSTED_BYTES))
        self._desk.post(client, key, await _body(request, MAX_POSTED_BYTES))
        return web.Response(status=202)

    async def _cancel(self, request: web.Request) -> web.Response:
        self._desk.cancel(_client(request), request.match_info["key"])
        return web.Response(status=202)

    async def _results(self, request: web.Request) -> web.StreamResponse:
        seen = read_seen(await _body(request, MAX_SEEN_BYTES))
        ended, frames = await self._desk.results(_client(request), seen)
        line = ended.line()
        response = web.StreamResponse(headers={GATEWAY_HEADER: str(self._desk.epoch)})
        response.content_length = len(line) + sum(map(len, frames))
        await response.prepare(request)
        for part in (line, *frames):
            await response.write(part)
        await response.write_eof()
        return response

    async def _see(self, request: web.Request) -> web.Response:
        self._desk.see(_client(request), read_seen(await _body(request, MAX_SEEN_BYTES)))
        return web.Response(status=204)

    async def _stream(self, request: web.Request) -> web.StreamResponse:
        seen = read_seen(await _body(request, MAX_SEEN_BYTES))
        response = web.StreamResponse(headers={GATEWAY_HEADER: str(self._desk.epoch)})
        try:
            async for ended, frames in self._desk.stream(_client(request), seen):
                if not response.prepared:
                    await response.prepare(request)
                line = ended.line()
                await response.write(b"".join((BLOCK.pack(len(line) + sum(map(len, frames))), line, *frames)))
        except Refusal:
            if not response.prepared:
                raise
        return response  # its end says: ask again

    async def _keep(self, request: web.Request) -> web.Response:
        digest = request.match_info["digest"]
        domain = _domain.get()
        if not self._desk.keeps(domain, digest):
            self._desk.admit(domain, _length(request, MAX_BLOB_BYTES))
            await self._desk.keep(domain, digest, await _body(request, MAX_BLOB_BYTES))
        return web.Response(status=201)


async def _body(request: web.Request, most: int) -> bytes:
    """The body, of so many bytes at most. Raises Refusal."""
    if (request.content_length or 0) > most:
        raise Refusal(413, f"the body has more than {most} bytes")
    parts: list[bytes] = []
    size = 0
    async for part in request.content.iter_any():
        parts.append(part)
        size += len(part)
        if size > most:
            raise Refusal(413, f"the body has more than {most} bytes")
    return b"".join(parts)


def _client(request: web.Request) -> str:
    """The name of a client, by which no domain can name another's."""
    return f"{_domain.get()}/{request.match_info['session']}"


def _length(request: web.Request, most: int) -> int:
    """What is to come; the most that may, where it is not said."""
    return most if request.content_length is None else min(request.content_length, most)
