"""A pool behind a gateway: for processes that are not in its Ray cluster, of any Python and without Ray."""

from __future__ import annotations

import os
import socket
import threading
from collections.abc import Callable, Sequence
from concurrent.futures import Future
from dataclasses import replace
from typing import TypeVar

from lcb_ray.batch import Batch, BatchResult, Checked
from lcb_ray.code_version import code_version
from lcb_ray.errors import PoolClosed, SandboxUnusable
from lcb_ray.gateway.carrier import Carrier
from lcb_ray.gateway.channel import PATIENCE_S, Channel
from lcb_ray.gateway.codec import Codec
from lcb_ray.gateway.protocol import PROTOCOL, TOKEN_VARIABLE, Hello, with_messages
from lcb_ray.pool import SandboxInfo
from lcb_ray.rules.events import Priority

C = TypeVar("C", bound=Checked)


class GatewayPool:
    """Runs batches on a pool behind a gateway; see lcb_ray.pool.Pool. Connects with the first batch.

    Args:
        address: Of the gateway, http://host:port or https://host.
        codec: Knows the check functions, verdicts and so on of the batches.
        token: The gateway's; None: the environment's LIVECODEBENCH_GATEWAY_TOKEN.
        code: The packages that must be the same here and there.
        slots: Executions at once on each sandbox, where this makes the pool.
        pool_size: The most sandboxes. None: what fits.
        name: Of the pool; None: the gateway's own.
        priority: What this process runs.
        patience_s: How long to go on where the gateway does not answer, before what is under way is given up.
        new_token: Finds out the token where it is not taken any more. None: that is an error.

    Raises SandboxUnusable where there is no token.
    """

    def __init__(
        self,
        address: str,
        *,
        codec: Codec,
        token: str | None = None,
        code: Sequence[str] = ("lcb_ray",),
        slots: int | None = None,
        pool_size: int | None = None,
        name: str | None = None,
        priority: Priority = Priority.EVALUATION,
        patience_s: float = PATIENCE_S,
        new_token: Callable[[], str] | None = None,
    ) -> None:
        self._address = address.rstrip("/")
        self._token = token or os.environ.get(TOKEN_VARIABLE, "")
        if not self._token:
            raise SandboxUnusable(f"the gateway at {self._address} wants a token: set {TOKEN_VARIABLE}")
        self._codec = with_messages(codec)
        self._code = tuple(code)
        self._hello = Hello(
            protocol=PROTOCOL,
            code="",
            priority=priority,
            pool_size=pool_size,
            slots=slots,
            pool=name,
            label=f"{socket.gethostname()} pid {os.getpid()}",
        )
        self._capacity = (pool_size or 1) * (slots or 1)
        self._patience_s = patience_s
        self._new_token = new_token
        self._lock = threading.Lock()
        self._carrier: Carrier | None = None
        self._owner = os.getpid()
        self._closed = False

    @property
    def slots(self) -> int:
        """How many executions can run at once when all sandboxes are up; what was asked for until that is known."""
        carrier = self._carrier
        return self._capacity if carrier is None else carrier.capacity or self._capacity

    def info(self) -> SandboxInfo:
        """Describe the sandboxes, waiting for the first. Raises SandboxError where none can be had."""
        with self._lock:
            carrier = self._open()
        return carrier.call(carrier.describe())

    def submit(self, batch: Batch[C]) -> Future[BatchResult[C]]:
        """Queue a batch; see lcb_ray.pool.Pool. The future raises CodecError for what cannot travel."""
        with self._lock:
            return self._open().submit(batch)

    def close(self) -> None:
        """Cancel what waits and runs, and leave the gateway. May be called twice."""
        with self._lock:
            if self._closed or self._owner != os.getpid():
                return
            self._closed = True
            carrier = self._carrier
        if carrier is not None:
            carrier.close()

    def _open(self) -> Carrier:
        """The carrier; called with the lock held."""
        if self._closed:
            raise PoolClosed("the pool is closed")
        if self._owner != os.getpid():
            raise PoolClosed("this pool belongs to the process that made it; make one after forking")
        if self._carrier is None:
            hello = replace(self._hello, code=code_version(self._code))
            channel = Channel(self._address, self._token, patience_s=self._patience_s, new_token=self._new_token)
            self._carrier = Carrier(channel, self._codec, hello)
        return self._carrier
