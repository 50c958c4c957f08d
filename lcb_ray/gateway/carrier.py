"""The thread of a gateway's client: it carries batches there and results back, in an event loop that nobody else sees.

What is submitted waits here until the gateway has room for it; where the connection breaks or the gateway is started
anew, what has no result yet is said again under the same key, and each future gets one result.
"""

from __future__ import annotations

import asyncio
import hashlib
import itertools
import json
import logging
import threading
import uuid
import zlib
from collections import deque
from collections.abc import Callable, Coroutine
from concurrent.futures import CancelledError, Future
from contextlib import aclosing, suppress
from dataclasses import replace
from typing import Any, TypeVar

from lcb_ray.batch import Batch, BatchResult, Checked
from lcb_ray.errors import PoolClosed, SandboxError, SandboxLost, SandboxUnusable
from lcb_ray.gateway.channel import Channel, UnknownSession
from lcb_ray.gateway.codec import Codec, CodecError
from lcb_ray.gateway.protocol import (
    MAX_BLOB_BYTES,
    CaseList,
    Done,
    Failed,
    Hello,
    Posted,
    read_ended,
)
from lcb_ray.gateway.replies import info_of, news_of, welcome_of
from lcb_ray.gateway.ticket import GatewayFuture, Ticket
from lcb_ray.pool import SandboxInfo

C = TypeVar("C", bound=Checked)
T = TypeVar("T")

_MOST_LOSSES = 10  # of gateways with the same batch, before it is given up
_MOST_DIGESTS = 4096  # problems whose tests are recognised without reading them
_GOODBYE_S, _SIGN_S = 5.0, 5.0  # for a last word; and how often a gateway hears of this client
_MOST_UNSAID, _MOST_UNSAID_BYTES = 64, 8 * 1024**2  # of results, before it hears so sooner
_AGAIN_S, _LATEST_AGAIN_S = 0.2, 5.0  # before something is tried again

log = logging.getLogger(__name__)


