"""The client's end of an agent on standard input and output: what a control socket is where no socket gets through."""

from __future__ import annotations

import contextlib
import os
import queue
import socket
import threading
from collections import deque
from typing import Protocol

from lcb_ray.agent.mux import CONTROL, Mux, MuxError
from lcb_ray.control import START_S, read_hello
from lcb_ray.errors import SandboxLost


class Stream(Protocol):
    """Both directions of an agent's standard streams.

    Attributes:
        source: Descriptor to read from.
        sink: Descriptor to write to.
    """

    source: int
    sink: int

    def unwrap(self, data: bytes) -> bytes:
        """What of the bytes read from `source` is of the agent's standard output."""
        ...

    def close(self) -> None:
        """Close both; the agent ends."""
        ...


class StdioControl:
    """Has the interface of a ControlSocket. A thread of its own carries the connections.

    Args:
        stream: To an agent that was started with --stdio; owned.
    """

    def __init__(self, stream: Stream) -> None:
        self._stream = stream
        self._words: queue.SimpleQueue[bytes] = queue.SimpleQueue()
        self._mux = Mux(stream.source, stream.sink, control=self._words.put, unwrap=stream.unwrap)
        self._wake, self._waker = os.pipe()
        self._mux.watch(self._wake, self._do)
        self._jobs: deque[socket.socket | None] = deque()  # connections to carry; None: end
        self._number = CONTROL
        self._lock = threading.Lock()
        self._ended = self._closed = False
        self._thread = threading.Thread(target=self._carry, name="stdio", daemon=True)
        self._thread.start()

    def hello(self) -> dict[str, object]:
        """Wait for what the agent says of itself; see ControlSocket.hello."""
        try:
            words = self._words.get(timeout=START_S)
        except queue.Empty:
            raise SandboxLost(f"the agent did not start within {START_S:.0f} s") from None
        return read_hello(words)

    def alive(self) -> bool:
        """Whether the stream is open."""
        return not self._ended

    def connect(self) -> socket.socket:
        """A new connection to the agent. Raises SandboxLost where it is gone."""
        ours, theirs = socket.socketpair()
        if not self._ask(theirs):
            ours.close()
            theirs.close()
            raise SandboxLost("the agent is gone: its standard streams are closed")
        return ours

    def close(self) -> None:
        """End the agent."""
        self._ask(None)
        self._thread.join()
        with self._lock:
            if self._closed:
                return
            self._closed = True
        self._stream.close()
        for descriptor in (self._wake, self._waker):
            os.close(descriptor)

    def abandon(self) -> None:
        """In a forked child, where the thread is not: close the copies."""
        self._ended = self._closed = True
        self._stream.close()

    def _ask(self, job: socket.socket | None) -> bool:
        """Have the thread do something: carry this connection, or end."""
        with self._lock:
            if self._ended:
                return False
            self._jobs.append(job)
            os.write(self._waker, b"x")
            return True

    def _do(self) -> None:
        os.read(self._wake, 1)
        job = self._jobs.popleft()
        if job is None:
            self._mux.stop(flush=False)
            return
        self._number += 1
        self._mux.send(CONTROL, self._number.to_bytes(4, "big"))
        self._mux.attach(self._number, job)

    def _carry(self) -> None:
        with contextlib.suppress(MuxError):  # an agent that lies has ended
            self._mux.run()
        with self._lock:
            self._ended = True
            for job in self._jobs:
                if job is not None:
                    job.close()
        self._words.put(b"")
