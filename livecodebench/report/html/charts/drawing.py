"""What all charts are made of: the SVG element with its description, lines, text, and the scale of shares."""

from __future__ import annotations

from collections.abc import Iterable
from itertools import count

from livecodebench.report.html.markup import Child, Html, element, join

WIDTH = 800
TICKS = (0.0, 0.25, 0.5, 0.75, 1.0)

_LONGEST = 28  # characters of a label beside a chart


def drawing(name: str, described: str, *children: Child | Iterable[Child], height: float, width: float = WIDTH) -> Html:
    """An SVG that tells what it shows to those who cannot see it."""
    return element(
        "svg",
        element("title", name),
        element("desc", described),
        join(*children),
        viewBox=f"0 0 {width:g} {height:g}",
        role="img",
        aria_label=f"{name}. {described}",
        class_="chart",
    )


def text(x: float, y: float, words: str, *, anchor: str = "start", class_: str = "") -> Html:
    """A line of text."""
    return element("text", words, x=x, y=y, text_anchor=anchor, class_=class_ or None)


def line(x1: float, y1: float, x2: float, y2: float, class_: str) -> Html:
    """A straight line."""
    return element("line", x1=float(x1), y1=float(y1), x2=float(x2), y2=float(y2), class_=class_)


def box(x: float, y: float, width: float, height: float, class_: str, *, tip: str = "") -> Html:
    """A rectangle, with a word for the pointer."""
    inside = element("title", tip) if tip else None
    return element(
        "rect",
        inside,
        x=float(x),
        y=float(y),
        width=max(float(width), 0.0),
        height=max(float(height), 0.0),
        class_=class_,
    )


def short(label: str) -> str:
    """A label that fits beside a chart: the middle goes, since the end tells gradings and folders apart."""
    half = _LONGEST // 2
    return label if len(label) <= _LONGEST else f"{label[: half - 1]}…{label[-half:]}"


class Ids:
    """Ids for a page, each once."""

    def __init__(self) -> None:
        self._numbers = count(1)

    def new(self, prefix: str) -> str:
        """One more."""
        return f"{prefix}-{next(self._numbers)}"
