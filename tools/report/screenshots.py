"""The screenshots of the documentation: of a real run on the bundled problems, and of made-up results."""

from __future__ import annotations

import tempfile
from pathlib import Path

from tools.browser import Browser, browser
from tools.report.commands import livecodebench
from tools.report.stored import ANSWERS
from tools.report.synthetic import write_results

WIDTH, HEIGHT = 900, 640
ATTEMPTS = 3


def make_screenshots(images: Path) -> None:
    """Write them all, in place of those that are there."""
    images.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory() as name, browser() as window:
        folder = Path(name)
        window.size(WIDTH, HEIGHT)
        many = _report_of(write_results(folder / "run-1", problems=480, samples=4), "--cutoff", "2024-03-01")
        mini = _mini(folder)
        other = write_results(folder / "run-2", problems=480, samples=4, skill=0.05)
        compared = folder / "compared.html"
        livecodebench("report", folder / "run-1", other, "--html", compared)
        _shoot(window, many, "light", "#month", images / "report-months-light.png")
        _shoot(window, many, "dark", "#month", images / "report-months-dark.png")
        _shoot(window, many, "dark", "#verdicts", images / "report-usage-dark.png")
        _shoot(window, mini, "light", "#score", images / "report-score-light.png")
        _shoot(window, mini, "light", "#programs", images / "report-program-light.png", opening=True)
        _shoot(window, compared, "light", "h1", images / "report-compared-light.png")


def _report_of(folder: Path, *options: str) -> Path:
    page = folder.with_suffix(".html")
    livecodebench("report", folder, "--html", page, *options)
    return page


def _mini(folder: Path) -> Path:
    for _ in range(ATTEMPTS):  # a machine that is busy may fail some: the same command judges these again
        if livecodebench("grade", ANSWERS, "--dataset", "mini", "--output", folder / "mini", allowed=(0, 3)) == 0:
            break
    return _report_of(folder / "mini", "--generations", str(ANSWERS))


def _shoot(window: Browser, page: Path, scheme: str, place: str, image: Path, *, opening: bool = False) -> None:
    """Photograph what stands at a place; with `opening`, the first failed program there, opened."""
    window.scheme(scheme)
    window.open(page)
    if opening:
        window.run(
            "const cards = [...document.querySelectorAll('.card')];"
            "const card = cards.find((one) => one.textContent.includes('wrong answer'));"
            "card.open = true; card.scrollIntoView();"
        )
    else:
        window.run("document.querySelector(arguments[0]).scrollIntoView()", place)
    image.write_bytes(window.screenshot())