class Carrier:
    """See above. Starts with the object; all but `submit`, `call` and `close` is for its own thread.

    Args:
        channel: To the gateway.
        codec: Knows all that travels, messages included.
        hello: What to say first.

    Attributes:
        capacity: Slots of the pool; 0 until that is known.
    """

    def __init__(self, channel: Channel, codec: Codec, hello: Hello) -> None:
        self._channel = channel
        self._codec = codec
        self._hello = hello
        self._session = _new_session()
        self._numbers = itertools.count(1)
        self._digests: dict[Any, str] = {}
        self._waiting: deque[Ticket] = deque()
        self._tickets: dict[str, Ticket] = {}  # under way
        self._tasks: set[asyncio.Task[Any]] = set()
        self._window = 1
        self._joins = 0  # how often the gateway was told of this client
        self._joined = False
        self._ending = False
        self._seen: list[str] = []
        self._unsaid_bytes = 0
        self._many_seen = asyncio.Event()
        self._poller: asyncio.Task[None] | None = None
        self._alive: asyncio.Task[None] | None = None
        self.capacity = 0
        self._loop = asyncio.new_event_loop()
        self._joining = asyncio.Lock()
        self._thread = threading.Thread(target=self._run, name="gateway-client", daemon=True)
        self._thread.start()

    # Called from any thread

    def submit(self, batch: Batch[C]) -> Future[BatchResult[C]]:
        """Queue a batch."""
        future: GatewayFuture[C] = GatewayFuture(self._stop)
        ticket = Ticket(f"{next(self._numbers)}", batch, future)
        self._soon(self._take, ticket)
        return future

    def call(self, work: Coroutine[Any, Any, T]) -> T:
        """What a coroutine returns."""
        future = asyncio.run_coroutine_threadsafe(work, self._loop)
        try:
            return future.result()
        except CancelledError:
            raise PoolClosed("the pool was closed meanwhile") from None

    def close(self) -> None:
        """End everything; returns when the thread has."""
        self._soon(self._loop.stop)
        self._thread.join()

    def _stop(self, future: GatewayFuture[Any]) -> None:
        with suppress(PoolClosed):  # which ends it, too
            self._soon(self._cancel, future)

    def _soon(self, act: Callable[..., object], *arguments: object) -> None:
        try:
            self._loop.call_soon_threadsafe(act, *arguments)
        except RuntimeError as error:  # the loop is closed
            raise PoolClosed("the pool is closed") from error

    # In the loop

    def _run(self) -> None:
        try:
            self._loop.run_forever()
            self._loop.run_until_complete(self._end())
            self._loop.run_until_complete(self._loop.shutdown_default_executor())
        finally:
            self._loop.close()

    async def _end(self) -> None:
        self._ending = True
        tasks = asyncio.all_tasks() - {asyncio.current_task()}
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
        if self._joined:
            await self._channel.goodbye(self._session, _GOODBYE_S)
        while self._waiting:
            future = self._waiting.popleft().future
            future.cancel()
            future.set_running_or_notify_cancel()
        await self._channel.__aexit__(None, None, None)

    def _spawn(self, work: Coroutine[Any, Any, T]) -> asyncio.Task[T]:
        task = self._loop.create_task(work)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)
        return task

    def _take(self, ticket: Ticket) -> None:
        self._waiting.append(ticket)
        if not self._ending:
            self._pump()

    def _pump(self) -> None:
        """Begin with as many as the gateway has room for."""
        while self._waiting and len(self._tickets) < self._window and not self._ending:
            ticket = self._waiting.popleft()
            if ticket.future.set_running_or_notify_cancel():
                self._tickets[ticket.key] = ticket
                self._spawn(self._carry(ticket))

    def _cancel(self, future: GatewayFuture[Any]) -> None:
        for ticket in self._tickets.values():
            if ticket.future is future and not ticket.stopping:
                ticket.stopping = True
                if ticket.posted:
                    self._spawn(self._tell_to_stop(ticket))

    async def _tell_to_stop(self, ticket: Ticket) -> None:
        try:
            await self._channel.ask("DELETE", f"{self._session}/batches/{ticket.key}")
        except UnknownSession:
            ticket.tell(Failed(cancelled=True))
        except SandboxError as error:
            ticket.fail(error)

    async def _carry(self, ticket: Ticket) -> None:
        """A batch from here to its result."""
        try:
            result = await self._ended(ticket)
        except (CancelledError, asyncio.CancelledError):
            ticket.future.set_exception(CancelledError())
        except BaseException as error:
            ticket.future.set_exception(error)
        else:
            ticket.future.set_result(result)
        finally:
            del self._tickets[ticket.key]
            self._pump()

    async def _ended(self, ticket: Ticket) -> BatchResult[Any]:
        posted, read = await self._packed(ticket.batch)
        body = self._codec.encode(posted)
        while True:
            ticket.news = self._loop.create_future()
            if not ticket.stopping:
                await self._post(ticket, posted.digest, body, read)
            if ticket.stopping:
                if not ticket.posted:
                    raise CancelledError
                self._spawn(self._tell_to_stop(ticket))
            news = await ticket.news
            if ticket.stopping:
                raise CancelledError
            if isinstance(news, Done):
                return replace(news.result, attempts=news.result.attempts + ticket.losses)
            if isinstance(news, Failed) and not news.cancelled and news.error != _CLOSED:
                raise _again(news, ticket.losses).exception(self._codec)
            ticket.posted = False
            ticket.losses += 1
            if ticket.losses > _MOST_LOSSES:
                raise SandboxLost(f"the gateway was lost {ticket.losses} times with this batch")
            await asyncio.sleep(min(_AGAIN_S * 2**ticket.losses, _LATEST_AGAIN_S))

    async def _packed(self, batch: Batch[Any]) -> tuple[Posted, Callable[[], bytes]]:
        """What to post, and how to read the cases, should the gateway not have them."""
        packed = batch.packed
        read: Callable[[], bytes]
        if packed is None:
            frame = self._codec.encode(CaseList(tuple(await asyncio.to_thread(batch.cases))))
            digest, read = hashlib.sha256(frame).hexdigest(), lambda: frame
        else:
            digest, read = await self._digest(packed.key, packed.read), packed.read
        return Posted(
            program=batch.program,
            check=batch.check,
            limits=batch.limits,
            stop_at_failure=batch.stop_at_failure,
            key=batch.key,
            digest=digest,
            unpack=None if packed is None else packed.unpack,
            arrange=None if packed is None else packed.arrange,
        ), read

    async def _digest(self, key: Any, read: Callable[[], bytes]) -> str:  # noqa: ANN401 - hashable
        if key not in self._digests:
            while len(self._digests) >= _MOST_DIGESTS:
                del self._digests[next(iter(self._digests))]
            self._digests[key] = await asyncio.to_thread(lambda: hashlib.sha256(read()).hexdigest())
        return self._digests[key]

    async def _post(self, ticket: Ticket, digest: str, body: bytes, read: Callable[[], bytes]) -> None:
        """See that the gateway has the batch, and its cases."""
        while True:
            join = await self._join()
            try:
                answer = await self._channel.ask("PUT", f"{self._session}/batches/{ticket.key}", body)
            except UnknownSession:
                self._lose(join)
                continue
            if answer.status != 409:
                ticket.posted = True
                return
            await self._send_cases(digest, read)

    async def _send_cases(self, digest: str, read: Callable[[], bytes]) -> None:
        def compressed() -> bytes:
            data = read()
            if len(data) > MAX_BLOB_BYTES:
                raise SandboxUnusable(
                    f"the cases have {len(data)} bytes, more than the {MAX_BLOB_BYTES} that can be sent"
                )
            return zlib.compress(data, 1)

        await self._channel.ask("PUT", f"/blobs/{digest}", await asyncio.to_thread(compressed))

    async def _join(self) -> int:
        """See that the gateway knows this client; returns how often it had to be told. Raises SandboxError."""
        async with self._joining:
            if not self._joined:
                welcome = welcome_of(await self._channel.ask("PUT", self._session, self._hello.text()))
                self._joined = True
                self._joins += 1
                self._make_room(welcome.window, welcome.capacity)
                if self._poller is None or self._poller.done():
                    self._poller = self._spawn(self._poll())
                if self._alive is None:
                    self._alive = self._spawn(self._live())
            return self._joins

    def _lose(self, join: int) -> None:
        """The gateway knows nothing of this client any more: all that it had is to be said again.

        Args:
            join: What `_join` said before the request that found out: others may have found out before.
        """
        if join != self._joins or not self._joined:
            return
        log.warning("the gateway was started anew, or has not heard of this client for too long")
        self._joined = False
        for ticket in self._tickets.values():
            if ticket.posted:
                ticket.tell(None)

    def _make_room(self, window: int, capacity: int) -> None:
        self._window, self.capacity = window, capacity
        self._pump()

    async def _poll(self) -> None:
        """Hear of results, as long as there is a session."""
        join = 0
        while True:
            try:
                join = await self._join()
                async with aclosing(self._channel.listen(f"{self._session}/stream", self._said_seen())) as answers:
                    async for body in answers:
                        self._hear(body)
                await asyncio.sleep(_AGAIN_S)
            except UnknownSession:
                self._lose(join)
            except SandboxError as error:
                self._joined = False
                self._session = _new_session()  # what the old one still runs is of no use to anybody
                for ticket in self._tickets.values():
                    ticket.fail(error)
                return
            except (CodecError, ValueError) as error:
                log.warning("the gateway's answer cannot be read: %s", error)
                await asyncio.sleep(_AGAIN_S)

    async def _live(self) -> None:
        """Say now and then which results are here: the gateway can let go of them, and knows that this client lives."""
        while True:
            with suppress(TimeoutError):
                await asyncio.wait_for(self._many_seen.wait(), _SIGN_S)
            self._many_seen.clear()
            if self._joined:
                with suppress(UnknownSession, SandboxError):  # the other task finds out
                    await self._channel.ask("POST", f"{self._session}/seen", self._said_seen())

    def _said_seen(self) -> bytes:
        self._unsaid_bytes = 0
        seen, self._seen = self._seen, []  # what does not get there stays until the session ends
        return json.dumps({"seen": seen}).encode()

    def _hear(self, body: bytes) -> None:
        ended, frames = read_ended(body)
        self._seen += frames
        self._unsaid_bytes += sum(map(len, frames.values()))
        if len(self._seen) >= _MOST_UNSAID or self._unsaid_bytes >= _MOST_UNSAID_BYTES:
            self._many_seen.set()
        for key, frame in frames.items():
            if ticket := self._tickets.get(key):
                try:
                    ticket.tell(news_of(self._codec, frame))
                except CodecError as error:
                    ticket.fail(SandboxLost(f"the gateway's result cannot be read: {error}"))
        self._make_room(ended.window, ended.capacity)

    async def describe(self) -> SandboxInfo:
        """What the sandboxes are. Raises SandboxError."""
        while True:
            join = await self._join()
            try:
                answer = await self._channel.ask("GET", f"{self._session}/info")
            except UnknownSession:
                self._lose(join)
                continue
            if answer.status == 200:
                return info_of(self._codec, answer.body)


def _new_session() -> str:
    return f"/sessions/{uuid.uuid4().hex}"


def _again(failed: Failed, losses: int) -> Failed:
    return replace(failed, attempts=failed.attempts + losses)


_CLOSED = "lcb_ray.errors.PoolClosed"  # the gateway let go of this client, or is about to end
