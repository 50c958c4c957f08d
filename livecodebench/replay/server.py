"""The replay server as a library: start it, point a client at it, ask it what it served."""

from __future__ import annotations

from typing import Any

from livecodebench.replay.answering import Answerer
from livecodebench.replay.app import build_app
from livecodebench.replay.server_thread import ServerThread


class ReplayServer(ServerThread):
    """Serves an answerer's completions while its `with` block, or `async with` block, runs."""

    def __init__(self, answerer: Answerer, *, host: str = "127.0.0.1", port: int = 0) -> None:
        super().__init__(build_app(answerer), host=host, port=port)
        self._tally = answerer.tally

    @property
    def base_url(self) -> str:
        """What a client is given: "http://127.0.0.1:PORT/v1"."""
        return f"{self.root_url}/v1"

    def stats(self) -> dict[str, Any]:
        """What GET /stats answers."""
        return self._tally.as_json()
