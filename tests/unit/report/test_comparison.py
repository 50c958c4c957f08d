from __future__ import annotations

import io
import json
import random
from pathlib import Path

import pytest

from livecodebench.errors import InputError
from livecodebench.report.comparison import compare_folders, mcnemar, paired_bootstrap, told_apart
from livecodebench.report.comparison_table import print_comparisons
from livecodebench.report.html.comparison_page import comparison_page
from tests.unit.report.samples import AC, TLE, WA, Parsed, Sample


@pytest.mark.parametrize(
    ("gained", "lost", "p"),
    [
        (0, 0, 1.0),
        (1, 0, 1.0),
        (5, 5, 1.0),
        (6, 0, 0.03125),
        (9, 1, 0.021484375),
        (1, 9, 0.021484375),
        (25, 10, 0.0167),
    ],
)
def test_mcnemar_is_a_two_sided_binomial_test(gained, lost, p):
    assert mcnemar(gained, lost) == pytest.approx(p, rel=5e-3)


def test_the_bootstrap_agrees_with_one_that_resamples_by_hand():
    rng = random.Random(5)
    values = [rng.choice([-1, 0, 0, 0, 0.5, 1]) for _ in range(200)]
    means = sorted(sum(rng.choices(values, k=200)) / 200 for _ in range(2000))
    low, high = paired_bootstrap(values)
    assert low == pytest.approx(means[50], abs=0.02)
    assert high == pytest.approx(means[1950], abs=0.02)
    assert paired_bootstrap(values) == (low, high)
    assert paired_bootstrap([0.0, 0.0]) == (0.0, 0.0)


@pytest.fixture
def two(tmp_path):
    def two(first, other, *, model="n", **more):
        for name in ("a", "b"):
            (tmp_path / name).mkdir()
        return [
            Sample(tmp_path / "a", verdicts=first).folder,
            Sample(tmp_path / "b", verdicts=other, model=model, **more).folder,
        ]

    return two


def test_problems_are_paired(two):
    folders = two({"p": [AC, WA], "q": [AC, AC], "r": [WA, WA]}, {"p": [AC, AC], "q": [WA, AC], "r": [AC, AC]})
    (found,) = compare_folders(folders)
    assert (found.first, found.other, found.grading, found.left_out) == ("m", "n", "standard", 0)
    whole = found.groups[0]
    assert (whole.problems, whole.before, whole.after) == (3, 0.5, pytest.approx(5 / 6))
    assert whole.change.value == pytest.approx(1 / 3)
    assert -0.5 <= whole.change.low <= whole.change.value <= whole.change.high <= 1
    assert [pair.question_id for pair in found.gained] == ["r", "p"]  # most first
    assert [pair.question_id for pair in found.lost] == ["q"]
    assert found.p_value == 1.0
    assert [group.name for group in found.groups] == ["all", "easy", "medium", "hard"]


def test_the_same_model_twice_is_told_apart_by_folder(two):
    folders = two({"p": [AC]}, {"p": [WA]}, model="m")
    (found,) = compare_folders(folders)
    assert {folder.name for folder in folders} == {"out"}
    assert (found.first, found.other) == ("m in a/out", "m in b/out")


def test_folders_are_named_by_as_much_of_their_path_as_tells_them_apart(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    assert told_apart([Path("/runs/one"), Path("two")]) == ["one", "two"]
    assert told_apart([Path("/runs/a/out"), Path("/runs/b/out"), Path("c/out")]) == ["a/out", "b/out", "c/out"]
    assert told_apart([Path("out"), tmp_path / "out"]) == ["out", "out"]
    assert told_apart([Path("/out"), Path("/a/out")]) == ["/out", "a/out"]


def test_without_a_verdict_on_both_sides_a_problem_is_left_out(two):
    (found,) = compare_folders(two({"p": [AC, None], "q": [AC]}, {"p": [WA, WA], "q": [AC], "r": [AC]}))
    assert (found.groups[0].problems, found.left_out) == (1, 2)
    assert found.gained == found.lost == ()


def test_what_else_differs_is_said(two):
    (found,) = compare_folders(two({"p": [AC], "q": [AC]}, {"p": [WA]}))
    assert any("The datasets differ" in note for note in found.notes)
    assert any("dataset.revision" in note and "first, " in note and note.endswith(" other.") for note in found.notes)


def test_where_nothing_else_differs_nothing_is_said(two):
    (found,) = compare_folders(two({"p": [AC]}, {"p": [WA]}))
    assert found.notes == ()


def test_no_grading_in_common(two):
    folders = two({"p": [AC]}, {"p": [AC]}, grading="official")
    with pytest.raises(InputError, match=r"no grading in common .*standard.*official.*--grading both"):
        compare_folders(folders)


def test_of_both_the_common_grading_is_compared(two):
    (found,) = compare_folders(two({"p": [AC]}, {"p": [(WA, AC)]}, grading="both"))
    assert (found.grading, len(found.lost)) == ("standard", 1)


def test_no_problem_in_common(two):
    with pytest.raises(InputError, match="no problem in common"):
        compare_folders(two({"p": [AC]}, {"q": [AC]}))


def test_text_json_and_page_say_the_same(two):
    found = compare_folders(two({"p": [AC], "q": [WA], "r": [WA]}, {"p": [TLE], "q": [AC], "r": [AC]}))
    file = io.StringIO()
    print_comparisons(found, file=file)
    assert "Better on 2, worse on 1 problems; McNemar's exact test: p = 1." in file.getvalue()
    assert "Gained: q, r." in file.getvalue()
    document = json.loads(json.dumps(found[0].as_json()))
    assert (document["gained"], document["lost"], document["mcnemar_p"]) == (["q", "r"], ["p"], 1.0)
    page = Parsed(comparison_page(found))
    assert "Better on 2 and worse on 1 of 3 problems" in page.text
    assert "+33.3" in page.text
