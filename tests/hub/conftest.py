"""A Hugging Face Hub on loopback, with the few endpoints that the client library uses to download a dataset's files.

As on the real one, a file is looked up by HEAD on its page (commit, ETag, size), and the page sends the client on to
another server, where the bytes are. Nothing of the client is replaced; only its settings point here.
"""

import hashlib
import re
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http import HTTPStatus
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread

import huggingface_hub
import pytest
from huggingface_hub import constants

REPOSITORY = "livecodebench/code_generation_lite"
FIRST_COMMIT = "1" * 40
SECOND_COMMIT = "2" * 40


@dataclass
class Refusal:
    """An answer that the hub gives instead of a file, with the code by which the client tells errors apart."""

    status: int
    code: str = ""


@dataclass
class FakeHub:
    """What the hub serves, and what was asked of it.

    Attributes:
        commits: Files by name, by commit.
        refs: Branches and tags.
        refuse: The answer to everything; None serves files.
        cut_after: Bytes after which the next transfer breaks off; None lets it through.
        on_get: Called before each transfer.
        asked: Method, path and Range of every request.
        endpoint: The address of the pages.
        store: The address of the bytes.
    """

    commits: dict[str, dict[str, bytes]] = field(default_factory=dict)
    refs: dict[str, str] = field(default_factory=dict)
    refuse: Refusal | None = None
    cut_after: int | None = None
    on_get: Callable[[], None] = lambda: None
    asked: list[tuple[str, str, str | None]] = field(default_factory=list)
    endpoint: str = ""
    store: str = ""

    def find(self, revision: str, name: str) -> tuple[str, bytes] | Refusal:
        """The commit and content of a file."""
        commit = self.refs.get(revision, revision)
        if commit not in self.commits:
            return Refusal(404, "RevisionNotFound")
        if name not in self.commits[commit]:
            return Refusal(404, "EntryNotFound")
        return commit, self.commits[commit][name]

    def blob(self, digest: str) -> bytes:
        """The content with that hash."""
        return next(data for files in self.commits.values() for data in files.values() if sha256(data) == digest)

    def transfers(self) -> list[str | None]:
        """The Range of every transfer, in order."""
        return [ranged for method, path, ranged in self.asked if method == "GET" and path.startswith("/blobs/")]


def sha256(data: bytes) -> str:
    return hashlib.sha256(data).hexdigest()


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    hub: FakeHub

    def do_HEAD(self) -> None:
        self._answer()

    def do_GET(self) -> None:
        self._answer()

    def log_message(self, *args: object) -> None:
        """Nothing: the tests read `FakeHub.asked`."""

    def _answer(self) -> None:
        self.hub.asked.append((self.command, self.path, self.headers.get("Range")))
        if self.hub.refuse is not None:
            self._refuse(self.hub.refuse)
        elif page := re.fullmatch(rf"/datasets/{REPOSITORY}/resolve/([^/]+)/([^/?]+)", self.path):
            self._page(page[1], page[2])
        elif blob := re.fullmatch(r"/blobs/([0-9a-f]{64})", self.path):
            self._blob(self.hub.blob(blob[1]))
        else:
            self._refuse(Refusal(404, "RepoNotFound"))

    def _refuse(self, refusal: Refusal) -> None:
        self.send_response(refusal.status)
        if refusal.code:
            self.send_header("X-Error-Code", refusal.code)
        self.send_header("Content-Length", "0")
        self.end_headers()

    def _page(self, revision: str, name: str) -> None:
        found = self.hub.find(revision, name)
        if isinstance(found, Refusal):
            return self._refuse(found)
        commit, data = found
        self.send_response(HTTPStatus.FOUND)
        self.send_header("Location", f"{self.hub.store}/blobs/{sha256(data)}")
        self.send_header("X-Repo-Commit", commit)
        self.send_header("X-Linked-Etag", f'"{sha256(data)}"')
        self.send_header("X-Linked-Size", str(len(data)))
        self.send_header("Content-Length", "0")
        self.end_headers()
        return None

    def _blob(self, data: bytes) -> None:
        self.hub.on_get()
        ranged = re.fullmatch(r"bytes=(\d+)-", self.headers.get("Range", ""))
        start = int(ranged[1]) if ranged else 0
        self.send_response(HTTPStatus.PARTIAL_CONTENT if ranged else HTTPStatus.OK)
        if ranged:
            self.send_header("Content-Range", f"bytes {start}-{len(data) - 1}/{len(data)}")
        self.send_header("Content-Length", str(len(data) - start))
        self.end_headers()
        if self.command == "GET":
            cut, self.hub.cut_after = self.hub.cut_after, None
            self.wfile.write(data[start : None if cut is None else start + cut])
            self.close_connection = cut is not None


@pytest.fixture
def served() -> Iterator[FakeHub]:
    """A hub that nothing points at yet, with all six shards at one commit."""
    shards = ["test.jsonl", *(f"test{number}.jsonl" for number in range(2, 7))]
    hub = FakeHub(
        commits={FIRST_COMMIT: {name: f"rows of {name}\n".encode() for name in shards}}, refs={"main": FIRST_COMMIT}
    )
    handler = type("Handler", (_Handler,), {"hub": hub})
    with _serving(handler) as hub.endpoint, _serving(handler) as hub.store:
        yield hub


@contextmanager
def _serving(handler: type[_Handler]) -> Iterator[str]:
    with ThreadingHTTPServer(("127.0.0.1", 0), handler) as server:
        thread = Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
        thread.start()
        try:
            yield f"http://127.0.0.1:{server.server_port}"
        finally:
            server.shutdown()
            thread.join()


def point_at(endpoint: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """What HF_ENDPOINT does: the library reads its environment once, at import, and makes these settings of it."""
    monkeypatch.setattr(constants, "ENDPOINT", endpoint)
    monkeypatch.setattr(constants, "HUGGINGFACE_CO_URL_TEMPLATE", endpoint + "/{repo_id}/resolve/{revision}/{filename}")


@pytest.fixture
def hub(served: FakeHub, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[FakeHub]:
    """The same, and this process's client library uses it, with an empty cache."""
    point_at(served.endpoint, monkeypatch)
    monkeypatch.setattr(constants, "HF_HUB_CACHE", str(tmp_path / "cache"))
    monkeypatch.setattr(constants, "HF_HUB_OFFLINE", False)
    monkeypatch.delenv("HF_TOKEN", raising=False)
    # Between retries it waits for up to 8 seconds.
    monkeypatch.setattr("time.sleep", lambda seconds: None)
    yield served
    close = getattr(huggingface_hub, "close_session", None)  # its connections; releases before 1.0 have none to close
    if close is not None:
        close()
