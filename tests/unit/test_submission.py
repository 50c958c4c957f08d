"""What a command line becomes as a job, and what is refused before anything is sent."""

from __future__ import annotations

import pytest

from livecodebench.cli import evaluate, grade
from livecodebench.cli.submission import prepared
from livecodebench.cli.submit import _click
from livecodebench.errors import InputError

COMMANDS = {"evaluate": _click(evaluate.evaluate), "grade": _click(grade.grade)}


@pytest.fixture
def prepare(tmp_path):
    folder = tmp_path / "sent"
    folder.mkdir()
    return lambda *words: prepared([str(word) for word in words], COMMANDS, id="job-1", folder=folder)


def test_words_go_as_they_are(prepare, tmp_path):
    words = ("evaluate", "m", "-n", "2", "--output", "s3://bucket/run", "--backend", "kubernetes", "--json")
    made = prepare(*words)
    assert (made.words, made.output, made.backend, made.as_json) == (words, "s3://bucket/run", "kubernetes", True)
    assert (made.title, made.dataset) == ("evaluate m", "release_v5")
    assert not list((tmp_path / "sent").iterdir())


def test_a_job_is_named_by_what_is_graded_without_its_folder(prepare, tmp_path):
    answers = tmp_path / "answers.jsonl"
    answers.touch()
    made = prepare("grade", answers, "--dataset", "mini")
    assert (made.title, made.dataset) == ("grade answers.jsonl", "mini")


def test_without_an_output_it_is_a_folder_of_the_head_and_that_is_said(prepare, capsys):
    made = prepare("evaluate", "m")
    assert made.output == "/tmp/livecodebench-jobs/job-1"
    assert made.words[-2:] == ("--output", made.output)
    assert "are lost with it" in capsys.readouterr().err


def test_files_that_it_reads_are_sent_along(prepare, tmp_path):
    answers, ids = tmp_path / "answers.jsonl", tmp_path / "more" / "answers.jsonl"
    ids.parent.mkdir()
    answers.write_text("answers")
    ids.write_text("ids")
    made = prepare("grade", answers, "--dataset=mini", "--ids", f"@{ids}", "--output", "/mnt/run")
    assert made.words[:5] == ("grade", "inputs/answers.jsonl", "--dataset=mini", "--ids", "@inputs/_answers.jsonl")
    assert (tmp_path / "sent" / "inputs" / "answers.jsonl").read_text() == "answers"
    assert (tmp_path / "sent" / "inputs" / "_answers.jsonl").read_text() == "ids"


def test_a_key_s_file_is_never_sent(prepare, tmp_path):
    (tmp_path / "key").write_text("secret")
    made = prepare("evaluate", "m", "--api-key-file", tmp_path / "key", "--output", "/mnt/run")
    assert str(tmp_path / "key") in made.words
    assert not list((tmp_path / "sent").iterdir())


def test_settings_of_the_environment_go_along_and_nothing_else(prepare, monkeypatch):
    monkeypatch.setenv("LIVECODEBENCH_DATASET", "release_v6")
    monkeypatch.setenv("LIVECODEBENCH_BACKEND", "ray")
    monkeypatch.setenv("LIVECODEBENCH_GATEWAY_TOKEN", "secret")
    made = prepare("evaluate", "m", "--dataset", "mini", "--output", "/mnt/run")
    assert (made.environment, made.backend) == ({"LIVECODEBENCH_BACKEND": "ray"}, "ray")


@pytest.mark.parametrize(
    ("words", "said"),
    [
        ((), "evaluate or grade"),
        (("run", "x"), "evaluate or grade"),
        (("evaluate",), "MODEL"),
        (("evaluate", "m", "--nonsense"), "--nonsense"),
        (("evaluate", "m", "--output", "out"), "absolute path"),
        (("evaluate", "m", "--base-url", "http://x/?k=sk-0123456789"), "the value of MY_API_KEY"),
        (("evaluate", "m", "--output", "ftp://me:word@host/x"), "password"),
    ],
)
def test_what_is_refused(prepare, monkeypatch, words, said):
    monkeypatch.setenv("MY_API_KEY", "sk-0123456789")
    with pytest.raises(InputError, match=said) as refused:
        prepare(*words)
    assert "sk-0123456789" not in str(refused.value)


def test_a_key_in_a_setting_of_the_environment_is_refused(prepare, monkeypatch):
    monkeypatch.setenv("MY_API_KEY", "sk-0123456789")
    monkeypatch.setenv("LIVECODEBENCH_EXTRA_BODY", '{"key": "sk-0123456789"}')
    with pytest.raises(InputError, match="the value of MY_API_KEY"):
        prepare("evaluate", "m")
