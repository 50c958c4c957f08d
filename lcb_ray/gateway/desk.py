"""What the gateway does: a pool for each client, its batches on that pool, and their ends back to the client.

For one event loop; knows no HTTP and no Ray. Each client is a driver of its own in the pool's rules, so that clients
share as drivers do, and what one leaves behind ends with its pool. Clients are named DOMAIN/ID: a trust domain sees
nothing of another's clients, batches and cases.
"""

from __future__ import annotations

import asyncio
import hashlib
import logging
import time
from collections import defaultdict
from collections.abc import AsyncIterator, Sequence
from concurrent.futures import CancelledError, Future, ThreadPoolExecutor
from contextlib import suppress
from dataclasses import dataclass, field
from typing import Any, Protocol

from lcb_ray.batch import BatchResult
from lcb_ray.gateway.blobs import Blobs, NoRoom
from lcb_ray.gateway.codec import Codec, CodecError
from lcb_ray.gateway.intake import batch_of, check, unpacked
from lcb_ray.gateway.protocol import (
    DEFAULT,
    POLL_S,
    PROTOCOL,
    Described,
    Done,
    Ended,
    Failed,
    Hello,
    Posted,
    Welcome,
)
from lcb_ray.gateway.rates import Bucket
from lcb_ray.gateway.refusal import Refusal
from lcb_ray.gateway.sessions import Admission, Session, SessionRules, Sessions
from lcb_ray.pool import Pool

_BUSY_S = 1.0  # after which a client may ask again for what there was no room for
_THREADS = 64  # for what blocks: opening pools, closing them, unpacking

log = logging.getLogger(__name__)


class OpenPool(Protocol):
    """Makes a pool for a client; lcb_ray.ray_pool.driver.RayPool is one, with its other arguments bound."""

    def __call__(self, slots: int | None, *, pool_size: int | None, **more: Any) -> Pool:  # noqa: ANN401 - of any kind
        """A pool; starts nothing yet. `more` has priority, and the pool's name where the client gave one."""
        ...


@dataclass(slots=True)
class _Client:
    domain: str
    hello: Hello
    session: Session
    pool: Pool
    changed: asyncio.Event = field(default_factory=asyncio.Event)
    futures: dict[str, Future[BatchResult[Any]]] = field(default_factory=dict)
    description: asyncio.Future[bytes] | None = None
    streams: int = 0  # how many there were; the last one counts


