"""Many connections over one stream of bytes, for a sandbox that no socket of its client reaches. Both ends use this.

A frame is a connection's number, a length and so many bytes; no bytes at all are the end of the connection. Number 0 is
the control connection: from the client the numbers of connections to be opened, from the agent its first words. What
waits is bounded: who takes too little from one connection holds up the stream, as a full pipe would.
"""

from __future__ import annotations

import os
import select
import socket
import struct
from collections.abc import Callable
from dataclasses import dataclass, field

HEAD = struct.Struct("!II")
CONTROL = 0
_FRAME_BYTES = 64 * 1024
_WAITING_BYTES = 32 * 1024 * 1024


class MuxError(Exception):
    """The other end broke the rules."""


@dataclass(slots=True)
class _Connection:
    sock: socket.socket
    waiting: bytearray = field(default_factory=bytearray)
    ended: bool = False  # by the other end: to be closed once what waits is delivered


class Mux:
    """One end of the stream; lives in one thread.

    Args:
        source: Descriptor to read the stream from.
        sink: Descriptor to write it to; may be the same.
        control: Takes what arrives on the control connection.
        unwrap: Takes what was read from `source`, gives the stream's bytes in it.
    """

    def __init__(
        self,
        source: int,
        sink: int,
        *,
        control: Callable[[bytes], None],
        unwrap: Callable[[bytes], bytes] = bytes,
    ) -> None:
        self._source, self._sink = source, sink
        self._control = control
        self._unwrap = unwrap
        self._in = bytearray()
        self._out = bytearray()
        self._connections: dict[int, _Connection] = {}
        self._watched: dict[int, Callable[[], None]] = {}
        self._stopped = False
        for descriptor in (source, sink):
            os.set_blocking(descriptor, False)

    def attach(self, number: int, sock: socket.socket) -> None:
        """Carry a connection from here on; the socket is owned."""
        sock.setblocking(False)
        self._connections[number] = _Connection(sock)

    def send(self, number: int, data: bytes) -> None:
        """Queue a frame."""
        self._out += HEAD.pack(number, len(data)) + data

    def watch(self, descriptor: int, ready: Callable[[], None]) -> None:
        """Call `ready` whenever this can be read."""
        self._watched[descriptor] = ready

    def stop(self, *, flush: bool) -> None:
        """Make `run` return: at once, or when what is queued for the stream is written."""
        self._stopped = True
        if not flush:
            self._out.clear()

    def run(self) -> None:
        """Carry until the stream ends, either way, or `stop`. Raises MuxError."""
        try:
            while not self._stopped or self._out:
                events = self._wait()
                for descriptor, ready in self._watched.items():
                    if descriptor in events:
                        ready()
                self._serve(events)
                if events.get(self._sink, 0) & ~select.POLLIN and not self._write():
                    return
                if events.get(self._source, 0) & ~select.POLLOUT and not self._read():
                    return
        finally:
            for connection in self._connections.values():
                connection.sock.close()
            self._connections.clear()

    def _wait(self) -> dict[int, int]:
        wanted = dict.fromkeys(self._watched, select.POLLIN)
        room = len(self._out) < _WAITING_BYTES
        for connection in self._connections.values():
            reading = select.POLLIN if room and not connection.ended else 0
            if flags := reading | (select.POLLOUT if connection.waiting else 0):
                wanted[connection.sock.fileno()] = flags
        if all(len(connection.waiting) < _WAITING_BYTES for connection in self._connections.values()):
            wanted[self._source] = select.POLLIN
        if self._out:
            wanted[self._sink] = wanted.get(self._sink, 0) | select.POLLOUT
        poll = select.poll()
        for descriptor, flags in wanted.items():
            poll.register(descriptor, flags)
        return dict(poll.poll())

    def _serve(self, events: dict[int, int]) -> None:
        """Move what the connections have and take; forget those that have ended."""
        for number, connection in list(self._connections.items()):
            flags = events.get(connection.sock.fileno(), 0)
            try:
                if connection.waiting and flags & ~select.POLLIN:
                    del connection.waiting[: connection.sock.send(connection.waiting)]
                if flags & ~select.POLLOUT and not connection.ended:
                    data = connection.sock.recv(_FRAME_BYTES)
                    self.send(number, data)
                    connection.ended = not data
                    if not data:
                        connection.waiting.clear()  # nobody reads there any more
            except BlockingIOError:
                continue
            except OSError:
                self.send(number, b"")
                connection.ended, connection.waiting = True, bytearray()
            if connection.ended and not connection.waiting:
                self._connections.pop(number).sock.close()

    def _write(self) -> bool:
        try:
            del self._out[: os.write(self._sink, self._out[:_FRAME_BYTES])]
        except BlockingIOError:
            return True
        except OSError:
            return False
        return True

    def _read(self) -> bool:
        try:
            data = os.read(self._source, _FRAME_BYTES)
        except BlockingIOError:
            return True
        except OSError:
            return False
        self._in += self._unwrap(data)
        while len(self._in) >= HEAD.size:
            number, length = HEAD.unpack_from(self._in)
            if length > _FRAME_BYTES:
                raise MuxError(f"a frame of {length} bytes")
            if len(self._in) < HEAD.size + length:
                break
            frame = bytes(self._in[HEAD.size : HEAD.size + length])
            del self._in[: HEAD.size + length]
            self._deliver(number, frame)
        return bool(data)

    def _deliver(self, number: int, frame: bytes) -> None:
        if number == CONTROL:
            self._control(frame)
        elif connection := self._connections.get(number):  # one that has ended here may still be spoken to
            if frame:
                connection.waiting += frame
            else:
                connection.ended = True
                if not connection.waiting:
                    self._connections.pop(number).sock.close()
