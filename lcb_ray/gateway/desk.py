"""What the gateway does: a pool for each client, its batches on that pool, and their ends back to the client.

For one event loop; knows no HTTP and no Ray. Each client is a driver of its own in the pool's rules, so that clients
share as drivers do, and what one leaves behind ends with its pool.
"""

from __future__ import annotations

import asyncio
import hashlib
import logging
import time
import zlib
from collections.abc import Sequence
from concurrent.futures import CancelledError, Future, ThreadPoolExecutor
from contextlib import suppress
from dataclasses import dataclass, field
from functools import partial
from typing import Any, Protocol

from lcb_ray.agent.protocol import WireError, program_fields, read_program
from lcb_ray.batch import Batch, BatchResult, Case, PackedCases
from lcb_ray.gateway.blobs import Blobs, NoRoom
from lcb_ray.gateway.codec import Codec, CodecError
from lcb_ray.gateway.protocol import (
    MAX_BLOB_BYTES,
    POLL_S,
    PROTOCOL,
    CaseList,
    Described,
    Done,
    Ended,
    Failed,
    Hello,
    Posted,
    Welcome,
)
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


class Refusal(Exception):
    """What the gateway does not do. The words are for a person.

    Attributes:
        status: Of HTTP.
        fields: What else to say.
        again_s: When to ask again; None where it will be no different then.
    """

    def __init__(self, status: int, words: str, *, again_s: float | None = None, **fields: Any) -> None:  # noqa: ANN401
        super().__init__(words)
        self.status = status
        self.fields = fields
        self.again_s = again_s


