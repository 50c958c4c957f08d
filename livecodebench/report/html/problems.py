"""The table of problems: how many samples of each model were accepted; sorted and filtered in the page."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from livecodebench.report.data import ReportData
from livecodebench.report.html.markup import Child, Html, element, shown
from livecodebench.report.html.scores import label
from livecodebench.report.html.sections import Section, paragraph
from livecodebench.report.html.tables import Cell, number, table
from livecodebench.results.summary import Cell as Count

ROWS = 2000
COLUMNS = 6  # models


def problem_section(data: ReportData) -> Section:
    """All problems, as far as they have room."""
    scores = [(grading, model) for grading, model, _ in data.scores()]
    columns = scores[:COLUMNS]
    headings = ("problem", "title", "difficulty", "platform", "contest", *(label(data, *column) for column in columns))
    listed = table("Accepted samples by problem", headings, _rows(data, columns), id_="problems-table")
    notes = []
    if len(scores) > COLUMNS:
        notes.append(paragraph(f"Left out: the columns of {len(scores) - COLUMNS} more scores."))
    if len(data.plan.problems) > ROWS:
        notes.append(paragraph(f"Left out: {len(data.plan.problems) - ROWS} problems; judgements.jsonl has them."))
    return Section("problems", "Problems", (*notes, _controls(data), listed))


def _rows(data: ReportData, columns: Sequence[tuple[str, str]]) -> Iterator[Sequence[Cell | Child]]:
    days = data.sources.days()
    for question_id, facts in list(data.plan.problems.items())[:ROWS]:
        day = days.get(question_id)
        yield (
            shown(question_id, limit=80),
            shown(data.sources.title(question_id), limit=120),
            Cell(facts.difficulty, {"easy": 1, "medium": 2, "hard": 3}.get(facts.difficulty, 4)),
            facts.platform,
            facts.month if day is None else day.isoformat(),
            *(_count(data.cells[column].get(question_id)) for column in columns),
        )


def _count(cell: Count | None) -> Cell:
    if cell is None or not cell.total:
        return number("", -1)
    unknown = cell.total - cell.judged
    words = f"{cell.passed} of {cell.total}" + (f", {unknown} without a verdict" if unknown else "")
    return number(words, cell.passed / cell.total)


def _controls(data: ReportData) -> Html:
    """Shown by the page's script only: without it they would do nothing."""
    return element(
        "div",
        element("label", "Text ", element("input", type="search", id="filter-text", autocomplete="off")),
        _choice("Difficulty", "filter-difficulty", 2, {facts.difficulty for facts in data.plan.problems.values()}),
        _choice("Platform", "filter-platform", 3, {facts.platform for facts in data.plan.problems.values()}),
        element("button", "Clear", type="button", id="filter-clear"),
        element("span", id="filter-count", role="status"),
        id="filters",
        hidden=True,
        role="search",
        aria_label="Filter the problems",
    )


def _choice(name: str, id_: str, column: int, values: set[str]) -> Html:
    options = [element("option", "all", value="")]
    options += [element("option", value, value=value) for value in sorted(values)[:20]]
    return element("label", f"{name} ", element("select", options, id=id_, data_column=column))
