"""`livecodebench submit` on a real Ray cluster with a token: followed, left, followed again, stopped, resumed."""

from __future__ import annotations

import json
import signal
import subprocess
import sys
from collections.abc import Iterator
from importlib.resources import files
from pathlib import Path

import pytest

from tests.gated_api import GatedApi
from tests.ray_cluster import LONG_S, until
from tests.ray_head import RayHead

pytestmark = pytest.mark.ray

MINI = Path(str(files("livecodebench") / "data" / "mini"))
EXPECTED = json.loads((MINI / "expected.json").read_text())["verdicts"]
KEY = "sk-never-to-be-seen-0123456789"
KEY_VARIABLE = "TEST_MODEL_KEY"
PLACES = ["/api/jobs/", "/nodes?view=summary", "/logical/actors"]
PLACES += [f"/api/v0/{what}?detail=true" for what in ("actors", "jobs", "workers", "runtime_envs", "tasks")]


@pytest.fixture(scope="module")
def head() -> Iterator[RayHead]:
    with RayHead(environment={KEY_VARIABLE: KEY}) as made:
        yield made


def start(head: RayHead, *words: object) -> subprocess.Popen[str]:
    return subprocess.Popen(
        [sys.executable, "-m", "livecodebench", "submit", "--address", head.dashboard, *map(str, words)],
        stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, env=head.environment,
    )  # fmt: skip


def submit(head: RayHead, *words: object, expect: int = 0) -> tuple[str, str]:
    with start(head, *words) as process:
        out, err = process.communicate(timeout=4 * LONG_S)
    assert process.returncode == expect, err
    return out, err


def evaluation(api: GatedApi, output: object, *more: object) -> list[object]:
    return ["--", "evaluate", "mini-strong", "--base-url", api.base_url, "--dataset", "mini", "--backend", "ray",
            "--pool-size", 1, "--slots", 1, "--output", output, *more]  # fmt: skip


def verdicts(folder: Path) -> dict[tuple[str, str, int], str]:
    rows = [json.loads(line) for line in (folder / "judgements.jsonl").read_text().splitlines()]
    return {(row["model"], row["question_id"], row["sample"]): row["verdict"] for row in rows}


def expected(model: str | None = None, samples: int = 1_000) -> dict[tuple[str, str, int], str]:
    return {
        (row["model"], row["question_id"], row["sample"]): row["verdict"]
        for row in EXPECTED
        if model in (None, row["model"]) and row["sample"] < samples
    }


def job_of(said: str) -> str:
    return said.partition("submitted as ")[2].partition(";")[0]


def heard(process: subprocess.Popen[str], word: str) -> str:
    """What was said on standard error, until a word came."""
    said = ""
    assert process.stderr is not None
    while word not in said:
        line = process.stderr.readline()
        assert line, said
        said += line
    return said


def test_an_evaluation_with_a_key_that_nobody_sees(head, tmp_path):
    with GatedApi(key=KEY) as api:
        words = evaluation(api, f"file://{tmp_path}/there", "--api-key-env", KEY_VARIABLE)
        out, err = submit(head, "--fetch", tmp_path / "here", *words)
    assert verdicts(tmp_path / "here") == verdicts(tmp_path / "there") == expected("mini-strong", 1)
    assert "pass@1" in out
    assert "asking http://" in err, "what the job says is followed"
    seen = [head.get(place) for place in PLACES] + [head.get(f"/api/jobs/{job_of(err)}/logs")]
    assert any(KEY_VARIABLE.encode() in one for one in seen), "it was looked at where the job's command is"
    seen += [path.read_bytes() for path in (head.folder).rglob("*") if path.is_file() and not path.is_symlink()]
    seen += [path.read_bytes() for path in tmp_path.rglob("*") if path.is_file()]
    assert not [one for one in (*seen, out.encode(), err.encode()) if KEY.encode() in one]


def test_a_key_in_a_file_of_the_cluster(head, tmp_path):
    (tmp_path / "key").write_text(f"{KEY}\n")
    with GatedApi(key=KEY) as api:
        words = evaluation(api, tmp_path / "there", "--api-key-file", tmp_path / "key", "--first", 2)
        submit(head, *words)
    assert len(verdicts(tmp_path / "there")) == 2


def test_a_killed_client_leaves_the_job_which_is_followed_again(head, tmp_path):
    with GatedApi(at_once=3) as api:
        with start(head, *evaluation(api, f"file://{tmp_path}/there")) as client:
            said = heard(client, "asking http://")
            client.kill()
        with start(head, "--follow", job_of(said), "--fetch", tmp_path / "here") as again:
            heard(again, "asking http://")  # its log, from the beginning
            api.open()
            out, err = again.communicate(timeout=4 * LONG_S)
    assert again.returncode == 0, err
    assert verdicts(tmp_path / "here") == expected("mini-strong", 1)
    assert "pass@1" in out


def test_an_interrupted_client_says_how_to_follow_again(head, tmp_path):
    with GatedApi(at_once=0) as api:
        with start(head, *evaluation(api, tmp_path / "there")) as client:
            said = heard(client, "asking http://")
            client.send_signal(signal.SIGINT)
            _, err = client.communicate(timeout=LONG_S)
        assert client.returncode == 130
        assert f"--address {head.dashboard} --follow {job_of(said)}" in err
        submit(head, "--stop", job_of(said), expect=143)


def test_stopped_and_submitted_again_it_asks_for_nothing_twice(head, tmp_path):
    there = tmp_path / "there"
    with GatedApi(at_once=5) as api:
        words = evaluation(api, f"file://{there}")
        with start(head, *words) as client:
            job = job_of(heard(client, "asking http://"))
            until(lambda: len(stored(there)) == 5, "five completions at the URL")
            submit(head, "--stop", job, expect=143)
            client.communicate(timeout=LONG_S)
        assert client.returncode == 143
        before = stored(there)
        api.open()
        _, err = submit(head, "--fetch", tmp_path / "here", *words)
    assert "resuming: 5 of" in err
    assert verdicts(tmp_path / "here") == expected("mini-strong", 1)
    assert stored(there)[:5] == before
    assert api.answered == len(expected("mini-strong", 1)), "each completion was asked for once"


def stored(folder: Path) -> list[bytes]:
    path = folder / "completions.jsonl"
    return path.read_bytes().splitlines() if path.exists() else []


def test_local_files_are_sent_along_and_a_status_comes_back(head, tmp_path):
    words = ["--", "grade", MINI / "generations.jsonl", "--dataset", "mini", "--backend", "ray", "--pool-size", 1]
    out, err = submit(head, "--fetch", tmp_path / "here", *words, "--json")
    assert "are lost with it" in err
    assert verdicts(tmp_path / "here") == expected()
    assert json.loads(out)["complete"] is True
    _, err = submit(head, *words, "--grading", "nonsense", expect=2)
    assert "nonsense" in err


def test_what_is_not_there_is_said(head, tmp_path):
    _, err = submit(head, "--follow", "nobody", expect=2)
    assert "no job nobody" in err
    _, err = submit(head, "--stop", "nobody", expect=2)
    assert "no job nobody" in err
