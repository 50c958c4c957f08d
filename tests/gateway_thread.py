"""A gateway in a thread of the tests: the real one, but for the Ray actor around it, with pools as a test has them."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Callable
from typing import Any, TypeVar

from lcb_ray.code_version import code_version
from lcb_ray.gateway.blobs import BLOB_BYTES, Blobs
from lcb_ray.gateway.client import GatewayPool
from lcb_ray.gateway.codec import Codec
from lcb_ray.gateway.desk import Desk, OpenPool
from lcb_ray.gateway.protocol import with_messages
from lcb_ray.gateway.server import Server
from lcb_ray.gateway.sessions import SessionRules
from lcb_ray.gateway.tokens import Tokens
from lcb_ray.pool import Pool

TOKEN = "a-token-for-tests-only"
OTHER_TOKEN = "a-token-of-another-domain"
TICK_S = 0.05

T = TypeVar("T")


class GatewayThread:
    """Starts with the object; `restart` forgets everything, as after a SIGKILL, and goes on at the same address."""

    def __init__(
        self,
        open_pool: OpenPool,
        codec: Codec,
        *,
        rules: SessionRules | None = None,
        blob_bytes: int = BLOB_BYTES,
        code: tuple[str, ...] = ("lcb_ray",),
    ) -> None:
        self.pools: list[Pool] = []
        self.views: list[dict[str, Any]] = []
        self.others: list[str] = []
        self.port = 0
        self.code = code
        self._codec = codec
        self._open_pool = open_pool
        self._rules = rules or SessionRules()
        self._blob_bytes = blob_bytes
        self._clients: list[GatewayPool] = []
        self._start()

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    def client(self, **more: object) -> GatewayPool:
        settings: dict[str, Any] = {"codec": self._codec, "token": TOKEN, "code": self.code, **more}
        self._clients.append(GatewayPool(self.url, **settings))
        return self._clients[-1]

    def call(self, act: Callable[[Desk], T]) -> T:
        """What `act` returns, called with the desk in the gateway's thread."""

        async def called() -> T:
            return act(self.desk)

        return asyncio.run_coroutine_threadsafe(called(), self._loop).result()

    def end(self) -> None:
        if self._thread.is_alive():
            self._loop.call_soon_threadsafe(self._over.set)
            self._thread.join()

    def restart(self) -> None:
        self.end()
        self._start()

    def close(self) -> None:
        for client in self._clients:
            client.close()
        self.end()

    def _start(self) -> None:
        started = threading.Event()
        self._thread = threading.Thread(target=lambda: asyncio.run(self._serve(started)), name="gateway-under-test")
        self._thread.start()
        assert started.wait(60)

    async def _serve(self, started: threading.Event) -> None:
        self._loop, self._over = asyncio.get_running_loop(), asyncio.Event()
        codec = with_messages(self._codec)
        blobs = Blobs(self._blob_bytes)
        self.desk = Desk(self._open, codec, version=code_version(self.code), rules=self._rules, blobs=blobs)
        tokens = Tokens({TOKEN: "default", OTHER_TOKEN: "other"})
        server = Server(self.desk, codec, tokens=tokens, look=lambda: self.views, others=lambda: self.others)
        self.port = await server.listen("127.0.0.1", self.port)
        started.set()
        while not self._over.is_set():
            self.desk.pass_time()
            try:
                await asyncio.wait_for(self._over.wait(), TICK_S)
            except TimeoutError:
                continue
        await server.close()
        self.desk.close()

    def _open(self, slots: int | None, **more: object) -> Pool:
        self.pools.append(self._open_pool(slots, **more))
        return self.pools[-1]
