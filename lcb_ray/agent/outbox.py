"""Frames on their way to the client, sent as the socket takes them, bodies straight from memory files.

The warden never waits for the client to read: it would stop watching its test process. Nor does it copy output into its
own memory, which the next test process inherits.
"""

from __future__ import annotations

import os
import socket
from collections import deque

from .protocol import Frame, pack_head


class Outbox:
    """What is still to be sent on a non-blocking socket."""

    def __init__(self, sock: socket.socket) -> None:
        self._socket = sock
        self._parts: deque[tuple[bytes, int, int, int]] = deque()  # bytes, or (b"", descriptor, from, to)
        self.pending = 0

    def put(self, kind: Frame, fields: dict[str, object], bodies: list[tuple[int, int, int]] | None = None) -> None:
        """Queue a frame; its body is made of (descriptor, from, to) ranges, whose descriptors are closed once sent."""
        ranges = bodies or []
        head = pack_head(kind, fields, sum(end - start for _, start, end in ranges))
        self._parts.append((head, -1, 0, len(head)))
        self._parts.extend((b"", descriptor, start, end) for descriptor, start, end in ranges)
        self.pending += len(head) + sum(end - start for _, start, end in ranges)

    def flush(self) -> None:
        """Send what the socket takes now. Raises OSError once the client is gone."""
        while self._parts:
            data, descriptor, start, end = self._parts[0]
            try:
                if descriptor < 0:
                    sent = self._socket.send(data[start:end])
                elif start < end:
                    sent = os.sendfile(self._socket.fileno(), descriptor, start, end - start)
                else:
                    sent = 0
            except BlockingIOError:
                return
            self.pending -= sent
            if start + sent < end:
                self._parts[0] = (data, descriptor, start + sent, end)
                continue
            self._parts.popleft()
            if descriptor >= 0:
                os.close(descriptor)

    def close(self) -> None:
        """Drop what was not sent; the socket stays the caller's."""
        for _, descriptor, _, _ in self._parts:
            if descriptor >= 0:
                os.close(descriptor)
        self._parts.clear()
