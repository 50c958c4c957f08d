"""The named actor on the head node that is the gateway: detached, started again by Ray where it is killed.

It keeps nothing that must survive it: clients say what they had under way again. What runs here needs Ray, its HTTP
library and the standard library.
"""

from __future__ import annotations

import asyncio
import hashlib
import logging
import os
from collections.abc import Sequence
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from typing import Any

import ray

from lcb_ray.code_version import code_version
from lcb_ray.errors import PoolUnavailable, SandboxUnusable
from lcb_ray.gateway.blobs import BLOB_BYTES, Blobs
from lcb_ray.gateway.codec import Codec
from lcb_ray.gateway.desk import Desk, OpenPool
from lcb_ray.gateway.protocol import DEFAULT, TOKEN_VARIABLE, with_messages
from lcb_ray.gateway.server import Server
from lcb_ray.gateway.sessions import SessionRules
from lcb_ray.gateway.tokens import Tokens
from lcb_ray.ray_pool.driver import RayPool
from lcb_ray.ray_pool.looking import drivers_elsewhere, look_at_pools
from lcb_ray.structured_log import log_as_json

PORT = 8266  # beside Ray's dashboard
_TICK_S = 1.0
_LISTEN_S = 30.0  # for a port to become free: the actor's former life may just be ending

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True, kw_only=True)
class GatewayConfig:
    """How a gateway is made.

    Attributes:
        codec: Knows the check functions, verdicts and so on of the clients' batches.
        code: The packages that must be the same on all sides; see lcb_ray.code_version.
        open_pool: Makes a pool for a client. None: a RayPool with `code`.
        host: The address to listen on; the default is reached from the head node only, and by port-forwarding to it.
        port: Where to listen.
        token_file: Where the head node has the tokens; see lcb_ray.gateway.tokens. It is read again and again.
            None: `token`.
        token: The only token; never shown. None: the environment's LIVECODEBENCH_GATEWAY_TOKEN, of whoever starts
            the gateway, else of the head node.
        rules: Sizes and times.
        blob_bytes: Cases kept at most.
    """

    codec: Codec
    code: Sequence[str]
    open_pool: OpenPool | None = None
    host: str = "127.0.0.1"
    port: int = PORT
    token_file: str | None = None
    token: str | None = field(default=None, repr=False)
    rules: SessionRules = field(default_factory=SessionRules)
    blob_bytes: int = BLOB_BYTES

    def fingerprint(self) -> str:
        """Equal for gateways of the same code, place and token; tells nothing of the token."""
        parts = (code_version(tuple(self.code)), self.host, str(self.port), self.token_file or self.token or "")
        return hashlib.sha256("\n".join(parts).encode("utf-8", "surrogateescape")).hexdigest()

    def read_tokens(self) -> Tokens:
        """The tokens. Raises SandboxUnusable where there is none."""
        if not self.token_file:
            return Tokens({self.token or os.environ.get(TOKEN_VARIABLE, ""): DEFAULT})
        try:
            return Tokens.read(Path(self.token_file).read_text())
        except (OSError, UnicodeDecodeError) as error:
            raise SandboxUnusable(f"the gateway's token cannot be read: {error}") from None


class GatewayActor:
    """Serves HTTP.

    Args:
        config: Of whoever made it.
    """

    def __init__(self, config: GatewayConfig) -> None:
        log_as_json()
        self._config = config
        self._codec = with_messages(config.codec)
        self._fingerprint = config.fingerprint()
        self._listening: asyncio.Future[str] | None = None
        self._desk: Desk | None = None
        self._life: asyncio.Task[None] | None = None
        # Ray may fail an actor's call of itself while it restarts: without the retry nothing would ever listen.
        ray.get_runtime_context().current_actor.begin.options(max_task_retries=-1).remote()

    def __repr__(self) -> str:
        return f"Gateway(port {self._config.port})"

    async def begin(self) -> None:
        """Begin to live. Called by the actor itself; it may happen twice."""
        if self._life is None:
            self._life = asyncio.get_running_loop().create_task(self._live())

    async def _live(self) -> None:
        """Listen, then let time pass."""
        listening = self._ready()
        try:
            open_pool: Any = self._config.open_pool or partial(RayPool, code=self._config.code)
            self._desk = Desk(
                open_pool,
                self._codec,
                version=code_version(tuple(self._config.code)),
                rules=self._config.rules,
                blobs=Blobs(self._config.blob_bytes),
            )
            server = Server(
                self._desk,
                self._codec,
                tokens=self._config.read_tokens(),
                look=look_at_pools,
                others=drivers_elsewhere,
            )
            listening.set_result(f"http://{_shown(self._config.host)}:{await self._listen(server)}")
        except SandboxUnusable as error:
            listening.set_exception(error)
            return
        except Exception as error:
            log.exception("the gateway does not start")
            listening.set_exception(PoolUnavailable(f"the gateway does not start: {error}"))
            return
        while True:
            await asyncio.sleep(_TICK_S)
            self._desk.pass_time()
            self._read_tokens_again(server)

    def _read_tokens_again(self, server: Server) -> None:
        """Domains come and go without a new gateway."""
        if self._config.token_file:
            try:
                server.tokens = self._config.read_tokens()
            except SandboxUnusable as error:
                log.warning("the tokens stay as they were: %s", error)

    async def fingerprint(self) -> str:
        """See GatewayConfig; it must never change its form."""
        return self._fingerprint

    async def url(self) -> str:
        """Where it listens; waits until it does. Raises SandboxUnusable, PoolUnavailable."""
        return await asyncio.shield(self._ready())

    async def drain(self, within_s: float) -> None:
        """Take nothing on any more, and wait for what is under way."""
        if self._desk is not None:
            await self._desk.drain(within_s)

    async def pid(self) -> int:
        """Its process id, for tests."""
        return os.getpid()

    def _ready(self) -> asyncio.Future[str]:
        if self._listening is None:
            self._listening = asyncio.get_running_loop().create_future()
        return self._listening

    async def _listen(self, server: Server) -> int:
        until = asyncio.get_running_loop().time() + _LISTEN_S
        while True:
            try:
                return await server.listen(self._config.host, self._config.port)
            except OSError as error:
                if asyncio.get_running_loop().time() > until:
                    raise PoolUnavailable(
                        f"port {self._config.port} cannot be had on the head node: {error}: choose another"
                    ) from None
                await asyncio.sleep(_TICK_S)


def _shown(host: str) -> str:
    """As part of a URL."""
    if host in ("0.0.0.0", "::", ""):
        return str(ray.get_runtime_context().gcs_address).rpartition(":")[0]
    return f"[{host}]" if ":" in host else host
