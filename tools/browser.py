"""A headless Chromium, driven over the WebDriver protocol: as little of it as is needed here, so no dependency."""

from __future__ import annotations

import base64
import json
import shutil
import socket
import subprocess
import tempfile
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

_FLAGS = (
    "--headless",
    "--no-sandbox",  # or it refuses to run as root
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--hide-scrollbars",
)
_START_S = 30.0
KEYS = {"Tab": "\ue004", "Enter": "\ue007", "Space": " "}


class Browser:
    """One window."""

    def __init__(self, address: str) -> None:
        self._session = address

    def open(self, page: Path | str) -> None:
        """Load a file, or what an address names, and wait until it is there."""
        self._post("url", {"url": page if isinstance(page, str) else page.resolve().as_uri()})

    def cookie(self, address: str, name: str, value: str) -> None:
        """Send a cookie with all that is asked of an address."""
        self._tool("Network.setCookie", {"url": address, "name": name, "value": value})

    def wait_for(self, *texts: str, within_s: float = 60.0) -> str:
        """Wait until the page shows all these texts; what it shows. Raises TimeoutError."""
        deadline = time.monotonic() + within_s
        while not all(text in (shown := str(self.run("return document.body.innerText"))) for text in texts):
            if time.monotonic() > deadline:
                raise TimeoutError(f"the page does not show {texts} within {within_s:.0f} s, but: {shown[:2000]}")
            time.sleep(0.2)  # whoever fills the page does not say when
        return shown

    def run(self, script: str, *arguments: object) -> Any:  # noqa: ANN401 - whatever the script returns
        """Run JavaScript: the body of a function."""
        return self._post("execute/sync", {"script": script, "args": list(arguments)})

    def press(self, *keys: str) -> None:
        """Press keys, one after the other: names of KEYS, or characters."""
        actions = [{"type": kind, "value": KEYS.get(key, key)} for key in keys for kind in ("keyDown", "keyUp")]
        self._post("actions", {"actions": [{"type": "key", "id": "keyboard", "actions": actions}]})

    def scheme(self, name: str) -> None:
        """Prefer "light" or "dark"."""
        features = [{"name": "prefers-color-scheme", "value": name}]
        self._tool("Emulation.setEmulatedMedia", {"features": features})

    def size(self, width: int, height: int) -> None:
        """Set the size of the page's window."""
        self._tool(
            "Emulation.setDeviceMetricsOverride",
            {"width": width, "height": height, "deviceScaleFactor": 1, "mobile": False},
        )

    def screenshot(self) -> bytes:
        """What the window shows, as PNG."""
        return base64.b64decode(self._call("GET", "screenshot"))

    def messages(self) -> list[str]:
        """What was written to the console since the last call, violations of the policy included."""
        return [entry["message"] for entry in self._post("se/log", {"type": "browser"})]

    def requests(self) -> list[str]:
        """Addresses that pages asked for since the last call; not those of Chromium's own pages, as of a new tab."""
        found = []
        for entry in self._post("se/log", {"type": "performance"}):
            message = json.loads(entry["message"])["message"]
            if message["method"] == "Network.requestWillBeSent":
                asked = message["params"]
                if not str(asked.get("documentURL", "")).startswith("chrome:"):
                    found.append(asked["request"]["url"])
        return found

    def close(self) -> None:
        """Close the window."""
        self._call("DELETE", "")

    def _tool(self, command: str, parameters: dict[str, Any]) -> None:
        self._post("goog/cdp/execute", {"cmd": command, "params": parameters})

    def _post(self, command: str, body: dict[str, Any]) -> Any:  # noqa: ANN401 - JSON
        return self._call("POST", command, body)

    def _call(self, method: str, command: str, body: dict[str, Any] | None = None) -> Any:  # noqa: ANN401 - JSON
        return _request(method, f"{self._session}/{command}".rstrip("/"), body)


@contextmanager
def browser() -> Iterator[Browser]:
    """Start a browser with a profile of its own; it ends with the block."""
    driver, chromium = shutil.which("chromedriver"), shutil.which("chromium") or shutil.which("google-chrome")
    if driver is None or chromium is None:
        raise SystemExit("chromium and chromedriver are needed on the PATH (Debian: chromium, chromium-driver)")
    with tempfile.TemporaryDirectory() as profile, socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
        probe.close()
        process = subprocess.Popen([driver, f"--port={port}"], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        try:
            yield from _session(f"http://127.0.0.1:{port}", chromium, profile)
        finally:
            process.terminate()
            process.wait()


def _session(address: str, chromium: str, profile: str) -> Iterator[Browser]:
    options = {"binary": chromium, "args": [*_FLAGS, f"--user-data-dir={profile}"]}
    wanted = {"goog:chromeOptions": options, "goog:loggingPrefs": {"browser": "ALL", "performance": "ALL"}}
    _wait_until_ready(address)
    answer = _request("POST", f"{address}/session", {"capabilities": {"alwaysMatch": wanted}})
    window = Browser(f"{address}/session/{answer['sessionId']}")
    try:
        yield window
    finally:
        window.close()


def _wait_until_ready(address: str) -> None:
    deadline = time.monotonic() + _START_S
    while True:
        try:
            if _request("GET", f"{address}/status", None)["ready"]:
                return
        except OSError:
            if time.monotonic() > deadline:
                raise
        time.sleep(0.1)  # a new process says in no other way that it listens


def _request(method: str, address: str, body: dict[str, Any] | None) -> Any:  # noqa: ANN401 - JSON
    data = None if body is None else json.dumps(body).encode()
    request = urllib.request.Request(address, data=data, method=method, headers={"Content-Type": "application/json"})
    try:
        with urllib.request.urlopen(request, timeout=120) as answer:
            return json.load(answer)["value"]
    except urllib.error.HTTPError as error:
        raise RuntimeError(json.load(error)["value"]["message"]) from error