class Desk:
    """Serves clients.

    Args:
        open_pool: Makes a pool for each.
        codec: Knows all that travels, messages included.
        version: The lcb_ray.code_version that clients need.
        rules: Sizes and times.
        blobs: Where cases are kept.
    """

    def __init__(
        self,
        open_pool: OpenPool,
        codec: Codec,
        *,
        version: str,
        rules: SessionRules | None = None,
        blobs: Blobs | None = None,
    ) -> None:
        self.epoch = time.time_ns()
        self._open_pool = open_pool
        self._codec = codec
        self._version = version
        self._rules = rules or SessionRules()
        self._sessions = Sessions(self._rules)
        self._clients: dict[str, _Client] = {}
        self._blobs = Blobs() if blobs is None else blobs
        self._requests: defaultdict[str, Bucket] = defaultdict(lambda: Bucket(self._rules.requests_per_s))
        self._bytes: defaultdict[str, Bucket] = defaultdict(lambda: Bucket(self._rules.bytes_per_s))
        self._threads = ThreadPoolExecutor(_THREADS, "gateway")
        self._uploads = asyncio.Semaphore(2)  # each holds its bytes twice
        self._draining = False
        self._used = time.monotonic()  # when the last of the clients that have left was heard of
        self._moved = asyncio.Event()  # a batch has ended, a result was seen, or a client has left

    def hello(self, id: str, hello: Hello) -> Welcome:
        """Let a client in: DOMAIN/ID. Raises Refusal."""
        if (hello.protocol, hello.code) != (PROTOCOL, self._version):
            raise Refusal(
                409,
                f"the gateway speaks protocol {PROTOCOL} and runs version {self._version} of this code, the client "
                f"protocol {hello.protocol} and version {hello.code}: use one release on both sides",
                version=[PROTOCOL, self._version],
            )
        self._check_open()
        session = self._sessions.open(id, time.monotonic())
        if session is None:
            raise Refusal(429, f"{self._rules.sessions} clients use the gateway already", again_s=_BUSY_S)
        if id not in self._clients:
            named: dict[str, Any] = {} if hello.pool is None else {"name": hello.pool}
            pool = self._open_pool(hello.slots, pool_size=hello.pool_size, priority=hello.priority, **named)
            self._clients[id] = _Client(id.partition("/")[0], hello, session, pool)
            log.info("client %s (%s) came", id, hello.label)
        client = self._clients[id]
        return Welcome(epoch=self.epoch, window=self._window(client), capacity=client.pool.slots)

    def goodbye(self, id: str) -> None:
        """Let a client go, and end all that it has under way. Nothing where it is not known."""
        self._sessions.close(id)
        client = self._clients.pop(id, None)
        if client is not None:
            log.info("client %s (%s) left", id, client.hello.label)
            self._used = max(self._used, client.session.heard)
            client.changed.set()
            self._moved.set()
            self._threads.submit(_close, client.pool)

    def admit(self, domain: str, size: int) -> None:
        """Count a request of so many bytes. Raises Refusal where its domain was too fast."""
        now = time.monotonic()
        requests, of_bytes = self._requests[domain], self._bytes[domain]
        if (wait_s := max(requests.wait_s(now), of_bytes.wait_s(now))) > 0:
            raise Refusal(429, "too many requests, or bytes", again_s=round(wait_s, 3) or 0.001)
        requests.draw(1, now)
        of_bytes.draw(size, now)

    def check_room(self, id: str, key: str) -> None:
        """Refuse a batch that there is no room for, before it is read. Raises Refusal."""
        if self._client(id).session.full(key):
            raise Refusal(429, "too many batches wait, or results", again_s=_BUSY_S)

    def post(self, id: str, key: str, body: bytes) -> None:
        """Begin a batch, once: said again, it brings the same result. Raises Refusal, CodecError."""
        client, content = self._client(id), hashlib.sha256(body).digest()
        match client.session.admission(key, content):
            case Admission.NEW:
                self._check_open()
                self._begin(client, key, content, self._codec.decode(body, Posted))
            case Admission.KNOWN:
                client.changed.set()  # it may wait again
            case Admission.FULL:
                raise Refusal(429, "too many batches wait, or results", again_s=_BUSY_S)
            case Admission.OTHER:
                raise Refusal(409, "this key is that of another batch", key="other")
            case Admission.GONE:
                raise Refusal(410, "this batch has ended, its result was seen, and is not stored any more", key="gone")

    def _begin(self, client: _Client, key: str, content: bytes, posted: Posted) -> None:
        check(posted)
        blob = f"{client.domain}/{posted.digest}"
        data = self._blobs.hold(blob)
        if data is None:
            raise Refusal(409, "the cases are not here", need=posted.digest)
        future = client.pool.submit(batch_of(posted, data, self._codec))
        client.session.begin(key, content)
        client.futures[key] = future
        loop = asyncio.get_running_loop()

        def ended(future: Future[BatchResult[Any]]) -> None:
            loop.call_soon_threadsafe(self._ended, client, key, blob, self._frame(future))

        future.add_done_callback(ended)

    def cancel(self, id: str, key: str) -> None:
        """End a batch, which will then be among the results. Raises Refusal."""
        if future := self._client(id).futures.get(key):
            future.cancel()

    async def results(self, id: str, seen: Sequence[str]) -> tuple[Ended, list[bytes]]:
        """What has ended and was not seen; waits a while for the first. Raises Refusal."""
        client = self._client(id)
        client.session.see(seen)
        self._moved.set()
        return await self._next(client, id, unsent=False)

    async def stream(self, id: str, seen: Sequence[str]) -> AsyncIterator[tuple[Ended, list[bytes]]]:
        """What has ended, as it does, each once; now and then nothing. Ends where another stream begins.

        It is no sign of the client's life: that are its other requests. Raises Refusal.
        """
        client = self._client(id)
        client.session.see(seen)
        client.streams += 1
        client.session.begin_stream()
        client.changed.set()
        mine = client.streams
        while True:
            ended, frames = await self._next(client, id, unsent=True)
            if client.streams != mine:
                return
            client.session.send(key for key, _ in ended.results)
            yield ended, frames

    def see(self, id: str, seen: Sequence[str]) -> None:
        """A client has these results, and is alive. Raises Refusal."""
        self._client(id).session.see(seen)
        self._moved.set()

    async def _next(self, client: _Client, id: str, *, unsent: bool) -> tuple[Ended, list[bytes]]:
        """What has ended and was not seen; waits a while for the first."""
        if not client.session.results(unsent=unsent):
            client.changed.clear()
            try:
                await asyncio.wait_for(client.changed.wait(), POLL_S)
            except TimeoutError:
                pass
            except asyncio.CancelledError:
                client.session.drop(time.monotonic())
                raise
            if id not in self._clients:
                raise _unknown()
        found = client.session.results(unsent=unsent)
        lengths = tuple((key, len(frame)) for key, frame in found)
        return Ended(window=self._window(client), capacity=client.pool.slots, results=lengths), [
            frame for _, frame in found
        ]

    async def describe(self, id: str) -> bytes | None:
        """A frame of Described or Failed; None where it is not known yet. Raises Refusal."""
        client = self._client(id)
        if client.description is None:
            loop = asyncio.get_running_loop()
            client.description = loop.run_in_executor(self._threads, self._description, client.pool)
        try:
            frame = await asyncio.wait_for(asyncio.shield(client.description), POLL_S)
        except TimeoutError:
            return None
        client.description = None
        return frame

    async def keep(self, domain: str, digest: str, compressed: bytes) -> None:
        """Keep cases that a client of a domain sends. Raises Refusal."""
        async with self._uploads:
            data = await asyncio.get_running_loop().run_in_executor(self._threads, unpacked, digest, compressed)
        try:
            self._blobs.add(f"{domain}/{digest}", data)
        except NoRoom:
            raise Refusal(429, "the cases of batches under way fill the memory", again_s=_BUSY_S) from None

    def keeps(self, domain: str, digest: str) -> bool:
        """Whether these cases of a domain are here."""
        return f"{domain}/{digest}" in self._blobs

    def pass_time(self) -> None:
        """Let those go who have been silent for too long. To be called every second or so."""
        for id in self._sessions.gone(time.monotonic()):
            log.warning("client %s was silent for too long", id)
            self.goodbye(id)

    async def drain(self, within_s: float) -> None:
        """Take nothing on any more, and wait for what is under way to end and be fetched."""
        self._draining = True
        with suppress(TimeoutError):
            async with asyncio.timeout(within_s):
                while any(one.running or one.waiting for _, one in self._sessions):
                    self._moved.clear()
                    await self._moved.wait()

    def close(self) -> None:
        """Let all clients go."""
        for id, _ in self._sessions:
            self.goodbye(id)
        self._threads.shutdown(wait=True)

    def idle_s(self) -> float:
        """How long no client has been heard of, of whatever domain; at most since the gateway started."""
        heard = max((client.session.heard for client in self._clients.values()), default=self._used)
        return max(time.monotonic() - max(heard, self._used), 0.0)

    def users(self) -> list[str]:
        """The clients in words: host, process, and what it runs."""
        return [f"{client.hello.label} ({client.hello.priority})" for client in self._clients.values()]

    def status(self, domain: str = DEFAULT) -> dict[str, Any]:
        """What goes on in a domain, for people and tests."""
        now = time.monotonic()
        return {
            "protocol": PROTOCOL,
            "code": self._version,
            "epoch": self.epoch,
            "draining": self._draining,
            "domain": domain,
            "cases": {"kept": len(self._blobs), "bytes": self._blobs.bytes},
            "clients": {
                id.removeprefix(f"{domain}/"): {
                    "label": client.hello.label,
                    "priority": client.hello.priority,
                    "pool_size": client.hello.pool_size,
                    "slots": client.pool.slots,
                    "running": len(client.session.running),
                    "results_waiting": client.session.waiting,
                    "silent_s": round(now - client.session.heard, 1),
                }
                for id, client in self._clients.items()
                if client.domain == domain
            },
        }

    def _client(self, id: str) -> _Client:
        client = self._clients.get(id)
        if client is None:
            raise _unknown()
        client.session.hear(time.monotonic())
        return client

    def _check_open(self) -> None:
        if self._draining:
            raise Refusal(503, "the gateway is about to be replaced", again_s=_BUSY_S)

    def _window(self, client: _Client) -> int:
        """Twice what can run: who waits for a result has the next batch here already."""
        return min(max(2 * client.pool.slots, client.pool.slots + 4), self._rules.batches)

    def _ended(self, client: _Client, key: str, blob: str, frame: bytes) -> None:
        self._blobs.release(blob)
        client.futures.pop(key, None)
        client.session.end(key, frame)
        self._moved.set()
        client.changed.set()

    def _frame(self, future: Future[BatchResult[Any]]) -> bytes:
        """How a batch has ended. Called in a thread of its pool."""
        try:
            done = Done(future.result())
        except CancelledError:
            return self._codec.encode(Failed(cancelled=True))
        except Exception as error:
            return self._codec.encode(Failed.of(error, self._codec))
        try:
            return self._codec.encode(done)
        except CodecError as error:
            return self._codec.encode(Failed(message=f"a result cannot travel: {error}"))

    def _description(self, pool: Pool) -> bytes:
        try:
            return self._codec.encode(Described(pool.info()))
        except Exception as error:
            return self._codec.encode(Failed.of(error, self._codec))


def _unknown() -> Refusal:
    return Refusal(404, "no such session: say hello", session="unknown")


def _close(pool: Pool) -> None:
    try:
        pool.close()
    except Exception:
        log.exception("a client's pool did not close")
