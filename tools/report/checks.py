"""What only a browser can tell: whether the page obeys its policy, works by keyboard, takes hostile text as text."""

from __future__ import annotations

import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

from livecodebench.report.data import gather
from livecodebench.report.html.report_page import report_page
from tools.browser import Browser, browser
from tools.report.commands import livecodebench
from tools.report.hostile import write_hostile
from tools.report.stored import ANSWERS, write_stored
from tools.report.synthetic import write_results


def check_all() -> int:
    """Run every check; the number of failures."""
    failures = 0
    with tempfile.TemporaryDirectory() as name, browser() as window:
        folder = Path(name)
        for check in (
            check_plain,
            check_keyboard,
            check_table,
            check_schemes,
            check_narrow,
            check_hostile,
            check_large,
        ):
            try:
                check(window, folder)
            except AssertionError as error:
                failures += 1
                said = f"failed: {error}"
            else:
                said = "passed"
            sys.stdout.write(f"{check.__name__}: {said}\n")
    return failures


def check_plain(window: Browser, folder: Path) -> None:
    """It runs its own script under its own policy, and asks for nothing."""
    page = _mini(folder)
    with _quiet(window, page):
        _that(window.run("return !document.getElementById('filters').hidden"), "the script has not run")


def check_keyboard(window: Browser, folder: Path) -> None:
    """The first Tab finds the link that skips the contents; cards open by Enter; links to them open and focus them."""
    window.open(_mini(folder))
    window.press("Tab")
    _that(_focused(window) == "Skip to the report", f"first is {_focused(window)!r}")
    window.press("Enter", "Tab")
    inside = window.run("return document.getElementById('main').contains(document.activeElement)")
    _that(inside, "the skip link does not lead into the report")
    window.run("document.querySelector('summary').focus()")
    window.press("Enter")
    _that(window.run("return document.querySelector('details').open"), "Enter does not open a table of figures")
    window.run("document.querySelector('a[href=\"#card-1\"]').focus()")
    window.press("Enter")
    _until(
        lambda: window.run("return document.getElementById('card-1').closest('details').open"), "a link opens no card"
    )
    _until(lambda: window.run("return document.activeElement.tagName") == "SUMMARY", "the card has no focus")
    order = window.run("return [...document.querySelectorAll('[tabindex]')].every((one) => one.tabIndex <= 0)")
    _that(order, "an element is taken out of the order of the page")


def check_table(window: Browser, folder: Path) -> None:
    """The problems sort and filter by keyboard, and say so."""
    window.open(_mini(folder))
    window.run("document.querySelector('#problems-table th:nth-child(3) button').focus()")
    column = "return [...document.querySelectorAll('#problems-table tbody tr')].map((row) => row.cells[2].textContent)"
    window.press("Enter")
    first = window.run(column)
    _that(first == sorted(first, key=("easy", "medium", "hard").index), f"not sorted: {first}")
    _that(window.run("return document.activeElement.closest('th').ariaSort") == "ascending", "no aria-sort")
    window.press("Space")
    _that(window.run(column) == first[::-1] or window.run(column)[0] == "hard", "not sorted the other way")
    window.run("document.getElementById('filter-text').focus()")
    window.press(*"ledger")
    rows = "return [...document.querySelectorAll('#problems-table tbody tr')].filter((row) => !row.hidden).length"
    _that(window.run(rows) == 1, f"{window.run(rows)} rows for one name")
    _that(window.run("return document.getElementById('filter-count').textContent") == "1 of 14 problems", "no count")
    window.press("Tab", "Tab", "Tab", "Enter")  # over the two choices, to "Clear"
    _that(window.run(rows) == 14, "not cleared")


def check_schemes(window: Browser, folder: Path) -> None:
    """Light and dark differ, and text stands out in both (WCAG AA)."""
    window.open(_mini(folder))
    backs = []
    for scheme in ("light", "dark"):
        window.scheme(scheme)
        backs.append(window.run("return getComputedStyle(document.body).backgroundColor"))
        for selector, least in (("body", 7.0), ("nav a", 4.5), ("caption", 4.5), ("summary", 4.5), ("pre code", 7.0)):
            contrast = window.run(_CONTRAST, selector)
            _that(contrast >= least, f"{scheme}: contrast of {selector} is {contrast:.1f}")
    _that(backs[0] != backs[1], "there is no dark scheme")


