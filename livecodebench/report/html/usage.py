"""What became of the submissions, and how much of their limits they used."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

from livecodebench.report.data import ReportData, named
from livecodebench.report.estimate import percent
from livecodebench.report.evidence import SHARES, Usage
from livecodebench.report.html.charts.bars import Bin, Part, histogram, share_chart
from livecodebench.report.html.markup import Child, Html, element
from livecodebench.report.html.scores import DETAILED, MODELS, label, left_out
from livecodebench.report.html.sections import Section, paragraph
from livecodebench.report.html.tables import Cell, figure, number, table
from livecodebench.verdict import Verdict

KINDS = {str(verdict): f"v-{verdict.replace('_', '-')}" for verdict in Verdict} | {
    "error": "v-error",
    "not judged": "v-waiting",
}


def verdict_section(data: ReportData) -> Section:
    """The verdict mix of each model."""
    rows = [(label(data, grading, model), parts_of(block)) for grading, model, block in data.scores()]
    chart = share_chart("Verdicts", rows[:MODELS])
    present = [
        kind for kind in KINDS if any(part.count for _, parts in rows for part in parts if part.name == _said(kind))
    ]
    body: list[Sequence[Cell | Child]] = [
        (name, *(number(part.count) for part in parts if _kept(part, present))) for name, parts in rows
    ]
    data_table = table("Submissions by verdict", ("model", *map(_said, present)), body)
    return Section(
        "verdicts", "Verdicts", (figure("Submissions by verdict", chart, data_table, legend=legend(present)),)
    )


def usage_section(data: ReportData) -> Section:
    """Time and memory against the limits."""
    shown: list[Child] = [
        paragraph(
            f"A test may take {data.limits.cpu_s:g} s of CPU time and {mib(data.limits.memory_bytes)} of memory. A "
            "submission counts with its slowest, and with its largest test; those without a test run are left out. The "
            "limit on memory is on address space, so what is measured as resident stays below it."
        )
    ]
    for (grading, model), usage in list(_merged(data).items())[:DETAILED]:
        name = label(data, grading, model)
        shown.append(_histogram(f"CPU time, in shares of the limit: {name}", usage.time))
        shown.append(_histogram(f"Memory, in shares of the limit: {name}", usage.memory))
    return Section("usage", "Time and memory", (*shown, *left_out(data)))


def parts_of(block: Mapping[str, Any]) -> list[Part]:
    """The verdicts, errors and what is not judged, as parts of a bar."""
    counts = {**block["verdicts"], "error": block["errors"]}
    counts["not judged"] = block["submissions"] - block["judged"] - block["errors"]
    return [Part(_said(name), kind, int(counts.get(name, 0))) for name, kind in KINDS.items()]


def legend(names: Sequence[str]) -> Html:
    """What the colours mean."""
    items = [
        element("li", element("span", class_=f"swatch {KINDS[name]}", aria_hidden="true"), _said(name))
        for name in names
    ]
    return element("ul", items, class_="legend")


def mib(size: float) -> str:
    """Bytes for a person."""
    return f"{size / 2**20:,.0f} MiB"


def _said(name: str) -> str:
    return "infrastructure error" if name == "error" else name.replace("_", " ")


def _kept(part: Part, present: Sequence[str]) -> bool:
    return any(part.name == _said(kind) for kind in present)


def _merged(data: ReportData) -> dict[tuple[str, str], Usage]:
    return {
        (grading, model): usage
        for grading, model, _ in data.scores()
        for (own, name), usage in data.evidence.usage.items()
        if (own, named(name)) == (grading, model)
    }


def _histogram(name: str, counts: Counter[tuple[int, bool]]) -> Html:
    bins = [
        Bin(f"to {100 * edge:g}%", counts[index, True], counts[index, False])
        for index, edge in enumerate((*SHARES, float("inf")))
    ]
    bins[-1] = replace(bins[-1], label="more")
    total = sum(counts.values()) or 1
    rows: list[Sequence[Cell | Child]] = [
        (one.label, number(one.accepted), number(one.others), number(percent((one.accepted + one.others) / total)))
        for one in bins
    ]
    data_table = table(name, ("share of the limit", "accepted", "not accepted", "of all"), rows)
    chart = histogram(name, bins, limit_before=len(SHARES))
    key = element(
        "ul",
        element("li", element("span", class_="swatch v-accepted", aria_hidden="true"), "accepted"),
        element("li", element("span", class_="swatch v-other", aria_hidden="true"), "not accepted"),
        class_="legend",
    )
    return figure(name, chart, data_table, legend=key)
