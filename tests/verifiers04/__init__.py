"""An environment of its own with verifiers 0.4, made once and kept: the project's own has 0.3."""

from __future__ import annotations

import fcntl
import hashlib
import os
import shutil
import subprocess
import sys
import tomllib
from functools import cache
from pathlib import Path

ROOT = Path(__file__).parents[2]
OVERRIDES = Path(__file__).with_name("overrides.txt")
OTHERS = Path(__file__).with_name("constraints.txt")
INSTALL_S = 170


@cache
def lacks() -> str:
    """What is missing for it, in words; empty where it can be used. Makes it."""
    if shutil.which("uv") is None:
        return "uv is not on the PATH, which makes the environment with verifiers 0.4"
    try:
        _make(_folder())
    except subprocess.TimeoutExpired:
        return f"verifiers 0.4 was not installed within {INSTALL_S} s"
    except subprocess.CalledProcessError as error:
        last = (error.stderr or "").strip().splitlines()[-1:]
        return f"verifiers 0.4 cannot be installed here: {' '.join(last)}"
    return ""


def programs() -> Path:
    """The folder of its commands."""
    return _folder() / "bin"


def _folder() -> Path:
    """One for each project folder, interpreter and list of dependencies."""
    seen = (str(ROOT), sys.version, *(file.read_text() for file in (ROOT / "pyproject.toml", OVERRIDES, OTHERS)))
    name = hashlib.sha256(repr(seen).encode()).hexdigest()[:16]
    caches = Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache")
    return caches / "lcb-ray" / f"verifiers04-{name}"


def _make(folder: Path) -> None:
    if (folder / "made").exists():
        return
    folder.parent.mkdir(parents=True, exist_ok=True)
    with folder.with_suffix(".lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)  # two test runs at once
        if not (folder / "made").exists():
            _run("uv", "venv", "--no-config", "--clear", "--python", sys.executable, str(folder))
            constraints = folder / "constraints.txt"
            constraints.write_text("\n".join(_constraints()))
            # What docs/verifiers-v1.md says, and exact versions.
            what = ("--no-config", "--overrides", str(OVERRIDES), "--constraints", str(constraints), "-e", ".")
            _run("uv", "pip", "install", "--python", str(folder / "bin" / "python"), *what)
            (folder / "made").touch()


def _constraints() -> list[str]:
    """The project's exact versions, but for what verifiers 0.4 needs in another one."""
    others = [line for line in OTHERS.read_text().splitlines() if line and not line.startswith("#")]
    apart = {"verifiers", *(line.partition("==")[0] for line in others)}
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())["tool"]["uv"]["constraint-dependencies"]
    return others + [line for line in project if line.partition("==")[0] not in apart]


def _run(*command: str) -> None:
    quiet = {name: value for name, value in os.environ.items() if name != "VIRTUAL_ENV"}
    subprocess.run(
        command,
        cwd=ROOT,
        env=quiet,
        check=True,
        capture_output=True,
        text=True,
        timeout=INSTALL_S,
        stdin=subprocess.DEVNULL,
    )
