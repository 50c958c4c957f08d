"""Ray's dashboard, photographed while there is work: actors, jobs, one job with its metadata and log, nodes."""

from __future__ import annotations

import json
import urllib.request
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from tools.browser import Browser, browser

WIDTH = 1400
_COOKIE = "ray-authentication-token"  # where the dashboard's own page keeps the token
_HEIGHTS = (500, 1000)  # of a page: it is cut below its last words
_ANSWER_S = 60.0


def photograph(url: str, out: Path, *, token: str, prefix: str, job: str = "") -> Iterator[Path]:
    """Write the pictures. Raises TimeoutError where a page does not come to show what is to be seen on it.

    Args:
        url: Of the dashboard.
        out: The folder for them.
        token: Of the Ray cluster; empty: it wants none.
        prefix: Of their names.
        job: A job's submission id. Empty: the newest that runs; without one there is no picture of a job.
    """
    url = url.rstrip("/")
    out.mkdir(parents=True, exist_ok=True)
    job = job or _newest_job(url, token)
    pages = [
        ("actors", "/actors", ("PoolActor", "SandboxActor", "ALIVE")),
        ("jobs", "/jobs", ("Submission ID", *([job] if job else []))),
        ("nodes", "/cluster", ("Node List", "ALIVE")),
    ]
    if job:
        pages.append(("job", f"/jobs/{job}", ("Entrypoint", job, "User-provided metadata", "Finished:", "judg")))
    with browser() as window:
        window.size(WIDTH, _HEIGHTS[0])
        if token:
            window.cookie(f"{url}/", _COOKIE, token)
        for name, path, texts in pages:
            window.open("about:blank")  # or a page that differs after its # only would not be loaded
            window.open(f"{url}/#{path}")
            window.wait_for(*texts)
            picture = out / f"{prefix}-{name}.png"
            picture.write_bytes(_all_of(window))
            yield picture


def _all_of(window: Browser) -> bytes:
    """A picture of the whole page, as far as it is not too long."""
    needed = int(window.run(_LOWEST))
    window.size(WIDTH, max(_HEIGHTS[0], min(_HEIGHTS[1], needed + 24)))
    picture = window.screenshot()
    window.size(WIDTH, _HEIGHTS[0])
    return picture


_LOWEST = """
const texts = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
const range = document.createRange();
let lowest = 0;
while (texts.nextNode()) {
  range.selectNodeContents(texts.currentNode);
  lowest = Math.max(lowest, range.getBoundingClientRect().bottom + scrollY);
}
return Math.ceil(lowest);
"""


def _newest_job(url: str, token: str) -> str:
    headers = {"Authorization": f"Bearer {token}"} if token else {}
    with urllib.request.urlopen(urllib.request.Request(f"{url}/api/jobs/", headers=headers), timeout=_ANSWER_S) as said:
        jobs: list[dict[str, Any]] = json.load(said)
    running = [job for job in jobs if job["status"] == "RUNNING" and job.get("submission_id")]
    return str(max(running, key=lambda job: job["start_time"] or 0)["submission_id"]) if running else ""
