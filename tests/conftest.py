"""Which marked tests can run on this machine, and what is said where they cannot.

A marked test is skipped with a named reason where the machine lacks what it needs. LIVECODEBENCH_REQUIRE (a comma
list of markers, or "all") turns such a skip into a failure: CI sets it, so that nothing is left out unseen.
"""

from __future__ import annotations

import importlib.util
import os
import shutil
import signal
import sys
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import pytest

from lcb_ray.errors import SandboxUnusable
from tests import kind_cluster, ray_cluster, verifiers04


def corpus_folder() -> Path | None:
    """The development corpus, or None where LCB_CORPUS does not name a folder."""
    folder = os.environ.get("LCB_CORPUS")
    return Path(folder) if folder and Path(folder).is_dir() else None


def _jail_lacks() -> str:
    return "" if sys.platform == "linux" else f"the jail needs Linux, this is {sys.platform}"


def _parity_lacks() -> str:
    if corpus_folder() is not None:
        return ""
    named = os.environ.get("LCB_CORPUS")
    return f"LCB_CORPUS names no folder: {named}" if named else "LCB_CORPUS is not set: the corpus is not here"


def _ray_lacks() -> str:
    if importlib.util.find_spec("ray") is None:
        return "Ray is not installed: uv sync --extra ray"
    return _jail_lacks()


def _docker_lacks() -> str:
    if importlib.util.find_spec("docker") is None:
        return "Docker's SDK is not installed: uv sync --extra docker"
    if shutil.which("docker") is None:
        return "Docker's command, by which the tests look at containers, is not installed"
    from lcb_ray.docker_pool.engine import Engine

    try:
        Engine().close()
    except SandboxUnusable as error:
        return str(error)
    return _jail_lacks()


@cache  # asking Docker takes a moment
def _k8s_lacks() -> str:
    if importlib.util.find_spec("kubernetes") is None:
        return "the kubernetes client is not installed: uv sync --extra kubernetes"
    return kind_cluster.lacks()


def _prometheus_lacks() -> str:
    missing = [name for name in ("prometheus", "promtool") if shutil.which(name) is None]
    return f"{' and '.join(missing)}: not installed (Debian: apt-get install prometheus)" if missing else ""


# Marker -> what this machine lacks for it, in words; empty where nothing.
LACKS: dict[str, Callable[[], str]] = {
    "jail": _jail_lacks,
    "k8s": _k8s_lacks,
    "parity": _parity_lacks,
    "ray": _ray_lacks,
    "docker": cache(_docker_lacks),
    "prometheus": _prometheus_lacks,
    "verifiers04": verifiers04.lacks,
}


def _required() -> set[str]:
    named = {name.strip() for name in os.environ.get("LIVECODEBENCH_REQUIRE", "").split(",") if name.strip()}
    if unknown := named - LACKS.keys() - {"all"}:
        raise pytest.UsageError(f"LIVECODEBENCH_REQUIRE: no such marker: {', '.join(sorted(unknown))}")
    return set(LACKS) if "all" in named else named


def pytest_configure(config: pytest.Config) -> None:
    _required()  # a wrong name is told before anything runs
    # A shell starts what it runs in the background with SIGINT ignored, and so would be all that these tests start.
    if signal.getsignal(signal.SIGINT) is signal.SIG_IGN:
        signal.signal(signal.SIGINT, signal.default_int_handler)


def pytest_runtest_setup(item: pytest.Item) -> None:
    required = _required()
    for marker, lacks in LACKS.items():
        if item.get_closest_marker(marker) is None or not (reason := lacks()):
            continue
        if marker in required:
            pytest.fail(f"{marker} tests are required here (LIVECODEBENCH_REQUIRE): {reason}", pytrace=False)
        pytest.skip(f"{marker}: {reason}")


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    reasons = Counter(
        str(report.longrepr[2]).removeprefix("Skipped: ")
        for report in terminalreporter.stats.get("skipped", [])
        if isinstance(report.longrepr, tuple)
    )
    if reasons:
        terminalreporter.section("not run here")
        for reason, count in reasons.most_common():
            terminalreporter.write_line(f"{count} skipped: {reason}")


def pytest_sessionfinish() -> None:
    ray_cluster.stop()
    kind_cluster.stop()


@pytest.fixture(scope="session")
def corpus() -> Path:
    """The development corpus; only for tests marked `parity`."""
    folder = corpus_folder()
    assert folder is not None, "mark the test with `parity`"
    return folder


@dataclass(frozen=True)
class Ended:
    """How a command line ended."""

    status: int
    out: str
    err: str


@pytest.fixture
def cli(capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> Callable[..., Ended]:
    """Run a command line in this process, away from the settings of whoever runs the tests."""
    for name in os.environ:
        if name.startswith("LIVECODEBENCH_") and name != "LIVECODEBENCH_REQUIRE":
            monkeypatch.delenv(name)

    def run(*arguments: object) -> Ended:
        from livecodebench.cli import main

        monkeypatch.setattr(sys, "argv", ["livecodebench", *map(str, arguments)])
        capsys.readouterr()
        with pytest.raises(SystemExit) as ended:
            main()
        captured = capsys.readouterr()
        return Ended(int(ended.value.code or 0), captured.out, captured.err)

    return run