@dataclass(slots=True)
class _Client:
    hello: Hello
    session: Session
    pool: Pool
    changed: asyncio.Event = field(default_factory=asyncio.Event)
    futures: dict[str, Future[BatchResult[Any]]] = field(default_factory=dict)
    description: asyncio.Future[bytes] | None = None


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
        self._threads = ThreadPoolExecutor(_THREADS, "gateway")
        self._uploads = asyncio.Semaphore(2)  # each holds its bytes twice
        self._draining = False
        self._moved = asyncio.Event()  # a batch has ended, a result was seen, or a client has left

    def hello(self, id: str, hello: Hello) -> Welcome:
        """Let a client in. Raises Refusal."""
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
            raise Refusal(429, f"{len(self._sessions)} clients use the gateway already", again_s=_BUSY_S)
        if id not in self._clients:
            named: dict[str, Any] = {} if hello.pool is None else {"name": hello.pool}
            pool = self._open_pool(hello.slots, pool_size=hello.pool_size, priority=hello.priority, **named)
            self._clients[id] = _Client(hello, session, pool)
            log.info("client %s (%s) came", id, hello.label)
        client = self._clients[id]
        return Welcome(epoch=self.epoch, window=self._window(client), capacity=client.pool.slots)

    def goodbye(self, id: str) -> None:
        """Let a client go, and end all that it has under way. Nothing where it is not known."""
        self._sessions.close(id)
        client = self._clients.pop(id, None)
        if client is not None:
            log.info("client %s (%s) left", id, client.hello.label)
            client.changed.set()
            self._moved.set()
            self._threads.submit(_close, client.pool)

    def has(self, id: str, key: str) -> bool:
        """Whether a batch of this key is known, so that its request need not be read. Raises Refusal."""
        admission = self._client(id).session.admission(key)
        if admission is Admission.FULL:
            raise Refusal(429, "too many batches wait, or results", again_s=_BUSY_S)
        return admission is Admission.KNOWN

    def post(self, id: str, key: str, posted: Posted) -> None:
        """Begin a batch, once. Raises Refusal."""
        self._check_open()
        if self.has(id, key):
            return
        _check(posted)
        data = self._blobs.hold(posted.digest)
        if data is None:
            raise Refusal(409, "the cases are not here", need=posted.digest)
        client = self._client(id)
        future = client.pool.submit(self._batch(posted, data))
        client.session.begin(key)
        client.futures[key] = future
        loop = asyncio.get_running_loop()

        def ended(future: Future[BatchResult[Any]]) -> None:
            loop.call_soon_threadsafe(self._ended, client, key, posted.digest, self._frame(future))

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
        if not client.session.waiting:
            client.changed.clear()
            try:
                await asyncio.wait_for(client.changed.wait(), POLL_S)
            except TimeoutError:
                pass
            except asyncio.CancelledError:
                client.session.drop(time.monotonic())
                raise
            self._client(id)
        found = client.session.results()
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

    async def keep(self, digest: str, compressed: bytes) -> None:
        """Keep cases that a client sends. Raises Refusal."""
        async with self._uploads:
            data = await asyncio.get_running_loop().run_in_executor(self._threads, _unpacked, digest, compressed)
        try:
            self._blobs.add(digest, data)
        except NoRoom:
            raise Refusal(429, "the cases of batches under way fill the memory", again_s=_BUSY_S) from None

    def keeps(self, digest: str) -> bool:
        """Whether these cases are here."""
        return digest in self._blobs

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

    def status(self) -> dict[str, Any]:
        """What goes on, for people and tests."""
        now = time.monotonic()
        return {
            "protocol": PROTOCOL,
            "code": self._version,
            "epoch": self.epoch,
            "draining": self._draining,
            "cases": {"kept": len(self._blobs), "bytes": self._blobs.bytes},
            "clients": {
                id: {
                    "label": client.hello.label,
                    "priority": client.hello.priority,
                    "pool_size": client.hello.pool_size,
                    "slots": client.pool.slots,
                    "running": len(client.session.running),
                    "results_waiting": client.session.waiting,
                    "silent_s": round(now - client.session.heard, 1),
                }
                for id, client in self._clients.items()
            },
        }

    def _client(self, id: str) -> _Client:
        client = self._clients.get(id)
        if client is None:
            raise Refusal(404, "no such session: say hello", session="unknown")
        client.session.hear(time.monotonic())
        return client

    def _check_open(self) -> None:
        if self._draining:
            raise Refusal(503, "the gateway is about to be replaced", again_s=_BUSY_S)

    def _window(self, client: _Client) -> int:
        """Twice what can run: who waits for a result has the next batch here already."""
        return min(max(2 * client.pool.slots, client.pool.slots + 4), self._rules.batches)

    def _batch(self, posted: Posted, data: bytes) -> Batch[Any]:
        def cases() -> Sequence[Case]:
            if posted.unpack is None:
                return self._codec.decode(data, CaseList).cases
            unpacked: Sequence[Case] = posted.unpack(data)
            arranged: Sequence[Case] = unpacked if posted.arrange is None else posted.arrange(unpacked)
            return arranged

        packed = None
        if posted.unpack is not None:
            packed = PackedCases(
                key=posted.digest, read=partial(bytes, data), unpack=posted.unpack, arrange=posted.arrange
            )
        return Batch(
            program=posted.program,
            cases=cases,
            check=posted.check,
            limits=posted.limits,
            stop_at_failure=posted.stop_at_failure,
            key=posted.key,
            packed=packed,
        )

    def _ended(self, client: _Client, key: str, digest: str, frame: bytes) -> None:
        self._blobs.release(digest)
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


def _check(posted: Posted) -> None:
    try:
        read_program(program_fields(posted.program, posted.limits), posted.program.source)
    except WireError as error:
        raise Refusal(400, str(error)) from None


def _unpacked(digest: str, compressed: bytes) -> bytes:
    reader = zlib.decompressobj()
    try:
        data = reader.decompress(compressed, MAX_BLOB_BYTES)
    except zlib.error as error:
        raise Refusal(400, f"the cases cannot be decompressed: {error}") from None
    if reader.unconsumed_tail:
        raise Refusal(413, f"the cases have more than {MAX_BLOB_BYTES} bytes")
    if not reader.eof or hashlib.sha256(data).hexdigest() != digest:
        raise Refusal(400, "the cases are not those of this digest")
    return data


def _close(pool: Pool) -> None:
    try:
        pool.close()
    except Exception:
        log.exception("a client's pool did not close")
