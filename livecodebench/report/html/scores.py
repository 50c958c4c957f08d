"""Scores with their intervals, whole and by difficulty and platform."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any

from livecodebench.report.data import ReportData
from livecodebench.report.estimate import Estimate, percent
from livecodebench.report.html.charts.intervals import interval_chart
from livecodebench.report.html.markup import Child, Html
from livecodebench.report.html.sections import Section, paragraph
from livecodebench.report.html.tables import Cell, figure, number, table
from livecodebench.results.summary import STANDARD_K

MODELS = 40  # in a chart; tables have all
DETAILED = 8  # with charts of their own

_INTERVAL = (
    "The interval is Wilson's at 95 %, over problems: it says how the score might move with another sample of "
    "problems of this kind."
)


def score_section(data: ReportData) -> Section:
    """pass@1 of each model, and what stands against trusting it."""
    rows = [(label(data, grading, model), block) for grading, model, block in data.scores()]
    scores = [(name, Estimate.of_block(block)) for name, block in rows]
    chart = interval_chart("pass@1", scores[:MODELS])
    note = _INTERVAL + (f" The chart has the first {MODELS}." if len(scores) > MODELS else "")
    return Section("score", "Score", (*warnings(data), figure("pass@1", chart, _table(rows), note=note)))


def split_sections(data: ReportData) -> Iterator[Section]:
    """By difficulty, and by platform."""
    for split, title in (("difficulty", "By difficulty"), ("platform", "By platform")):
        shown: list[Child] = []
        for grading, model, block in first(data):
            name = label(data, grading, model)
            shown.append(_split(f"pass@1 by {split}: {name}", block["by"][split]))
        shown += left_out(data)
        yield Section(split, title, tuple(shown))


def label(data: ReportData, grading: str, model: str) -> str:
    """A model, with the grading where there are two."""
    name = "(no model named)" if model == "null" else model
    return f"{name}, {grading}" if len(data.gradings) > 1 else name


def first(data: ReportData) -> list[tuple[str, str, Mapping[str, Any]]]:
    """The scores that get charts of their own."""
    return list(data.scores())[:DETAILED]


def left_out(data: ReportData) -> list[Child]:
    """Says which do not."""
    rest = len(data.gradings) * len(data.models) - DETAILED
    if rest <= 0:
        return []
    return [paragraph(f"Left out here: {rest} more of the scores above; --json has them all.")]


def warnings(data: ReportData) -> Iterator[Html]:
    """What a score must not be read without."""
    blocks = [data.block(grading) for grading in data.gradings]
    if errors := max(int(block["errors"]) for block in blocks):
        yield paragraph(
            f"{errors} {plural(errors, 'submission has', 'submissions have')} no verdict because the infrastructure "
            "failed. They count as neither right nor wrong, so the score is open: a range stands in its place.",
            warning=True,
        )
    if waiting := max(int(block["submissions"] - block["judged"] - block["errors"]) for block in blocks):
        yield paragraph(
            f"{waiting} {plural(waiting, 'submission is', 'submissions are')} not judged yet.", warning=True
        )
    for grading, block in zip(data.gradings, blocks, strict=True):
        if near := block.get("near_limit"):
            yield paragraph(
                f"{near} {plural(near, 'verdict comes', 'verdicts come')} of tests within 20 % of a limit ({grading}): "
                "another machine may differ."
            )
        if cheats := block.get("cheats"):
            yield paragraph(
                f"{cheats} {plural(cheats, 'program', 'programs')} would have deceived the official grader "
                f"({grading}).",
                warning=True,
            )
    if "mixed" in (data.summary["sandbox"] or {}):
        yield paragraph("Sessions of this run had different sandboxes, which can change verdicts.", warning=True)


def plural(count: int, one: str, many: str) -> str:
    """The form that goes with a number."""
    return one if count == 1 else many


def estimate_cells(score: Estimate) -> list[Cell]:
    """Score, interval, problems, submissions and errors."""
    return [
        number(score.spoken, score.value),
        number(score.span if score.value is not None else ""),
        number(score.problems),
        number(score.submissions),
        number(score.errors),
    ]


ESTIMATE_HEADINGS = ("pass@1", "95% interval", "problems", "submissions", "infrastructure errors")


def estimate_table(caption: str, first_heading: str, rows: Iterable[tuple[str, Estimate]]) -> Html:
    """A table of scores."""
    return table(caption, (first_heading, *ESTIMATE_HEADINGS), [(name, *estimate_cells(score)) for name, score in rows])


def _split(name: str, by: Mapping[str, Any]) -> Html:
    scores = [(value, Estimate.of_block(block)) for value, block in by.items()]
    return figure(name, interval_chart(name, scores), estimate_table(name, "problems that are", scores))


def _table(rows: Sequence[tuple[str, Mapping[str, Any]]]) -> Html:
    rates = [name for k in STANDARD_K[1:] if any((name := f"pass@{k}") in block for _, block in rows)]
    body: list[Sequence[Cell | Child]] = [
        (name, *estimate_cells(Estimate.of_block(block)), *(number(_rate(block.get(rate))) for rate in rates))
        for name, block in rows
    ]
    return table("pass@1 and pass@k", ("model", *ESTIMATE_HEADINGS, *rates), body)


def _rate(value: float | None) -> str:
    return "" if value is None else percent(value)
