"""Frames from the client, taken in as they arrive. Bodies go into memory files, never onto the heap.

A test process inherits the warden's memory by fork, so another test's input must not lie in it: the receive buffer is
a mapping that the kernel leaves out of forks, and a body is moved on from there into a file that no test process has
open.
"""

from __future__ import annotations

import fcntl
import mmap
import os
import socket
from dataclasses import dataclass

from .protocol import HEAD, Frame, WireError, unpack_fields, unpack_head

_BUFFER_BYTES = 256 * 1024
_SEALS = fcntl.F_SEAL_SEAL | fcntl.F_SEAL_SHRINK | fcntl.F_SEAL_GROW | fcntl.F_SEAL_WRITE


@dataclass(frozen=True, slots=True)
class Message:
    """One received frame.

    Attributes:
        kind: Its type.
        fields: Its JSON.
        body: Descriptor of a sealed memory file at offset 0; the receiver's to close.
        size: Bytes of the body.
    """

    kind: Frame
    fields: dict[str, object]
    body: int
    size: int


class Inbox:
    """Reads frames from a non-blocking socket."""

    def __init__(self, sock: socket.socket) -> None:
        self._socket = sock
        self._buffer = mmap.mmap(-1, _BUFFER_BYTES)
        self._buffer.madvise(mmap.MADV_DONTFORK)
        self._view = memoryview(self._buffer)
        self._at = self._end = 0  # what has arrived and was not taken yet lies between
        self._head = bytearray()
        self._kind: Frame | None = None
        self._text_bytes = self._body_bytes = self._body_left = 0
        self._text = bytearray()
        self._body = -1

    def read(self) -> Message | None:
        """The next whole frame, or None where the socket has no more for now.

        Raises EOFError once the client has closed, WireError for what the protocol does not allow.
        """
        while True:
            if self._kind is None:
                if not self._fill(self._head, HEAD.size):
                    return None
                self._kind, self._text_bytes, self._body_bytes = unpack_head(bytes(self._head))
                self._body_left = self._body_bytes
                self._body = os.memfd_create("in", os.MFD_CLOEXEC | os.MFD_ALLOW_SEALING)
            if not self._fill(self._text, self._text_bytes) or not self._fill_body():
                return None
            return self._complete()

    def close(self) -> None:
        """Drop what has arrived; the socket stays the caller's."""
        if self._body >= 0:
            os.close(self._body)
            self._body = -1
        self._view.release()
        self._buffer.close()

    def _take(self, most: int) -> memoryview | None:
        """Bytes that have arrived, at least one; None where there are none yet."""
        if self._at == self._end:
            try:
                self._end = self._socket.recv_into(self._view)
            except BlockingIOError:
                return None
            self._at = 0
            if self._end == 0:
                raise EOFError
        start, self._at = self._at, min(self._end, self._at + most)
        return self._view[start : self._at]

    def _fill(self, target: bytearray, size: int) -> bool:
        while len(target) < size:
            part = self._take(size - len(target))
            if part is None:
                return False
            target += part
        return True

    def _fill_body(self) -> bool:
        while self._body_left:
            part = self._take(self._body_left)
            if part is None:
                return False
            self._body_left -= len(part)
            done = 0
            while done < len(part):
                done += os.write(self._body, part[done:])
        return True

    def _complete(self) -> Message:
        if self._kind is None:
            raise WireError("no frame to complete")
        os.lseek(self._body, 0, os.SEEK_SET)
        fcntl.fcntl(self._body, fcntl.F_ADD_SEALS, _SEALS)
        message = Message(self._kind, unpack_fields(bytes(self._text)), self._body, self._body_bytes)
        self._kind, self._body = None, -1
        self._head.clear()
        self._text.clear()
        return message
