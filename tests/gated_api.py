"""A model's API that answers from the bundled completions, so many at first, and the rest when it is told to."""

from __future__ import annotations

import asyncio
from typing import Self

from aiohttp import web

from livecodebench.dataset.opening import open_dataset
from livecodebench.model_client.key import ApiKey
from livecodebench.replay.answering import Answerer
from livecodebench.replay.app import build_app
from livecodebench.replay.server_thread import ServerThread
from livecodebench.replay.source import open_stored


class GatedApi:
    """Serves while its `with` block runs.

    Args:
        key: What requests must have.
        at_once: Answers before the gate opens.
    """

    def __init__(self, *, key: str | None = None, at_once: int = 1_000_000) -> None:
        self.answered = 0
        self._begun = 0
        self._at_once = at_once
        self._answerer = Answerer(open_stored("mini"), open_dataset("mini").values(), key=ApiKey(key))
        app = build_app(self._answerer)
        app.middlewares.append(self._gate)
        self._server = ServerThread(app)
        self._open = asyncio.Event()

    @property
    def base_url(self) -> str:
        return f"{self._server.root_url}/v1"

    def open(self) -> None:
        self._server._loop.call_soon_threadsafe(self._open.set)

    @web.middleware
    async def _gate(self, request, handler):
        if request.method != "POST":
            return await handler(request)
        self._begun += 1
        if self._begun > self._at_once:
            await self._open.wait()
        response = await handler(request)
        self.answered += response.status == 200
        return response

    def __enter__(self) -> Self:
        self._server.start()
        return self

    def __exit__(self, *_: object) -> None:
        self.open()
        self._server.close()
