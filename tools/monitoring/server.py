"""A real Prometheus on this machine, for as long as it is looked at: its configuration is the project's own."""

from __future__ import annotations

import json
import shutil
import socket
import subprocess
import time
import urllib.error
import urllib.parse
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import yaml

from tools.monitoring.files import FOLDER

_START_S = 60.0


class Prometheus:
    """One that runs."""

    def __init__(self, address: str) -> None:
        self.address = address

    def query(self, expression: str, at: float | None = None) -> list[dict[str, Any]]:
        """The series of an instant query. Raises urllib.error.HTTPError where it is no query."""
        asked = {"query": expression} | ({} if at is None else {"time": f"{at:.3f}"})
        return list(self._ask("query", asked)["result"])

    def query_range(self, expression: str, begin: float, end: float, step_s: float) -> list[dict[str, Any]]:
        """The series over a time."""
        asked = {"query": expression, "start": f"{begin:.3f}", "end": f"{end:.3f}", "step": f"{step_s:g}"}
        return list(self._ask("query_range", asked)["result"])

    def _ask(self, what: str, asked: dict[str, str]) -> dict[str, Any]:
        with urllib.request.urlopen(
            f"{self.address}/api/v1/{what}?{urllib.parse.urlencode(asked)}", timeout=30
        ) as said:
            answer = json.load(said)
        assert answer["status"] == "success"
        return dict(answer["data"])


@contextmanager
def prometheus(folder: Path, *targets: str, every_s: int = 1) -> Iterator[Prometheus]:
    """Scrape these, with the rules and the choice of series that ray-cluster/monitoring has.

    Args:
        folder: For its files.
        targets: "host:port" of Ray's metrics, one for each node.
        every_s: How often.
    """
    config = yaml.safe_load((FOLDER / "prometheus.yaml").read_text())
    [job] = config["scrape_configs"]
    del job["kubernetes_sd_configs"], job["relabel_configs"]
    job["static_configs"] = [{"targets": list(targets)}]
    config["global"] = {"scrape_interval": f"{every_s}s", "evaluation_interval": f"{every_s}s"}
    shutil.copy(FOLDER / "rules.yaml", folder)
    (folder / "prometheus.yaml").write_text(yaml.safe_dump(config))
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    binary = shutil.which("prometheus")
    assert binary is not None
    options = [f"--config.file={folder / 'prometheus.yaml'}", f"--storage.tsdb.path={folder / 'data'}"]
    with (folder / "log").open("wb") as log:
        command = [binary, *options, f"--web.listen-address=127.0.0.1:{port}", "--log.level=warn"]
        process = subprocess.Popen(command, stdout=log, stderr=log)
        try:
            _wait_until_ready(f"http://127.0.0.1:{port}", process, folder / "log")
            yield Prometheus(f"http://127.0.0.1:{port}")
        finally:
            process.terminate()
            process.wait()


def _wait_until_ready(address: str, process: subprocess.Popen[bytes], log: Path) -> None:
    deadline = time.monotonic() + _START_S
    while True:
        assert process.poll() is None, log.read_text()
        try:
            urllib.request.urlopen(f"{address}/-/ready", timeout=5).close()
            return
        except OSError:
            assert time.monotonic() < deadline, log.read_text()
        time.sleep(0.1)  # it says in no other way that it listens


def panels() -> list[dict[str, Any]]:
    """The dashboard's panels, as Grafana has them."""
    return [panel for row in rows() for panel in row["panels"]]


def rows() -> list[dict[str, Any]]:
    """The same under their headings: each row with its panels, which Grafana's file has behind it."""
    found: list[dict[str, Any]] = []
    for panel in json.loads((FOLDER / "grafana-dashboard.json").read_text())["panels"]:
        if panel["type"] == "row":
            found.append({**panel, "panels": []})
        else:
            found[-1]["panels"].append(panel)
    return found


def filled(expression: str, *, pool: str = ".*", price: str = "0.05", rate: str = "20s", whole: str = "10m") -> str:
    """A query with Grafana's variables in it replaced."""
    values = {"$pool": pool, "$price": price, "$__rate_interval": rate, "$__range": whole}
    for name, value in values.items():
        expression = expression.replace(name, value)
    assert "$" not in expression, expression
    return expression
