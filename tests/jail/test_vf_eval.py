"""verifiers' own command and its worker processes. Slow: verifiers is imported three times."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from importlib.resources import files
from pathlib import Path
from textwrap import dedent

import pytest

from livecodebench.dataset.opening import open_dataset
from livecodebench.replay.answering import Answerer
from livecodebench.replay.server import ReplayServer
from livecodebench.replay.stored_file import read_stored

pytestmark = [pytest.mark.jail, pytest.mark.timeout(400)]

MINI = Path(str(files("livecodebench") / "data" / "mini"))


@pytest.fixture
def server():
    with ReplayServer(Answerer(read_stored(MINI / "generations.jsonl"), open_dataset("mini").values())) as running:
        yield running


def test_vf_eval_with_a_worker_process(server, tmp_path):
    command = [Path(sys.executable).with_name("vf-eval"), "livecodebench", "-m", "mini-weak", "-b", server.base_url]
    arguments = {"dataset": "mini", "ids": ["mini_sum_pairs", "mini_countdown"]}
    subprocess.run(
        [*command, "-k", "NO_KEY", "-n", "2", "-r", "2", "-s", "-d", "-C", "judgement", "-a", json.dumps(arguments)],
        cwd=tmp_path,
        check=True,
        timeout=380,
        capture_output=True,
        env={**os.environ, "NO_KEY": "x"},
    )
    (results,) = tmp_path.glob("outputs/evals/*/*/results.jsonl")
    lines = [json.loads(line) for line in results.read_text().splitlines()]
    expected = {
        (row["question_id"], row["sample"]): row["verdict"]
        for row in json.loads((MINI / "expected.json").read_text())["verdicts"]
        if row["model"] == "mini-weak" and row["question_id"] in arguments["ids"]
    }
    found = sorted((line["info"]["question_id"], line["judgement"]["verdict"]) for line in lines)
    assert found == sorted((question_id, verdict) for (question_id, _), verdict in expected.items())
    assert all(line["reward"] == (line["judgement"]["verdict"] == "accepted") for line in lines)
    assert all(line["error"] is None for line in lines)
    assert len(list(results.parent.glob("env_worker_*.log"))) == 1, "it was judged in a worker"


def test_loading_a_local_file_is_quick_and_a_run_needs_no_ray(server, record_property):
    script = f"""
        import sys, time
        import verifiers as vf
        vf.SingleTurnEnv  # verifiers' own import
        start = time.monotonic()
        env = vf.load_environment("livecodebench", dataset={str(MINI / "problems.jsonl")!r})
        print(time.monotonic() - start)
        vf.evaluate({server.base_url!r}, "mini-strong", env, num_examples=3)
        print({{"ray", "kubernetes", "docker"}} & sys.modules.keys())
    """
    command = [sys.executable, "-W", "error", "-c", dedent(script)]
    result = subprocess.run(command, stdout=subprocess.PIPE, text=True, check=True, timeout=380)
    seconds, modules = result.stdout.splitlines()
    record_property("load_environment seconds", seconds)
    assert modules == "set()"
