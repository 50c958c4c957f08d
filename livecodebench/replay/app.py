"""The web application: HTTP in and out around `Answerer`. The only module that needs aiohttp beside `server`."""

from __future__ import annotations

import asyncio
import json
import time
import uuid
from collections.abc import Awaitable, Callable

from aiohttp import web

from livecodebench.replay import wire
from livecodebench.replay.answering import Answerer, Order, Refusal
from livecodebench.replay.faults import Fault

MAX_BODY_BYTES = 8 * 2**20  # a prompt of LiveCodeBench has some thousands

_REQUEST_ID = "X-Client-Request-Id"

Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]


def build_app(answerer: Answerer) -> web.Application:
    """The application; it keeps no state but the answerer's."""
    app = web.Application(client_max_size=MAX_BODY_BYTES)
    app.router.add_post("/v1/chat/completions", _completions(answerer, chat=True))
    app.router.add_post("/v1/completions", _completions(answerer, chat=False))

    async def models(_request: web.Request) -> web.StreamResponse:
        return web.json_response(wire.model_list(answerer.stored.models))

    async def stats(_request: web.Request) -> web.StreamResponse:
        return web.json_response(answerer.tally.as_json())

    app.router.add_get("/v1/models", models)
    app.router.add_get("/stats", stats)
    return app


def _completions(answerer: Answerer, *, chat: bool) -> Handler:
    async def handle(request: web.Request) -> web.StreamResponse:
        answerer.tally.begin(with_key="Authorization" in request.headers)
        try:
            answerer.admit(request.headers.get("Authorization"))
            order = answerer.order(await _read(request, chat=chat), request.headers.get(_REQUEST_ID))
            return await _carry_out(answerer, order, request)
        except Refusal as refusal:
            answerer.tally.settle(refusal.outcome)
            body = wire.error(refusal.message, kind=refusal.kind)
            return web.json_response(body, status=refusal.status, headers=refusal.headers)
        finally:
            answerer.tally.end()

    return handle


async def _read(request: web.Request, *, chat: bool) -> wire.Ask:
    try:
        return wire.read_ask(json.loads(await request.read()), chat=chat)
    except (ValueError, RecursionError) as error:
        raise Refusal(400, "bad_request", f"The body is not JSON: {error}") from None
    except wire.BadRequest as error:
        raise Refusal(400, "bad_request", f"{error}.") from None


async def _carry_out(answerer: Answerer, order: Order, request: web.Request) -> web.StreamResponse:
    sent = False
    try:
        await _wait(order.plan.latency_s, answerer)
        if order.plan.fault is Fault.SERVER_ERROR:
            raise Refusal(500, Fault.SERVER_ERROR, "The server had an error, as it was told to.", kind="server_error")
        if order.plan.fault is Fault.DROP:
            answerer.tally.settle(Fault.DROP)
            return await _drop(order, request)
        answerer.tally.settle(order.plan.fault or "served")
        answerer.served(order)
        sent = True
        return await (_stream(order, request) if order.ask.stream else _send(order, request))
    finally:
        if not sent:
            answerer.give_back(order)


async def _wait(seconds: float, answerer: Answerer) -> None:
    try:
        await asyncio.sleep(seconds)
    except asyncio.CancelledError:
        answerer.tally.settle("aborted")  # the client has gone
        raise


async def _send(order: Order, request: web.Request) -> web.StreamResponse:
    response = web.json_response(_answer(order))
    await response.prepare(request)
    await response.write_eof()
    return response


async def _stream(order: Order, request: web.Request) -> web.StreamResponse:
    response = web.StreamResponse(headers={"Content-Type": "text/event-stream", "Cache-Control": "no-cache"})
    await response.prepare(request)
    for event in wire.events(order.ask, order.completions, ident=_ident(), created=int(time.time())):
        await response.write(wire.sse(event))
    await response.write(wire.sse(None))
    await response.write_eof()
    return response


async def _drop(order: Order, request: web.Request) -> web.StreamResponse:
    """Half an answer, and then the connection is gone."""
    body = json.dumps(_answer(order)).encode()
    response = web.StreamResponse(headers={"Content-Type": "application/json", "Content-Length": str(len(body))})
    await response.prepare(request)
    await response.write(body[: len(body) // 2])
    if request.transport is not None:
        request.transport.close()
    return response


def _answer(order: Order) -> dict[str, object]:
    return wire.answer(order.ask, order.completions, ident=_ident(), created=int(time.time()))


def _ident() -> str:
    return f"replay-{uuid.uuid4().hex}"
