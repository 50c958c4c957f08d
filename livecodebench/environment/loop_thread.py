"""An event loop in a thread of its own, for callers that have none: also where another loop runs, as in a notebook.

It is one loop for all calls of a process: a client keeps connections, and they belong to the loop that opened them.
"""

from __future__ import annotations

import asyncio
import atexit
import os
import threading
from collections.abc import Coroutine
from typing import Any, TypeVar

T = TypeVar("T")


class LoopThread:
    """Runs coroutines for other threads. The thread starts with the first one."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._loop: asyncio.AbstractEventLoop | None = None
        self._thread: threading.Thread | None = None

    def run(self, coroutine: Coroutine[Any, Any, T]) -> T:
        """Run a coroutine to its end. Ctrl-C cancels it and waits until it has ended."""
        loop = self._running()
        if threading.current_thread() is self._thread:
            coroutine.close()
            raise RuntimeError("this would wait for itself: await evaluate_async(...) instead")
        ended = threading.Event()
        tasks: list[asyncio.Task[T]] = []

        def start() -> None:
            tasks.append(loop.create_task(coroutine))
            tasks[0].add_done_callback(lambda _: ended.set())

        def stop() -> None:
            if tasks:
                tasks[0].cancel()
            else:  # the interruption came before the start
                coroutine.close()
                ended.set()

        try:
            loop.call_soon_threadsafe(start)
            ended.wait()
        except BaseException:
            loop.call_soon_threadsafe(stop)
            ended.wait()
            raise
        return tasks[0].result()

    def close(self) -> None:
        """End the thread. May be called twice."""
        with self._lock:
            loop, thread, self._loop, self._thread = self._loop, self._thread, None, None
        if loop is not None and thread is not None:
            loop.call_soon_threadsafe(loop.stop)
            thread.join()
            loop.close()

    def forget(self) -> None:
        """In a forked child: the thread is the parent's."""
        self.__init__()  # type: ignore[misc]

    def _running(self) -> asyncio.AbstractEventLoop:
        with self._lock:
            if self._loop is None:
                self._loop = asyncio.new_event_loop()
                self._thread = threading.Thread(target=self._loop.run_forever, name="livecodebench-loop", daemon=True)
                self._thread.start()
            return self._loop


LOOP = LoopThread()
"""The loop of this process."""

atexit.register(LOOP.close)
os.register_at_fork(after_in_child=LOOP.forget)
