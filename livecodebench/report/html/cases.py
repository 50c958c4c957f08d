"""Single submissions: lists that link to a card each, with the program, the first failing test and the reason."""

from __future__ import annotations

from collections.abc import Sequence

from livecodebench.report.data import Case, ReportData, named
from livecodebench.report.evidence import FailedTest, Seen
from livecodebench.report.html.markup import Child, Html, element, join, shown
from livecodebench.report.html.scores import plural
from livecodebench.report.html.sections import Section, heading, paragraph
from livecodebench.report.html.tables import Cell, number, table
from livecodebench.report.html.usage import mib
from livecodebench.results.record import Key

PROGRAM = 6000  # characters
EXCERPT = 600


class Cards:
    """The cards of a page, each submission once, wherever it is listed."""

    def __init__(self, data: ReportData) -> None:
        self._data = data
        self._numbers: dict[Key, int] = {}
        self._cases: list[Case] = []

    def link(self, case: Case) -> Html:
        """A link to the card of a submission."""
        if case.key not in self._numbers:
            self._numbers[case.key] = len(self._numbers) + 1
            self._cases.append(case)
        _, question_id, sample = case.key
        return element("a", f"{question_id} #{sample}", href=f"#card-{self._numbers[case.key]}")

    def section(self) -> Section:
        """All cards that were linked to."""
        cards = [self._card(number, case) for number, case in enumerate(self._cases, start=1)]
        note = paragraph(
            f"The {len(cards)} submissions that the lists above name. A program is cut to {PROGRAM} characters, an "
            f"input or output to {EXCERPT}; characters that could act on the page or the "
            "reading direction are shown escaped."
        )
        return Section("programs", "Programs", (note, *cards))

    def _card(self, index: int, case: Case) -> Html:
        model, question_id, sample = case.key
        title = self._data.sources.title(question_id)
        name = f"{question_id}{f' ({shown(title, limit=120)})' if title else ''}, sample {sample}, {named(model)}"
        said = "; ".join(f"{one.record.grading}: {_verdict(one)}" for one in case.seen)
        return element(
            "details",
            element("summary", element("bdi", name), ": ", element("strong", said)),
            element("div", [_told(one) for one in case.seen], self._material(case), id=f"card-{index}", tabindex=-1),
            class_="card",
        )

    def _material(self, case: Case) -> Html:
        parts: list[Html] = []
        if case.reason:
            parts.append(paragraph(f"Why the gradings differ: {case.reason}."))
        if case.test is not None:
            parts.append(_block("Input of the test", case.test.input, EXCERPT))
            parts.append(_block("Expected", case.test.output, EXCERPT))
        if case.program is not None:
            parts.append(_block("Program", case.program or "(empty)", PROGRAM))
        return join(parts)


def case_sections(data: ReportData, cards: Cards) -> list[Section]:
    """The lists."""
    sections = []
    if len(data.gradings) > 1:
        sections.append(_disagreements(data, cards))
    sections.append(_errors(data, cards))
    sections.append(
        Section(
            "notable",
            "Slowest, nearest to a limit, and failures",
            (
                heading("Slowest"),
                paragraph(_bounded("By CPU time of the slowest test", data, "slowest", data.evidence.slowest.offered)),
                _list("Slowest submissions", data.cases["slowest"], cards),
                heading("Nearest to a limit"),
                paragraph(
                    _bounded(
                        "Accepted with the largest share of a limit: a slower machine may not accept them",
                        data,
                        "nearest",
                        data.evidence.nearest.offered,
                    )
                ),
                _list("Accepted submissions nearest to a limit", data.cases["nearest"], cards),
                heading("Failures"),
                paragraph("The first few of each verdict, by problem."),
                _list("Failed submissions", data.cases["failures"], cards),
            ),
        )
    )
    return sections


def _bounded(words: str, data: ReportData, name: str, offered: int) -> str:
    listed = len(data.cases[name])
    return f"{words}." + (f" {listed} of {offered} are listed." if offered > listed else "")


