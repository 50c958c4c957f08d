"""`livecodebench report` with --html, and of several folders."""

from __future__ import annotations

import json

import pytest

from tests.unit.report.samples import AC, WA, Sample


@pytest.fixture
def sample(tmp_path):
    return Sample(tmp_path, verdicts={"p": [AC, WA], "q": [AC, AC]})


def test_the_page_is_written_and_standard_output_stays(cli, sample, tmp_path):
    target = tmp_path / "report.html"
    plain = cli("report", sample.folder)
    ended = cli(
        "report", sample.folder, "--html", target, "--generations", sample.generations, "--cutoff", "2024-05-01"
    )
    assert (ended.status, ended.out) == (0, plain.out)
    assert ended.err == f"wrote {target}\n"
    assert "before 2024-05-01" in target.read_text()
    assert cli("report", sample.folder, "--json", "--html", target).out == cli("report", sample.folder, "--json").out


def test_the_page_is_the_same_every_time(cli, sample, tmp_path):
    for name in ("a.html", "b.html"):
        assert cli("report", sample.folder, "--html", tmp_path / name).status == 0
    assert (tmp_path / "a.html").read_bytes() == (tmp_path / "b.html").read_bytes()


def test_only_a_report_is_replaced(cli, sample, tmp_path):
    target = tmp_path / "report.html"
    assert cli("report", sample.folder, "--html", target).status == 0
    again = cli("report", sample.folder, "--html", target)
    assert (again.status, f"wrote {target}, in place of the report that was there" in again.err) == (0, True)
    target.write_text("my notes")
    ended = cli("report", sample.folder, "--html", target)
    assert (ended.status, ended.out, target.read_text()) == (2, "", "my notes")
    assert "is there already and is no report of ours: choose another name" in ended.err
    assert cli("report", sample.folder, "--html", tmp_path).status == 2
    assert "there is no folder" in cli("report", sample.folder, "--html", tmp_path / "no" / "x.html").err
    assert not list(tmp_path.glob(".*.tmp"))


def test_a_disk_that_refuses(cli, sample, tmp_path):
    target = tmp_path / ("x" * 250 + ".html")  # its temporary name is too long for the file system
    ended = cli("report", sample.folder, "--html", target)
    assert (ended.status, ended.out) == (74, "")
    assert "cannot write: File name too long; choose another file" in ended.err


def test_what_does_not_fit_is_refused(cli, sample, tmp_path):
    target = tmp_path / "report.html"

    def refused(*options):
        ended = cli("report", sample.folder, *options)
        assert (ended.status, ended.out, target.exists()) == (2, "", False)
        return ended.err

    assert "--cutoff: goes with --html" in refused("--cutoff", "2024-05-01")
    assert "is no day" in refused("--html", target, "--cutoff", "May")
    assert "is not the dataset of these results" in refused("--html", target, "--dataset", "mini")
    assert "no.jsonl: no such file" in refused("--html", target, "--generations", tmp_path / "no.jsonl")


def test_two_folders(cli, sample, tmp_path):
    (tmp_path / "other").mkdir()
    other = Sample(tmp_path / "other", verdicts={"p": [AC, AC], "q": [AC, AC]}, model="n")
    target = tmp_path / "compared.html"
    ended = cli("report", sample.folder, other.folder, "--html", target)
    assert ended.status == 0
    assert ended.out.startswith("n against m, standard\n")
    assert "Gained" in target.read_text()
    document = json.loads(cli("report", sample.folder, other.folder, "--json").out)
    assert document["schema"] == 1
    assert document["comparisons"][0]["problems"]["all"]["pass@1"] == [0.75, 1.0]
    assert "goes with --html and one folder" in cli("report", sample.folder, other.folder, "--cutoff", "2024-01-01").err


def test_several_models_of_one_folder_stay_one_report(cli, sample):
    assert cli("report", sample.folder, sample.folder).status == 0
