"""The one file agent.pyz: the agent's sources, all of them, always in the same bytes. That it runs is a jail test."""

from __future__ import annotations

import io
import os
import zipfile
from pathlib import Path

from lcb_ray import archive

FOLDER = Path(archive.__file__).parent / "agent"


def test_it_holds_the_agent_and_nothing_else():
    with zipfile.ZipFile(io.BytesIO(archive.build())) as made:
        assert made.testzip() is None
        names = made.namelist()
        assert names[0] == "__main__.py"
        assert sorted(names[1:]) == sorted(f"agent/{path.name}" for path in FOLDER.glob("*.py"))
        for path in FOLDER.glob("*.py"):
            assert made.read(f"agent/{path.name}") == path.read_bytes()


def test_the_same_sources_make_the_same_bytes(monkeypatch, tmp_path):
    """Whenever and wherever they were checked out."""
    first = archive.build()
    for path in sorted(FOLDER.glob("*.py"), reverse=True):
        (tmp_path / path.name).write_bytes(path.read_bytes())
        os.utime(tmp_path / path.name, (1, 1))
        (tmp_path / path.name).chmod(0o600)
    monkeypatch.setattr(archive, "_FOLDER", tmp_path)
    monkeypatch.setenv("TZ", "Asia/Tokyo")
    assert archive.build() == first


def test_a_changed_source_makes_other_bytes(monkeypatch, tmp_path):
    (tmp_path / "__main__.py").write_text("changed")
    first = archive.build()
    monkeypatch.setattr(archive, "_FOLDER", tmp_path)
    assert archive.build() != first


def test_the_command_writes_it(tmp_path):
    assert archive.main([str(tmp_path / "agent.pyz")]) == 0
    assert (tmp_path / "agent.pyz").read_bytes() == archive.build()


def test_the_command_says_what_it_cannot_do(tmp_path, capsys):
    assert archive.main([]) == 2
    assert "usage: python -m lcb_ray.archive OUT" in capsys.readouterr().err
    assert archive.main([str(tmp_path / "none" / "agent.pyz")]) == 2
    assert f"cannot write {tmp_path}/none/agent.pyz: No such file" in capsys.readouterr().err
