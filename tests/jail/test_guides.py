"""The Python of the guide pages, run as it is printed."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from pathlib import Path
from textwrap import dedent

import pytest

from livecodebench.dataset.opening import open_dataset
from livecodebench.replay.answering import Answerer
from livecodebench.replay.server import ReplayServer
from livecodebench.replay.stored_file import read_stored
from livecodebench.rewards.scorer import close_scorers
from tests.every_answer import MINI

pytestmark = [pytest.mark.jail, pytest.mark.timeout(900)]

DOCS = Path(__file__).parents[2] / "docs"
URL, MODEL = "http://127.0.0.1:8000/v1", "my-model"


def snippets(page: str) -> list[str]:
    """The indented blocks that begin with an import."""
    blocks = re.findall(r"(?:^(?:    .*)?\n)+", (DOCS / page).read_text(), re.MULTILINE)
    return [text for text in (dedent(block).strip("\n") for block in blocks) if text.startswith(("import ", "from "))]


@pytest.fixture(autouse=True)
def place(tmp_path, monkeypatch):
    """An empty folder, and no settings of whoever runs the tests."""
    monkeypatch.chdir(tmp_path)
    for name in ("DATASET", "BACKEND", "SLOTS", "POOL_SIZE", "NO_VF_EVALUATE"):
        monkeypatch.delenv(f"LIVECODEBENCH_{name}", raising=False)
    yield tmp_path
    close_scorers()


def run_page(page: str, *, url: str = URL) -> None:
    found = snippets(page)
    assert found, f"{page} has no Python"
    for snippet in found:
        exec(compile(snippet.replace(URL, url).replace(MODEL, "mini-weak"), page, "exec"), {"__name__": "guide"})


@pytest.mark.filterwarnings("ignore::DeprecationWarning")
def test_verifiers(capsys):
    with ReplayServer(Answerer(read_stored(MINI / "generations.jsonl"), open_dataset("mini").values())) as server:
        run_page("verifiers.md", url=server.base_url)
    assert 0 < float(capsys.readouterr().out) < 1


def test_verifiers_v1(capsys):
    run_page("verifiers-v1.md")
    assert capsys.readouterr().out == "14 tasks\n"


def test_verl(place):
    run_page("verl.md")
    assert (place / "train.parquet").stat().st_size > 1000


def test_skyrl(capsys):
    run_page("skyrl.md")
    assert capsys.readouterr().out == "0.0 runtime_error\n"  # the first problem wants a function


def test_own_actors(capsys):
    run_page("reinforcement-learning.md")
    assert capsys.readouterr().out == "0.0 wrong_answer\n"


def test_pool_from_python(capsys):
    """In this machine's own pool, which takes the same batches; test_rollout_workers is on Ray."""
    [snippet] = snippets("ray.md")
    exec(compile(snippet.replace('"ray"', '"local"'), "ray.md", "exec"), {"__name__": "guide"})
    assert capsys.readouterr().out == "(Seen(passed=True),)\n"


@pytest.mark.ray
def test_rollout_workers(place):
    """On a Ray of its own: the page's pool takes whole nodes, of which other tests' pools have parts."""
    environment = {**os.environ, "RAY_ADDRESS": "local", "RAY_ENABLE_UV_RUN_RUNTIME_ENV": "0"}
    [page] = snippets("rollout-workers.md")
    done = subprocess.run(
        [sys.executable, "-c", page], env=environment, capture_output=True, text=True, timeout=600, check=False
    )
    assert done.stdout == "[[0.0, 0.0, 0.0, 0.0], [0.0, 0.0, 0.0, 0.0]]\n", done.stderr


def test_readme():
    names = {}
    [snippet] = snippets("../README.md")
    exec(compile(snippet.replace('version_tag="release_v5"', 'dataset="mini"'), "README.md", "exec"), names)
    try:
        assert len(names["env"].get_eval_dataset()) == 14
    finally:
        names["env"].close()


def test_no_page_is_forgotten():
    """kubernetes-guide.md has tests of its own, test_kubernetes_guide here and test_guide on kind."""
    run = set(re.findall(r'(?:run_page|snippets)\("([^"]+)"', Path(__file__).read_text()))
    assert {page.name for page in DOCS.glob("*.md") if snippets(page.name)} == run - {"../README.md"}
