"""Stand-ins for programs that cannot run here: they record how they are called, and answer what a test wants."""

from __future__ import annotations

import json
import os
import sys
from pathlib import Path

import pytest

_STAND_IN = """#!{python}
import json, os, sys
from pathlib import Path
here = Path({folder!r})
with open(here / "calls", "a") as calls:
    calls.write(json.dumps([{name!r}, *sys.argv[1:]]) + chr(10))
exec(compile((here / {name!r}).read_text(), {name!r}, "exec"))
"""


class StandIns:
    """Executables on PATH."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        (folder / "bin").mkdir()

    def add(self, name: str, script: str = "") -> None:
        """A program; the script is Python, with `here`, a folder of its own."""
        (self.folder / name).write_text(script)
        path = self.folder / "bin" / name
        path.write_text(_STAND_IN.format(python=sys.executable, folder=str(self.folder), name=name))
        path.chmod(0o755)

    @property
    def calls(self) -> list[list[str]]:
        """How they were called, in order."""
        file = self.folder / "calls"
        return [json.loads(line) for line in file.read_text().splitlines()] if file.exists() else []

    def calls_of(self, *beginning: str) -> list[list[str]]:
        """Those calls that begin like this."""
        return [call for call in self.calls if call[: len(beginning)] == list(beginning)]


@pytest.fixture
def stand_ins(tmp_path, monkeypatch) -> StandIns:
    folder = tmp_path / "stand-ins"
    folder.mkdir()
    made = StandIns(folder)
    monkeypatch.setenv("PATH", f"{folder / 'bin'}{os.pathsep}/usr/bin:/bin")
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path / "state"))
    monkeypatch.setenv("KUBECONFIG", str(tmp_path / "kubeconfig"))
    return made
