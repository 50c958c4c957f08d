"""The report of several results side by side."""

from __future__ import annotations

from collections.abc import Sequence

from livecodebench.report.comparison import RESAMPLES, SEED, Comparison, ProblemPair
from livecodebench.report.estimate import percent, points
from livecodebench.report.html.charts.intervals import difference_chart
from livecodebench.report.html.markup import Child, Html, shown
from livecodebench.report.html.page import page
from livecodebench.report.html.sections import Section, heading, paragraph
from livecodebench.report.html.tables import Cell, figure, number, table

CHANGED = 200  # problems listed each way

_HOW = (
    "To the right of 0 it is better than the first. Problems are paired. The interval is a percentile bootstrap over "
    f"problems ({RESAMPLES:,} resamples, seed {SEED}); the test is McNemar's exact one, two-sided, on the problems "
    "that changed. Neither corrects for several comparisons."
)


def comparison_page(comparisons: Sequence[Comparison]) -> str:
    """The HTML document."""
    first = comparisons[0].first
    rows = [(one.other, one.groups[0].change) for one in comparisons]
    chart = difference_chart(f"pass@1 minus that of {first}, in points", rows[:40])
    overview = figure("Difference of pass@1, in points", chart, _overview(comparisons), note=_HOW)
    sections = [Section("differences", f"Against {first}", (overview,))]
    sections += [_section(f"comparison-{index}", one) for index, one in enumerate(comparisons, start=1)]
    lead = paragraph(
        f"Grading {comparisons[0].grading}. Each is compared with {first}, on the problems that both answered."
    )
    return page("LiveCodeBench results compared", [lead], sections)


def _overview(comparisons: Sequence[Comparison]) -> Html:
    rows: list[Sequence[Cell | Child]] = []
    for one in comparisons:
        whole = one.groups[0]
        rows.append(
            (
                one.other,
                number(whole.problems),
                number(percent(whole.before)),
                number(percent(whole.after)),
                number(points(whole.change.value)),
                number(f"{points(whole.change.low)} to {points(whole.change.high)}"),
                number(len(one.gained)),
                number(len(one.lost)),
                number(f"{one.p_value:.3g}"),
            )
        )
    headings = ("result", "problems", "first", "other", "difference", "95% interval", "gained", "lost", "p (McNemar)")
    return table(f"Compared with {comparisons[0].first}", headings, rows)


def _section(name: str, one: Comparison) -> Section:
    rows = [(group.name, group.change) for group in one.groups]
    title = f"{one.other} minus {one.first}"
    chart = difference_chart(f"{title}, in points", rows)
    body = [
        (
            group.name,
            number(group.problems),
            number(percent(group.before)),
            number(percent(group.after)),
            number(points(group.change.value)),
            number(f"{points(group.change.low)} to {points(group.change.high)}"),
        )
        for group in one.groups
    ]
    groups = table(title, ("problems", "number", "first", "other", "difference", "95% interval"), body)
    said = (
        f"Better on {len(one.gained)} and worse on {len(one.lost)} of {one.groups[0].problems} problems; McNemar's "
        f"exact test: p = {one.p_value:.3g}."
    )
    left_out = (
        paragraph(f"Not compared: {one.left_out} problems, which one of the two lacks or has not all verdicts of.")
        if one.left_out
        else None
    )
    notes = [paragraph(shown(note, limit=500), warning=True) for note in one.notes[:20]]
    changed = (*_changed("Gained", one.gained), *_changed("Lost", one.lost))
    return Section(
        name, title, (*notes, paragraph(said), left_out, figure(f"{title}, in points", chart, groups), *changed)
    )


def _changed(name: str, pairs: Sequence[ProblemPair]) -> list[Html]:
    if not pairs:
        return [heading(name), paragraph("No problem.")]
    rows = [
        (shown(pair.question_id, limit=80), number(percent(float(pair.before))), number(percent(float(pair.after))))
        for pair in pairs[:CHANGED]
    ]
    listed = table(f"Problems {name.lower()}", ("problem", "first", "other"), rows)
    rest = len(pairs) - CHANGED
    return [heading(name), listed, *([paragraph(f"Left out: {rest} more.")] if rest > 0 else [])]
