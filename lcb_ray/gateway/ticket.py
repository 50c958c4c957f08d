"""A batch on its way through a gateway, and the future that its submitter has."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from concurrent.futures import Future
from typing import Any, Generic, TypeVar

from lcb_ray.batch import Batch, BatchResult, Checked
from lcb_ray.errors import SandboxError
from lcb_ray.gateway.protocol import Done, Failed

C = TypeVar("C", bound=Checked)


class GatewayFuture(Future[BatchResult[C]], Generic[C]):
    """A future whose cancellation also stops what is under way for it."""

    def __init__(self, stop: Callable[[GatewayFuture[C]], None]) -> None:
        super().__init__()
        self._stop = stop

    def cancel(self) -> bool:
        """Cancel the batch. Returns False only where it has ended already."""
        if super().cancel():
            return True
        if self.done():
            return False
        self._stop(self)
        return True


class Ticket:
    """A batch on its way. For one event loop.

    Attributes:
        posted: The gateway has it.
        stopping: It was cancelled.
        losses: How often the gateway forgot it.
        news: What has become of it, once it is posted; None: it is to be said again.
    """

    def __init__(self, key: str, batch: Batch[Any], future: GatewayFuture[Any]) -> None:
        self.key = key
        self.batch = batch
        self.future = future
        self.posted = False
        self.stopping = False
        self.losses = 0
        self.news: asyncio.Future[Done | Failed | None] | None = None

    def tell(self, news: Done | Failed | None) -> None:
        """What has become of it."""
        if self.news is not None and not self.news.done():
            self.news.set_result(news)

    def fail(self, error: SandboxError) -> None:
        """It is given up."""
        if self.news is not None and not self.news.done():
            self.news.set_exception(error)
