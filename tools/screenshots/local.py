"""All pictures of a run on this machine: a job on a Ray of its own, seen by Ray's dashboard, `top` and Prometheus."""

from __future__ import annotations

import sys
import time
from collections.abc import Iterator
from pathlib import Path

from tools.browser import Browser, browser
from tools.monitoring.page import panels_page
from tools.monitoring.server import Prometheus, prometheus
from tools.screenshots.local_ray import LocalRay, local_ray
from tools.screenshots.ray_dashboard import photograph
from tools.screenshots.terminal import terminal_page, write_page

_COPIES = 60  # of each bundled answer: minutes of work
_SANDBOXES = 3
_SHOWN_S = 75.0  # of the panels' time
_WAIT_S = 240.0


def photograph_all(out: Path) -> Iterator[Path]:
    """Write the pictures. Raises TimeoutError where there is never anything to see."""
    out.mkdir(parents=True, exist_ok=True)
    with (
        local_ray(cpus=_SANDBOXES + 1) as ray,
        prometheus(_made(ray.folder / "prometheus"), ray.metrics, every_s=2) as server,
    ):
        job = ray.grade(copies=_COPIES, sandboxes=_SANDBOXES)
        began = _work_began(server)
        time.sleep(max(began + _SHOWN_S - time.time(), 0))  # the time that the panels show has to pass
        yield from photograph(ray.dashboard, out, token=ray.token, prefix="ray-dashboard", job=job)
        now = time.time()
        panels = ray.folder / "panels.html"
        panels.write_text(panels_page(server, now - _SHOWN_S, now), encoding="utf-8")
        terminal = write_page(_top(ray), ray.folder / "top.html")
        with browser() as window:
            yield _shoot(window, panels, out / "monitoring-panels.png", 1270)
            yield _shoot(window, terminal, out / "top.png", 1000)


def _made(folder: Path) -> Path:
    folder.mkdir()
    return folder


def _work_began(server: Prometheus) -> float:
    """When Prometheus has seen a submission finished."""
    deadline = time.monotonic() + _WAIT_S
    while not server.query("ray_livecodebench_submissions_total"):
        if time.monotonic() > deadline:
            raise TimeoutError(f"no submission was finished within {_WAIT_S:.0f} s")
        time.sleep(0.5)
    return time.time()


def _top(ray: LocalRay) -> str:
    environment = {**ray.environment, "LIVECODEBENCH_RAY_ADDRESS": ray.address}
    return terminal_page([sys.executable, "-m", "livecodebench", "top", "--once"], environment, "livecodebench top")


def _shoot(window: Browser, page: Path, picture: Path, width: int) -> Path:
    window.size(width, 400)
    window.open(page)
    window.size(width, int(window.run("return document.documentElement.scrollHeight")))
    picture.write_bytes(window.screenshot())
    return picture
