"""A web application in a thread with an event loop of its own, so that any caller, sync or async, can start it."""

from __future__ import annotations

import asyncio
import threading
from types import TracebackType
from typing import Self

from aiohttp import web

from livecodebench.errors import InputError


class ServerThread:
    """Serves an application while its `with` block, or `async with` block, runs.

    Args:
        app: What to serve.
        host: The address to listen on; the default is reached from this machine only.
        port: 0 takes a free one.
    """

    def __init__(self, app: web.Application, *, host: str = "127.0.0.1", port: int = 0) -> None:
        self._app = app
        self._host = host
        self._port = port
        self._loop: asyncio.AbstractEventLoop | None = None
        self._stop: asyncio.Event | None = None
        self._thread: threading.Thread | None = None
        self._ready = threading.Event()
        self._failure: BaseException | None = None

    @property
    def root_url(self) -> str:
        """Where it is: "http://127.0.0.1:PORT"."""
        host = f"[{self._host}]" if ":" in self._host else self._host
        return f"http://{host}:{self._port}"

    def start(self) -> None:
        """Listen. Raises InputError where the address cannot be had."""
        self._thread = threading.Thread(target=self._run, name="livecodebench-replay", daemon=True)
        self._thread.start()
        self._ready.wait()
        if self._failure is not None:
            self._thread.join()
            if not isinstance(self._failure, (OSError, OverflowError)):
                raise self._failure
            where = f"{self._host}:{self._port}"
            raise InputError(f"cannot listen on {where}: {self._failure}; give another --host or --port")

    def close(self) -> None:
        """Stop listening and end every connection. May be called twice."""
        if self._loop is not None and self._stop is not None and not self._loop.is_closed():
            self._loop.call_soon_threadsafe(self._stop.set)
        if self._thread is not None:
            self._thread.join()

    def _run(self) -> None:
        asyncio.run(self._serve())

    async def _serve(self) -> None:
        self._loop = asyncio.get_running_loop()
        self._stop = asyncio.Event()
        # A handler is cancelled when its client goes away, so that what it held is given back.
        runner = web.AppRunner(self._app, handler_cancellation=True, access_log=None, shutdown_timeout=0.1)
        try:
            await runner.setup()
            await web.TCPSite(runner, self._host, self._port).start()
            self._port = runner.addresses[0][1]
        except BaseException as error:  # raised by start(), in the thread that waits for it
            self._failure = error
        self._ready.set()
        if self._failure is None:
            await self._stop.wait()
        await runner.cleanup()

    def __enter__(self) -> Self:
        self.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    async def __aenter__(self) -> Self:
        await asyncio.to_thread(self.start)
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await asyncio.to_thread(self.close)
