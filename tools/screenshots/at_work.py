"""Pictures of a pool at work, wherever it runs: Ray's dashboard, the panels of ours, `livecodebench top`."""

from __future__ import annotations

import json
import sys
import time
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from importlib.resources import files
from pathlib import Path

from tools.browser import Browser, browser
from tools.monitoring.page import panels_page
from tools.monitoring.server import Prometheus
from tools.screenshots.ray_dashboard import photograph
from tools.screenshots.terminal import terminal_page, write_page

SHOWN_S = 75.0  # of the panels' time
_WAIT_S = 240.0


@dataclass(frozen=True, slots=True)
class AtWork:
    """What is looked at.

    Attributes:
        dashboard: The address of Ray's dashboard.
        token: Of the Ray cluster.
        job: The submission id of the job that is the work.
        server: A Prometheus that scrapes all of it.
        environment: In which `livecodebench top` finds the pool.
        folder: For files on the way.
    """

    dashboard: str
    token: str
    job: str
    server: Prometheus
    environment: Mapping[str, str]
    folder: Path

    def photograph(self, out: Path, *, ray: str, panels: str, top: str) -> Iterator[Path]:
        """Write the pictures, under these names. Raises TimeoutError where there is never anything to see."""
        began = self._work_began()
        time.sleep(max(began + SHOWN_S - time.time(), 0))  # the time that the panels show has to pass
        yield from photograph(self.dashboard, out, token=self.token, prefix=ray, job=self.job)
        now = time.time()
        page = self.folder / "panels.html"
        page.write_text(panels_page(self.server, now - SHOWN_S, now), encoding="utf-8")
        command = [sys.executable, "-m", "livecodebench", "top", "--once"]
        terminal = write_page(terminal_page(command, self.environment, "livecodebench top"), self.folder / "top.html")
        with browser() as window:
            yield _shoot(window, page, out / f"{panels}.png", 1270)
            yield _shoot(window, terminal, out / f"{top}.png", 1000)

    def _work_began(self) -> float:
        """When Prometheus has seen a submission finished."""
        deadline = time.monotonic() + _WAIT_S
        while not self.server.query("ray_livecodebench_submissions_total"):
            if time.monotonic() > deadline:
                raise TimeoutError(f"no submission was finished within {_WAIT_S:.0f} s")
            time.sleep(0.5)
        return time.time()


def write_work(file: Path, *, copies: int) -> Path:
    """Write the bundled answers, so many times each: minutes of work."""
    bundled = files("livecodebench") / "data" / "mini" / "generations.jsonl"
    rows = [json.loads(line) for line in bundled.read_text().splitlines()]
    for row in rows:
        row["output_list"] *= copies
    file.write_text("".join(json.dumps(row) + "\n" for row in rows))
    return file


def made(folder: Path) -> Path:
    """A folder, which is made."""
    folder.mkdir(parents=True, exist_ok=True)
    return folder


def _shoot(window: Browser, page: Path, picture: Path, width: int) -> Path:
    window.size(width, 400)
    window.open(page)
    window.size(width, int(window.run("return document.documentElement.scrollHeight")))
    picture.write_bytes(window.screenshot())
    return picture
