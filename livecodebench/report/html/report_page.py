"""The report of one results folder."""

from __future__ import annotations

import json
from collections.abc import Iterator

from livecodebench.report.data import ReportData
from livecodebench.report.html.cases import Cards, case_sections
from livecodebench.report.html.markup import Html, element
from livecodebench.report.html.months import month_section
from livecodebench.report.html.page import page
from livecodebench.report.html.problems import problem_section
from livecodebench.report.html.scores import score_section, split_sections
from livecodebench.report.html.sections import Section, paragraph
from livecodebench.report.html.tables import table
from livecodebench.report.html.usage import mib, usage_section, verdict_section


def report_page(data: ReportData) -> str:
    """The HTML document."""
    cards = Cards(data)
    sections = [
        score_section(data),
        *split_sections(data),
        month_section(data),
        verdict_section(data),
        usage_section(data),
        *case_sections(data, cards),
        problem_section(data),
        cards.section(),
        _run_section(data),
    ]
    dataset = data.summary["dataset"]["name"]
    models = ", ".join(data.models[:3]) + (f" and {len(data.models) - 3} more" if len(data.models) > 3 else "")
    lead = paragraph(f"Dataset {dataset}. Grading {', '.join(data.gradings)}. {_counted(data)}")
    return page(f"LiveCodeBench results: {models}", [lead, _notes(data)], sections)


def _counted(data: ReportData) -> str:
    block = data.block(data.gradings[0])
    missing = f", {data.summary['problems_missing']} problems without one" if data.summary["problems_missing"] else ""
    return f"{block['submissions']} submissions for {block['problems']} problems{missing}."


def _notes(data: ReportData) -> Html | None:
    if not data.sources.notes:
        return None
    return element("ul", [element("li", note) for note in data.sources.notes[:10]], class_="notes")


def _run_section(data: ReportData) -> Section:
    rows = list(_facts(data))
    return Section("run", "How it was run", (table("The run", ("what", "value"), rows),))


def _facts(data: ReportData) -> Iterator[tuple[str, str]]:
    dataset, sandbox = data.summary["dataset"], data.summary["sandbox"]
    fingerprint = data.run.fingerprint
    yield "dataset", f"{dataset['name']}, revision {dataset['revision']}"
    yield "filters", json.dumps(dataset["filters"], sort_keys=True) if dataset["filters"] else "none"
    yield "grading", ", ".join(data.gradings)
    yield "limits of a test", f"{data.limits.cpu_s:g} s of CPU time, {mib(data.limits.memory_bytes)} of address space"
    if calibration := data.summary.get("calibration"):
        yield "calibration", f"a program takes {calibration['factor']:.2f} times the reference machine's time"
    yield "tests", "all" if fingerprint.get("all_tests") else "until the first failure"
    yield "extraction", str(fingerprint.get("extraction", "official"))
    yield "version", str(fingerprint.get("version", "not recorded"))
    for name, value in sorted(sandbox.items()) if sandbox else ():
        if name != "mixed":
            yield f"sandbox: {name}", value if isinstance(value, str) else json.dumps(value, sort_keys=True)
    for index, session in enumerate(data.run.sessions[-20:], start=max(1, len(data.run.sessions) - 19)):
        yield f"session {index}", session["started"]
