"""The client's end of an agent's control socket: how its start went, connections to it, and whether it still lives.

Each connection is one end of a fresh socket pair, sent over the control socket, so it has no name on any file system.
The agent ends when the control socket closes, and this process cannot end without closing it.
"""

from __future__ import annotations

import json
import select
import socket

from lcb_ray.errors import ProtocolError, SandboxLost, SandboxUnusable

START_S = 60.0  # an agent takes 0.3 s to start; a busy machine may take much longer
_ANSWER_BYTES = 65536


class ControlSocket:
    """A control socket, owned from here on.

    Args:
        sock: SOCK_SEQPACKET, connected to an agent.
    """

    def __init__(self, sock: socket.socket) -> None:
        sock.settimeout(START_S)
        self._socket = sock

    def hello(self) -> dict[str, object]:
        """Wait for what the agent says of itself once it serves.

        Raises:
            EOFError: It ended without a word here.
            SandboxUnusable: It refuses to start.
            SandboxLost: It hangs, or talks nonsense.
        """
        try:
            answer = self._socket.recv(_ANSWER_BYTES)
        except TimeoutError:
            raise SandboxLost(f"the agent did not start within {START_S:.0f} s") from None
        except OSError as error:
            raise SandboxLost(f"the agent ended while starting: {error}") from error
        return read_hello(answer)

    def alive(self) -> bool:
        """Whether the agent's end is open. After its first words it says nothing here: what arrives is its end."""
        if self._socket.fileno() < 0:
            return False
        poll = select.poll()
        poll.register(self._socket, select.POLLIN)
        return not poll.poll(0)

    def connect(self) -> socket.socket:
        """A new connection to the agent. Raises SandboxLost where it is gone."""
        ours, theirs = socket.socketpair()
        try:
            socket.send_fds(self._socket, [b"c"], [theirs.fileno()])
        except OSError as error:
            ours.close()
            raise SandboxLost(f"the agent is gone: {error}") from error
        finally:
            theirs.close()
        return ours

    def close(self) -> None:
        """End the agent."""
        self._socket.close()

    abandon = close  # in a forked child: its copy


def read_hello(answer: bytes) -> dict[str, object]:
    """What the agent's first words say; none at all are its end. Raises as ControlSocket.hello does."""
    if not answer:
        raise EOFError
    try:
        words = json.loads(answer)
        if "refused" in words:
            raise SandboxUnusable(f"this machine cannot jail programs safely: {str(words['refused'])[:4000]}")
        hello = words["ready"]
    except (ValueError, TypeError, KeyError) as error:
        raise ProtocolError(f"the agent's first words are malformed: {error}") from error
    if not isinstance(hello, dict):
        raise ProtocolError("the agent's first words are malformed: no object")
    return hello
