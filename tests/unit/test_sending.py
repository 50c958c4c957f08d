from __future__ import annotations

import pytest

from livecodebench.results import sending
from livecodebench.results.sending import NotSent, received, sent


@pytest.fixture
def folder(tmp_path):
    made = tmp_path / "there"
    (made / "official" / "m").mkdir(parents=True)
    (made / "judgements.jsonl").write_bytes(bytes(range(256)) * 500)
    (made / "official" / "m" / "_eval.json").write_text("[]")
    (made / ".lock").touch()
    return made


def test_what_is_sent_arrives_whatever_is_printed_around_it(folder, tmp_path):
    received(f"runtime_env: ready\n{sent(folder)}bye\n", tmp_path / "here")
    names = [
        path.relative_to(tmp_path / "here").as_posix() for path in (tmp_path / "here").rglob("*") if path.is_file()
    ]
    assert sorted(names) == ["judgements.jsonl", "official/m/_eval.json"]
    assert (tmp_path / "here" / "judgements.jsonl").read_bytes() == (folder / "judgements.jsonl").read_bytes()


def test_what_did_not_arrive_whole_is_refused(folder, tmp_path):
    text = sent(folder)
    with pytest.raises(NotSent, match="there is no folder"):
        received("error: there is no folder x\n", tmp_path / "here")
    with pytest.raises(NotSent):
        received(text[: len(text) // 2], tmp_path / "here")
    lines = text.splitlines()
    with pytest.raises(NotSent, match="not what was sent"):
        received("\n".join([lines[0], *lines[2:]]) + "\n", tmp_path / "here")


def test_what_is_too_large_is_refused(folder, monkeypatch):
    monkeypatch.setattr(sending, "MOST_BYTES", 10)
    with pytest.raises(NotSent, match="too many to be sent"):
        sent(folder)


def test_the_command(folder, tmp_path, capsys):
    assert sending.main(f"{tmp_path}/nowhere") == 1
    assert "there is no folder" in capsys.readouterr().err
    (folder / "run.json").write_text("{}")
    assert sending.main(f"file://{folder}") == 0
    received(capsys.readouterr().out, tmp_path / "here")
    assert (tmp_path / "here" / "run.json").read_text() == "{}"
