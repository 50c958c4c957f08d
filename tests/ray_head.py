"""A Ray cluster of its own, started as people start one: other ports, another folder, a token; beside any other Ray."""

from __future__ import annotations

import os
import secrets
import shutil
import socket
import subprocess
import sys
import tempfile
import urllib.error
import urllib.request
from pathlib import Path
from typing import Self

from tests import processes
from tests.ray_cluster import until

_START_S = 300.0
# Of Ray: how long it waits for parts of itself, which on a busy machine take their time.
_PATIENT = {
    "RAY_DASHBOARD_STARTUP_TIMEOUT_S": "300",
    "RAY_raylet_start_wait_time_s": "300",
    "RAY_agent_register_timeout_ms": "300000",
    "RAY_GCS_SERVER_REQUEST_TIMEOUT_SECONDS": "300",
}
# Under `uv run pytest` Ray would start the workers of every job and driver with `uv run` in an upload of this folder.
_NO_UV_RUN = {"RAY_ENABLE_UV_RUN_RUNTIME_ENV": "0"}


class RayHead:
    """One node; ends with its `with` block.

    Args:
        cpus: What it believes it has.
        environment: Variables that its processes have in addition.
    """

    def __init__(self, *, cpus: int = 4, environment: dict[str, str] | None = None) -> None:
        self.token = secrets.token_hex(32)
        self._given = environment or {}
        self._cpus = cpus
        self.folder = Path(tempfile.mkdtemp(prefix="lcb-ray-", dir="/tmp"))  # short: sockets lie in it

    @property
    def environment(self) -> dict[str, str]:
        """What a client of this cluster needs."""
        others = {name: value for name, value in os.environ.items() if not name.startswith("RAY_")}
        path = f"{Path(sys.executable).parent}:{others['PATH']}"
        return {**others, **_NO_UV_RUN, "PATH": path, "RAY_AUTH_MODE": "token", "RAY_AUTH_TOKEN": self.token}

    @property
    def address(self) -> str:
        return f"127.0.0.1:{self._port}"

    @property
    def dashboard(self) -> str:
        return f"http://127.0.0.1:{self._dashboard}"

    def get(self, path: str) -> bytes:
        """What the dashboard answers."""
        request = urllib.request.Request(self.dashboard + path, headers={"Authorization": f"Bearer {self.token}"})
        with urllib.request.urlopen(request, timeout=30) as response:
            return response.read()

    def __enter__(self) -> Self:
        self._port, self._dashboard, *others = free_ports(7)
        names = ("dashboard-agent-listen-port", "dashboard-agent-grpc-port", "runtime-env-agent-port",
                 "metrics-export-port", "ray-client-server-port")  # fmt: skip
        options = {
            **dict(zip(names, others, strict=True)),
            "port": self._port,
            "dashboard-port": self._dashboard,
            "min-worker-port": 0,
            "max-worker-port": 0,
            "include-dashboard": "true",
            "num-cpus": self._cpus,
            "object-store-memory": 100_000_000,
            "temp-dir": self.folder,
            "node-ip-address": "127.0.0.1",
        }
        words = [f"--{name}={value}" for name, value in options.items()]
        command = [sys.executable, "-m", "ray.scripts.scripts", "start", "--head", "--block", *words]
        self._log = (self.folder / "start.log").open("wb")
        self._process = subprocess.Popen(
            [*command, "--disable-usage-stats"],
            env={**self.environment, **_PATIENT, **self._given},
            stdout=self._log,
            stderr=subprocess.STDOUT,
        )
        try:
            until(self._serves, f"a Ray head: {self.folder}/start.log", within_s=_START_S)
        except BaseException:
            self.close()
            raise
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        ours = processes.descendants(self._process.pid)
        self._process.terminate()
        try:
            self._process.wait(30)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()
        processes.kill({*ours, *self._workers()})
        self._log.close()
        shutil.rmtree(self.folder, ignore_errors=True)

    def _workers(self) -> list[int]:
        """Whoever names this cluster's folder in its command line."""
        found = []
        for entry in Path("/proc").iterdir():
            if entry.name.isdigit() and int(entry.name) != os.getpid():
                try:
                    if str(self.folder).encode() in (entry / "cmdline").read_bytes():
                        found.append(int(entry.name))
                except OSError:
                    continue
        return found

    def _serves(self) -> bool:
        assert self._process.poll() is None, (self.folder / "start.log").read_text()
        try:
            return b"ray_version" in self.get("/api/version")
        except (OSError, urllib.error.URLError):
            return False


def free_ports(count: int) -> list[int]:
    """Ports that nobody listens on."""
    sockets = [socket.socket() for _ in range(count)]
    for one in sockets:
        one.bind(("127.0.0.1", 0))
    ports = [one.getsockname()[1] for one in sockets]
    for one in sockets:
        one.close()
    return ports