def check_narrow(window: Browser, folder: Path) -> None:
    """On a telephone charts and tables scroll, the page does not."""
    window.size(400, 800)
    window.open(_mini(folder))
    widths = window.run("return [document.documentElement.scrollWidth, innerWidth]")
    window.size(1100, 900)
    _that(widths[0] <= widths[1], f"the page is {widths[0]} wide in a window of {widths[1]}")


def check_hostile(window: Browser, folder: Path) -> None:
    """Titles, programs, outputs and names full of markup: nothing runs, nothing is asked for, all can be read."""
    results, generations = write_hostile(folder / "hostile")
    page = folder / "hostile.html"
    page.write_text(report_page(gather(results, generations=generations)), encoding="utf-8")
    with _quiet(window, page):
        _that(window.run("return typeof window.injected") == "undefined", "a script of the text ran")
        scripts = window.run("return document.scripts.length")
        _that(scripts == 1, f"{scripts} scripts")
        text = window.run("return [...document.querySelectorAll('pre')].map((one) => one.textContent).join()")
        _that("<script>" in text, "the text is not shown as it is")


def check_large(window: Browser, folder: Path) -> None:
    """1,000 problems of 10 samples: how long they take is told, not judged, since neighbours take the processor."""
    results = write_results(folder / "large", problems=1000, samples=10)
    page = folder / "large.html"
    began = time.monotonic()
    livecodebench("report", results, "--html", page)
    made_s = time.monotonic() - began
    with _quiet(window, page):
        took = window.run("const [one] = performance.getEntriesByType('navigation'); return one.loadEventEnd") / 1000
    sys.stdout.write(f"  the command made {page.stat().st_size / 1e6:.2f} MB in {made_s:.2f} s\n")
    sys.stdout.write(f"  the browser loaded it in {took:.2f} s\n")


_CONTRAST = """
const rgb = (text) => text.match(/[\\d.]+/g).slice(0, 4).map(Number);
const luminance = (c) => {
  const [r, g, b] = c.map((v) => v / 255).map((v) => (v <= 0.04045 ? v / 12.92 : ((v + 0.055) / 1.055) ** 2.4));
  return 0.2126 * r + 0.7152 * g + 0.0722 * b;
};
const element = document.querySelector(arguments[0]);
let back = element;
while (back && rgb(getComputedStyle(back).backgroundColor)[3] === 0) back = back.parentElement;
const one = luminance(rgb(getComputedStyle(element).color).slice(0, 3));
const two = luminance(rgb(getComputedStyle(back).backgroundColor).slice(0, 3));
return (Math.max(one, two) + 0.05) / (Math.min(one, two) + 0.05);
"""


@contextmanager
def _quiet(window: Browser, page: Path) -> Iterator[None]:
    """Nothing may be reported on the console, and nothing asked for but the page."""
    window.messages()
    window.requests()
    window.open(page)
    yield
    messages, asked = window.messages(), window.requests()
    _that(not messages, f"the console says {messages}")
    _that(asked == [page.resolve().as_uri()], f"it asked for {asked}")


def _mini(folder: Path) -> Path:
    """A report of the bundled dataset's stored answers."""
    page = folder / "mini.html"
    if not page.exists():
        data = gather(write_stored(folder / "mini"), cutoffs=["2024-06-01"], generations=ANSWERS)
        page.write_text(report_page(data), encoding="utf-8")
    return page


def _focused(window: Browser) -> str:
    return str(window.run("return document.activeElement.textContent"))


def _that(fact: object, otherwise: str) -> None:
    if not fact:
        raise AssertionError(otherwise)


def _until(fact: Callable[[], object], otherwise: str) -> None:
    for _ in range(100):  # each is a question to the browser, which lets it work
        if fact():
            return
    raise AssertionError(otherwise)
