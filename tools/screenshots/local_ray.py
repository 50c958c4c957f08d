"""A Ray cluster of one node for the pictures, with a dashboard and a token, and a job that gives it work."""

from __future__ import annotations

import os
import secrets
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from lcb_ray.errors import PoolUnavailable
from lcb_ray.kuberay.jobs import JobsApi
from tools.screenshots.at_work import write_work

_START_S = 120.0
_TRIES = 3
_STARTED = "Ray runtime started"
_ANSWERS = "ANSWERS"


@dataclass(frozen=True, slots=True)
class LocalRay:
    """One that runs."""

    address: str
    dashboard: str
    metrics: str
    token: str
    folder: Path

    @property
    def environment(self) -> dict[str, str]:
        """For those who connect to it."""
        ours = {"RAY_AUTH_MODE": "token", "RAY_AUTH_TOKEN": self.token, "RAY_USAGE_STATS_ENABLED": "0"}
        ours["RAY_ENABLE_UV_RUN_RUNTIME_ENV"] = "0"  # or jobs start by `uv run` in an upload of this folder
        path = f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}"  # so that no picture shows a folder
        return {**os.environ, **ours, "PATH": path, _ANSWERS: str(self.folder / "answers.jsonl")}

    def grade(self, *, copies: int, sandboxes: int) -> str:
        """Submit a job that judges the bundled answers, so many times each. Returns its id."""
        write_work(self.folder / "answers.jsonl", copies=copies)
        command = f"livecodebench grade ${_ANSWERS} --dataset mini"
        deadline = time.monotonic() + _START_S
        while True:
            try:
                return JobsApi(self.dashboard, self.token).submit(
                    f"{command} --backend ray --pool-size {sandboxes} --slots 1",
                    submission_id=f"livecodebench-grade-{secrets.token_hex(3)}",
                    metadata={"job_name": "grade mini", "dataset": "mini", "backend": "ray"},
                )
            except PoolUnavailable:  # the part of Ray that runs jobs comes last
                if time.monotonic() > deadline:
                    raise
            time.sleep(1.0)


@contextmanager
def local_ray(*, cpus: int) -> Iterator[LocalRay]:
    """Start it; it ends with the block. A busy machine may need several tries: Ray gives itself 30 s.

    Raises RuntimeError.
    """
    with tempfile.TemporaryDirectory(prefix="lcb-", ignore_cleanup_errors=True) as name:
        for _ in range(_TRIES):
            ports = _free_ports(6)
            ray = LocalRay(
                address=f"127.0.0.1:{ports[0]}",
                dashboard=f"http://127.0.0.1:{ports[1]}",
                metrics=f"127.0.0.1:{ports[2]}",
                token=secrets.token_hex(32),
                folder=Path(name),
            )
            process = _start(ray, ports, cpus)
            try:
                if _stands(process, ray.folder / "log"):
                    yield ray
                    return
            finally:
                process.terminate()
                process.wait()
        raise RuntimeError(f"Ray does not start: {(ray.folder / 'log').read_text()[-2000:]}")


def _start(ray: LocalRay, ports: list[int], cpus: int) -> subprocess.Popen[bytes]:
    named = {
        "port": ports[0],
        "dashboard-port": ports[1],
        "metrics-export-port": ports[2],
        "dashboard-agent-listen-port": ports[3],
        "ray-client-server-port": ports[4],
        "node-manager-port": ports[5],
        "node-ip-address": "127.0.0.1",
        "num-cpus": cpus,
        "object-store-memory": 200_000_000,
        "temp-dir": ray.folder / "ray",
    }
    command = [sys.executable, "-m", "ray.scripts.scripts", "start", "--head", "--block", "--disable-usage-stats"]
    command += [f"--{name}={value}" for name, value in named.items()]
    with (ray.folder / "log").open("wb") as log:
        return subprocess.Popen(command, stdout=log, stderr=log, env=ray.environment)


def _stands(process: subprocess.Popen[bytes], log: Path) -> bool:
    deadline = time.monotonic() + _START_S
    while process.poll() is None and time.monotonic() < deadline:
        if _STARTED in log.read_text(errors="replace"):
            return True
        time.sleep(0.2)  # it says so in no other way
    return False


def _free_ports(count: int) -> list[int]:
    probes = [socket.socket() for _ in range(count)]
    for probe in probes:
        probe.bind(("127.0.0.1", 0))
    ports = [int(probe.getsockname()[1]) for probe in probes]
    for probe in probes:
        probe.close()
    return ports
