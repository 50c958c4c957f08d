"""What answers the requests of `evaluate`: a model's API, or the replay server in this process in its place."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from livecodebench.cli.exits import tell
from livecodebench.errors import InputError, listed, quoted

if TYPE_CHECKING:
    from livecodebench.model_client.connection import Connection
    from livecodebench.problem import Problem
    from livecodebench.replay.stored import StoredCompletions


@dataclass(frozen=True, slots=True)
class Api:
    """Where requests go.

    Attributes:
        connection: To the API; of one that is replayed, all but the address.
        stored: What is replayed; None where an API is asked.
    """

    connection: Connection
    stored: StoredCompletions | None = None

    @property
    def replay_sha256(self) -> str | None:
        """Of the file that is replayed."""
        return None if self.stored is None else self.stored.sha256

    @contextmanager
    def open(self, problems: Iterable[Problem]) -> Iterator[Connection]:
        """The connection, to a replay server that lives as long as the block where something is replayed."""
        if self.stored is None:
            tell(f"asking {self.connection.base_url}")
            yield self.connection
            return
        from livecodebench.replay.answering import Answerer
        from livecodebench.replay.server import ReplayServer

        with ReplayServer(Answerer(self.stored, problems)) as server:
            tell(f"replaying {len(self.stored)} stored completions at {server.base_url}")
            yield replace(self.connection, base_url=server.base_url)


def replayed(name: str, *, model: str, max_concurrent: int) -> Api:
    """An API that answers from a file. Raises InputError."""
    from livecodebench.model_client.connection import Connection
    from livecodebench.model_client.key import ApiKey
    from livecodebench.replay.source import open_stored

    stored = open_stored(name)
    if not stored.knows(model):
        raise InputError(f"--replay {name}: has no answers of {quoted(model)}: MODEL is one of {listed(stored.models)}")
    # No key: whatever the environment holds is for somebody else. No proxy: the server is in this process.
    connection = Connection(base_url="", key=ApiKey(None), concurrent=max_concurrent, use_proxy=False)
    return Api(connection, stored)
