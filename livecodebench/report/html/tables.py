"""Tables and figures: a caption, headings that belong to their cells, and a table behind every chart."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from livecodebench.report.html.markup import Child, Html, element


@dataclass(frozen=True, slots=True)
class Cell:
    """A cell with more to it than its text.

    Attributes:
        content: What it shows.
        sort: By what its row is sorted; None: by its text.
        number: Whether it is set as a number.
    """

    content: Child
    sort: float | None = None
    number: bool = False


def number(content: Child, sort: float | None = None) -> Cell:
    """A cell that is set as a number."""
    return Cell(content, sort, number=True)


def table(caption: str, headings: Sequence[str], rows: Iterable[Sequence[Cell | Child]], *, id_: str = "") -> Html:
    """A table whose first column names the rows. With an id it is sorted and filtered by the page's script."""
    head = element("tr", [element("th", heading, scope="col") for heading in headings])
    body = [_row(row) for row in rows]
    # A region that scrolls must be reached by keyboard.
    return element(
        "div",
        element(
            "table",
            element("caption", caption),
            element("thead", head),
            element("tbody", body),
            id=id_ or None,
            class_="sortable" if id_ else None,
        ),
        class_="scroll",
        role="region",
        tabindex=0,
        aria_label=caption,
    )


def figure(name: str, chart: Html | None, data: Html, *, legend: Html | None = None, note: str = "") -> Html:
    """A chart with its table folded below; the table alone where there is no chart."""
    caption = element("figcaption", element("strong", name), f" {note}" if note else None)
    if chart is None:
        return element("figure", caption, data)
    folded = element("details", element("summary", f"Figures: {name}"), data)
    return element("figure", caption, element("div", chart, class_="drawing"), legend, folded)


def _row(row: Sequence[Cell | Child]) -> Html:
    cells = [cell if isinstance(cell, Cell) else Cell(cell) for cell in row]
    first = element("th", cells[0].content, scope="row", data_v=_sort(cells[0]))
    return element(
        "tr",
        first,
        [element("td", one.content, class_="n" if one.number else None, data_v=_sort(one)) for one in cells[1:]],
    )


def _sort(cell: Cell) -> str | None:
    return None if cell.sort is None else f"{cell.sort:g}"
