"""The page as a whole: what it says, and that no text of strangers changes what it is."""

from __future__ import annotations

import base64
import hashlib
import re

import pytest

from livecodebench.report.data import gather
from livecodebench.report.html.report_page import report_page
from tests.unit.report.samples import AC, CE, TLE, WA, Parsed, Sample

VERDICTS = {"p": [AC, WA], "q": [TLE, CE], "r": [AC, None]}
HOSTILE = [
    "</script></style></title></textarea><script>alert(1)</script>",
    '"><svg onload=alert(1)><a href=javascript:alert(1)>',
    "<!-- <![CDATA[ --!> <base href=//x> <meta http-equiv=refresh content=0>",
    "‮⁦‏ \x1b]0;title\x07 \x00 \x9b31m \u2028",
    "&quot;&gt;&lt;img&gt; %3Cscript%3E ' ` ${1} {{1}}",
    "word " * 20_000,
    "x" * 300_000,
]


@pytest.fixture(scope="module")
def sample(tmp_path_factory):
    return Sample(tmp_path_factory.mktemp("plain"), verdicts=VERDICTS)


def page_of(sample, **options):
    data = gather(sample.folder, generations=sample.generations, **options)
    return report_page(data)


@pytest.fixture(scope="module")
def page(sample):
    return Parsed(page_of(sample, cutoffs=["2024-05-10"]))


def test_it_loads_and_runs_nothing_but_its_own(page):
    assert all(link.startswith("#") for link in page.links)
    assert not {"img", "iframe", "object", "embed", "link", "base", "form"} & {tag for tag, _ in page.elements}
    assert not [name for _, names in page.elements for name in names if name.startswith("on") or name == "style"]
    (script,), (style,) = page.scripts, page.styles
    for kind, content in (("script", script), ("style", style)):
        digest = base64.b64encode(hashlib.sha256(content.encode()).digest()).decode()
        assert f"{kind}-src 'sha256-{digest}'" in page.policy
    assert page.policy.startswith("default-src 'none'")
    assert "unsafe" not in page.policy
    assert not re.search(r"https?:|url\(|@import|eval|innerHTML", script + style)


def test_every_element_is_closed_and_every_link_leads_somewhere(sample, page):
    assert page.open == []
    text = page_of(sample)
    ids = re.findall(r' id="([^"]+)"', text)
    assert len(ids) == len(set(ids))
    assert {link[1:] for link in page.links} <= set(ids)


def test_every_chart_speaks_and_has_a_table(sample):
    text = page_of(sample)
    charts = re.findall(r"<figure>.*?</figure>", text, re.S)
    assert len(charts) >= 7
    for chart in charts:
        assert "<svg viewBox" in chart
        assert re.search(r'role="img" aria-label="[^"]{10,}', chart)
        assert "<details><summary>Figures: " in chart
        assert '<th scope="col">' in chart
        assert "<caption>" in chart


def test_for_the_keyboard(page):
    tags = [tag for tag, _ in page.elements]
    first_link = tags.index("a")
    assert tags.index("nav") > first_link  # the link that skips the contents comes before them
    assert page.links[0] == "#main"
    scrolling = [names for tag, names in page.elements if tag == "pre"]
    assert scrolling
    assert all("tabindex" in names for names in scrolling)


def test_what_it_says(page):
    said = " ".join(page.text.split())
    assert "1 submission has no verdict because the infrastructure failed" in said
    assert (
        "m: 25.0% on 2 problems before 2024-05-10, 50.0 to 100.0% (verdicts missing) on 1 problem from then on." in said
    )
    assert "SandboxLost" in said
    assert "first failure at test 0 of 3" in said
    assert "line 1 differs" in said
    assert "Input of the test" in said
    assert "Twice" in said
    assert "2024-05-20" in said


def test_scores_with_an_error_are_ranges(page):
    said = " ".join(page.text.split())
    assert "33.3 to 50.0%" in said  # (1/2 + 0 + [1/2, 1]) / 3


@pytest.mark.parametrize("text", HOSTILE)
def test_no_text_changes_the_page(sample, tmp_path, text):
    """The same elements with the same attributes, whatever titles, programs, reasons, errors and names say."""
    plain = Sample(tmp_path, verdicts=VERDICTS, title="t", code="c", reason="r", error="e", detail="d", model="n")
    (tmp_path / "hostile").mkdir()
    names = dict(zip([f"{text[:3000]}{n}" for n in range(3)], VERDICTS.values(), strict=True))
    hostile = Sample(
        tmp_path / "hostile",
        verdicts=names,
        title=text,
        code=text,
        reason=text,
        error=text,
        detail=text,
        model=text[:3000],
    )
    page = page_of(hostile)
    assert Parsed(page).elements == Parsed(page_of(plain)).elements
    assert all(char.isprintable() or char in "\n\t" for char in page)
    assert len(page) < 2_000_000
    page.encode()


def test_without_dataset_and_programs_it_says_what_to_pass(sample, tmp_path):
    sample = Sample(tmp_path, verdicts=VERDICTS)
    sample.dataset.unlink()
    data = gather(sample.folder)
    said = " ".join(Parsed(report_page(data)).text.split())
    assert "pass the run's dataset with --dataset" in said
    assert "pass the file that was judged with --generations" in said
    assert "Twice" not in said


def test_gradings_side_by_side(tmp_path):
    sample = Sample(tmp_path, verdicts={"p": [(AC, AC), (WA, AC)]}, grading="both")
    said = " ".join(Parsed(page_of(sample)).text.split())
    assert "The gradings differ on 1 of 2 submissions." in said
    assert "Why the gradings differ: stdin." in said
    assert "m, standard" in said
    assert "m, official" in said


def test_nothing_judged_yet(tmp_path):
    sample = Sample(tmp_path, verdicts=VERDICTS)
    (sample.folder / "judgements.jsonl").write_text("")
    said = " ".join(Parsed(page_of(sample)).text.split())
    assert "6 submissions are not judged yet" in said
    assert "0.0 to 100.0%" in said


def test_a_hundred_models_and_what_is_left_out(tmp_path):
    from livecodebench.results.folder import ResultsFolder
    from livecodebench.results.plan import Plan, ProblemFacts
    from tests.unit.report.samples import LIMITS

    plan = Plan(1, {"p": ProblemFacts("easy", "atcoder", "no month")}, {f"m{n}": {"p": 1} for n in range(100)})
    fingerprint = {
        "dataset": {"name": "release_v5", "revision": "r", "filters": {}},
        "grading": "standard",
        "limits": LIMITS,
    }
    with ResultsFolder(tmp_path / "out", fingerprint=fingerprint, plan=plan):
        pass
    said = " ".join(Parsed(report_page(gather(tmp_path / "out"))).text.split())
    assert "Left out here: 92 more of the scores above" in said
    assert "Left out: the columns of 94 more scores." in said
    assert "m99" in said
