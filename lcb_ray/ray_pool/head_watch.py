"""Sees that the cluster's head lives, and says so when it does not.

Ray ends a process that has not reached the head's server (the GCS) for a minute: at once, with no exception that
anybody could catch. A driver must not end like that, so it gives up before. Actors go on meanwhile without the head;
what they answer in that time counts.
"""

from __future__ import annotations

import logging
import os
import socket
import threading
import time
from collections.abc import Callable

from lcb_ray.errors import PoolUnavailable, SandboxError

_LOOK_S = 2.0
_CONNECT_S = 5.0
_RAYS_PATIENCE = "RAY_gcs_rpc_server_reconnect_timeout_s"  # longer where the head can come back
_RAYS_PATIENCE_S = 60.0

log = logging.getLogger(__name__)


def patience_s() -> float:
    """How long the head may be away: half of the time after which Ray ends this process."""
    try:
        return float(os.environ[_RAYS_PATIENCE]) / 2
    except (KeyError, ValueError):
        return _RAYS_PATIENCE_S / 2


class HeadWatch:
    """Looks at the head from a thread of its own, until it is closed or the head is lost.

    Args:
        address: Of the GCS, "host:port".
        lost: Called once where the head has been away for longer than the patience.
        patience_s: In seconds.
    """

    def __init__(self, address: str, lost: Callable[[SandboxError], None], *, patience_s: float) -> None:
        self._address = address
        self._lost = lost
        self._patience_s = patience_s
        self._closing = threading.Event()
        self._thread = threading.Thread(target=self._watch, name="head-watch", daemon=True)
        self._thread.start()

    def close(self) -> None:
        """Look no more."""
        self._closing.set()
        if self._thread is not threading.current_thread():
            self._thread.join(_CONNECT_S + _LOOK_S)

    def _watch(self) -> None:
        seen = time.monotonic()
        while not self._closing.wait(_LOOK_S):
            try:
                host, _, port = self._address.rpartition(":")
                socket.create_connection((host.strip("[]"), int(port)), timeout=_CONNECT_S).close()
                seen = time.monotonic()
            except OSError as error:
                away_s = time.monotonic() - seen
                log.warning("the cluster's head at %s is away for %.0f s: %s", self._address, away_s, error)
                if away_s >= self._patience_s:
                    self._lost(_gone(self._address, away_s, error))
                    return


def _gone(address: str, away_s: float, error: OSError) -> SandboxError:
    return PoolUnavailable(
        f"the head of the Ray cluster at {address} has not answered for {away_s:.0f} s ({error}), and Ray would end "
        "this process next: the cluster is lost unless its head comes back"
    )
