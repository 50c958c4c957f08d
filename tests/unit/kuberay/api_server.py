"""An API server on loopback, as far as preflight asks one: objects by path, rights, and what it refuses on trial.

It keeps every request, so that a test can say what was asked, and that nothing was made.
"""

from __future__ import annotations

import json
import threading
from collections.abc import Callable
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlsplit

import yaml

Right = tuple[str, str]  # verb, resource; "*" for all


class ApiServer:
    """The server. `objects` and `lists` are by path; a path in neither is not found, or an empty list.

    Attributes:
        forbidden: Paths that this user may not look at.
        allows: Whether a right is given.
        refuses: Of an object on trial: status and words, or None.
    """

    def __init__(self) -> None:
        self.objects: dict[str, dict[str, Any]] = {"/version": {"major": "1", "minor": "34"}}
        self.lists: dict[str, list[dict[str, Any]]] = {}
        self.forbidden: set[str] = set()
        self.allows: Callable[[str, str], bool] = lambda verb, resource: True
        self.refuses: Callable[[dict[str, Any]], tuple[int, str] | None] = lambda document: None
        self.asked: list[tuple[str, str]] = []
        self._server = ThreadingHTTPServer(("127.0.0.1", 0), _handler(self))
        self._thread = threading.Thread(target=self._server.serve_forever, args=(0.01,), daemon=True)
        self._thread.start()

    def write_kubeconfig(self, file: Path) -> None:
        """The way in, with the context `theirs`."""
        where = {"server": f"http://127.0.0.1:{self._server.server_address[1]}"}
        document = {
            "apiVersion": "v1",
            "kind": "Config",
            "clusters": [{"name": "theirs", "cluster": where}],
            "users": [{"name": "me", "user": {"token": "t"}}],
            "contexts": [{"name": "theirs", "context": {"cluster": "theirs", "user": "me"}}],
            "current-context": "theirs",
        }
        file.write_text(yaml.safe_dump(document))

    @property
    def made(self) -> list[tuple[str, str]]:
        """Requests that would have changed something."""
        return [
            (method, path)
            for method, path in self.asked
            if method != "GET" and "dryRun=All" not in path and "selfsubject" not in path
        ]

    def close(self) -> None:
        self._server.shutdown()
        self._server.server_close()
        self._thread.join()

    def answer(self, method: str, target: str, body: dict[str, Any]) -> tuple[int, dict[str, Any]]:
        self.asked.append((method, target))
        split = urlsplit(target)
        path, query = split.path, parse_qs(split.query)
        if path.endswith("/selfsubjectaccessreviews"):
            asked = body["spec"]["resourceAttributes"]
            part = f"/{asked['subresource']}" if "subresource" in asked else ""
            return 201, {"status": {"allowed": self.allows(asked["verb"], asked["resource"] + part)}}
        if path.endswith("/selfsubjectreviews"):
            return 201, {"status": {"userInfo": {"username": "system:serviceaccount:ci:grader"}}}
        if path in self.forbidden:
            return 403, {"message": f"{path} is forbidden"}
        if method == "POST":
            assert query["dryRun"] == ["All"]
            refused = self.refuses(body)
            return (refused[0], {"message": refused[1]}) if refused else (201, body)
        if path in self.objects:
            return 200, self.objects[path]
        if path in self.lists or path.rpartition("/")[2] in _LISTS:
            return 200, {"items": self.lists.get(path, []), "metadata": {"resourceVersion": "1"}}
        return 404, {"message": f"{path} not found"}


_LISTS = ("pods", "nodes", "resourcequotas", "limitranges")


def _handler(api: ApiServer) -> type[BaseHTTPRequestHandler]:
    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def _answer(self) -> None:
            body = json.loads(self.rfile.read(int(self.headers.get("Content-Length") or 0)) or b"{}")
            status, answer = api.answer(self.command, self.path, body)
            data = json.dumps(answer).encode()
            self.send_response(status)
            self.send_header("Content-Type", "application/json")
            self.send_header("Content-Length", str(len(data)))
            self.end_headers()
            self.wfile.write(data)

        do_GET = do_POST = do_PATCH = do_DELETE = _answer

        def log_message(self, *_: object) -> None:
            pass

    return Handler
