"""Scores over the date of the contest: where a model has seen the problems, the score tends to drop at its cut-off."""

from __future__ import annotations

from livecodebench.report.cutoff import BeforeAfter
from livecodebench.report.data import ReportData
from livecodebench.report.estimate import Difference, Estimate, points
from livecodebench.report.html.charts.timeline import timeline
from livecodebench.report.html.markup import Child, Html
from livecodebench.report.html.scores import estimate_table, first, label, left_out, plural
from livecodebench.report.html.sections import Section, paragraph
from livecodebench.report.html.tables import figure, number, table


def month_section(data: ReportData) -> Section:
    """The contamination plot of each model, and the scores on both sides of its cut-off."""
    shown: list[Child] = [
        paragraph(
            "Each dot is the score of the problems whose contest was in that month, with its 95 % interval. A model "
            "that was trained on early problems scores higher on them than on those after its training data ended."
        )
    ]
    if not data.around:
        shown.append(
            paragraph("No cut-off is marked: pass --cutoff DATE or --cutoff MODEL=DATE to compare both sides.")
        )
    for grading, model, block in first(data):
        name = f"pass@1 by month of contest: {label(data, grading, model)}"
        months = {month: Estimate.of_block(part) for month, part in block["by"]["month"].items()}
        around = data.around.get((grading, model))
        chart = timeline(name, months, cutoff=None if around is None else around.cutoff)
        shown.append(figure(name, chart, estimate_table(name, "month", list(months.items()))))
        if around is not None:
            shown += _around(label(data, grading, model), around)
    if data.around:
        shown.append(
            paragraph(
                "A change mixes contamination with problems growing harder or easier: compare within a difficulty, and "
                "with a model of another cut-off."
            )
        )
    return Section("month", "Over time", (*shown, *left_out(data)))


def _around(name: str, around: BeforeAfter) -> list[Html]:
    whole = around.splits[0] if around.splits else None
    shown = []
    if whole is not None:
        shown.append(
            paragraph(
                f"{name}: {_side(whole.before)} before {around.cutoff.isoformat()}, {_side(whole.after)} from then on"
                f"{_change(whole.change)}."
            )
        )
    rows = [
        (
            split.name,
            number(split.before.spoken),
            number(split.before.span),
            number(split.before.problems),
            number(split.after.spoken),
            number(split.after.span),
            number(split.after.problems),
            number("" if split.change is None else _spoken(split.change)),
        )
        for split in around.splits
    ]
    headings = (
        "problems",
        "before",
        "interval",
        "problems before",
        "after",
        "interval",
        "problems after",
        "change, points",
    )
    shown.append(table(f"Before and after {around.cutoff.isoformat()}: {name}", headings, rows))
    if around.undated:
        shown.append(
            paragraph(
                f"{around.undated} {plural(around.undated, 'problem', 'problems')} of the cut-off's month "
                f"{plural(around.undated, 'is', 'are')} on neither side, as the day is not known: pass --dataset."
            )
        )
    return shown


def _side(score: Estimate) -> str:
    return f"{score.spoken} on {score.counted}" if score.problems else "no problem"


def _change(change: Difference | None) -> str:
    return "" if change is None else f"; the change is {_spoken(change)} points (95 % interval)"


def _spoken(change: Difference) -> str:
    return f"{points(change.value)} ({points(change.low)} to {points(change.high)})"