def _list(caption: str, cases: Sequence[Case], cards: Cards) -> Html:
    if not cases:
        return paragraph("There are none.")
    rows: list[Sequence[Cell | Child]] = []
    for case in cases:
        one = case.seen[0]
        rows.append(
            (
                cards.link(case),
                named(one.record.model),
                _verdict(one),
                number(f"{one.cpu_s:.2f} s", one.cpu_s),
                number(mib(one.max_rss_bytes), one.max_rss_bytes),
                number(f"{one.tests_run} of {one.tests_total}"),
                _reason(one),
            )
        )
    return table(caption, ("submission", "model", "verdict", "CPU", "memory", "tests run", "first failure"), rows)


def _errors(data: ReportData, cards: Cards) -> Section:
    errors = data.evidence.errors
    if not errors:
        return Section("errors", "Infrastructure errors", (paragraph("There are none."),))
    counts = table(
        "Infrastructure errors by type",
        ("type", "submissions"),
        [(name, number(n)) for name, n in errors.most_common(20)],
    )
    rows = [
        (cards.link(case), named(case.key[0]), shown(case.seen[0].error, limit=300)) for case in data.cases["errors"]
    ]
    total = errors.total()
    ended_so = plural(total, "judgement ended", "judgements ended")
    note = f"{total} {ended_so} without a verdict; the same command judges them again."
    listed = f" The first {len(rows)} are listed." if total > len(rows) else ""
    examples = table("Submissions without a verdict", ("submission", "model", "error"), rows)
    return Section("errors", "Infrastructure errors", (paragraph(note + listed, warning=True), counts, examples))


def _disagreements(data: ReportData, cards: Cards) -> Section:
    found = data.summary["disagreements"]
    one, other = data.gradings
    said = paragraph(f"The gradings differ on {found['differing']} of {found['compared']} submissions.")
    if not found["differing"]:
        return Section("disagreements", "Disagreements of the gradings", (said,))
    counts = table(
        "Disagreements by reason",
        ("reason", f"accepted by {one}", f"accepted by {other}"),
        [
            (reason, number(n[f"accepted_by_{one}"]), number(n[f"accepted_by_{other}"]))
            for reason, n in found["by_reason"].items()
        ],
    )
    rows = [
        (cards.link(case), named(case.key[0]), *(_verdict(seen) for seen in case.seen), case.reason)
        for case in data.cases["disagreements"]
    ]
    listed = table(
        "Submissions that the gradings judge differently", ("submission", "model", one, other, "reason"), rows
    )
    rest = found["differing"] - len(rows)
    more = paragraph(f"{rest} more are left out; summary.json has them.") if rest else None
    return Section("disagreements", "Disagreements of the gradings", (said, counts, listed, more))


def _verdict(one: Seen) -> str:
    return "no verdict" if one.record.verdict is None else one.record.verdict.replace("_", " ")


def _reason(one: Seen) -> str:
    if one.error:
        return shown(one.error, limit=300)
    if one.failed is not None:
        return f"test {one.failed.index}: {ended(one.failed)}"
    return shown(one.detail.strip().rpartition("\n")[2], limit=200)


def ended(failed: FailedTest) -> str:
    """Why a test failed, from the judge's words, or from how the execution ended where a folder has none."""
    if failed.reason:
        return shown(failed.reason, limit=300).replace("\n", " ")
    verdict = failed.verdict.replace("_", " ")
    if failed.signal is not None:
        return f"{verdict}, ended by signal {failed.signal}"
    return f"{verdict}, exit status {failed.exit_code}" if failed.exit_code else verdict


def _told(one: Seen) -> Html:
    grading = one.record.grading
    if one.error:
        return paragraph(f"{grading}: {shown(one.error, limit=1000)}")
    memory = mib(one.max_rss_bytes)
    measured = f"a test took at most {one.cpu_s:.3f} s of CPU, {one.wall_s:.3f} s by the clock, {memory}"
    if one.failed is None:
        words = f"{grading}: {_verdict(one)}, {one.tests_run} of {one.tests_total} tests run; {measured}"
        return join(paragraph(words), _block("Details", one.detail, EXCERPT) if one.detail else None)
    where = f"first failure at test {one.failed.index} of {one.tests_total} (counted from 0)"
    return paragraph(f"{grading}: {where}: {ended(one.failed)}; {measured}")


def _block(name: str, text: str, limit: int) -> Html:
    region = element("pre", element("code", shown(text, limit=limit)), tabindex=0, role="region", aria_label=name)
    return join(element("h4", name), region)
