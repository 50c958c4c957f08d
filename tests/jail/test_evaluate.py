"""`evaluate` as a user runs it: real processes, real HTTP, the real judge; killed, interrupted, refused and resumed."""

import json
import os
import signal
import subprocess
import sys
import time
from contextlib import contextmanager
from importlib.resources import files
from pathlib import Path

import pytest

from livecodebench.dataset.opening import open_dataset
from livecodebench.model_client.key import ApiKey
from livecodebench.replay.answering import Answerer
from livecodebench.replay.faults import Faults
from livecodebench.replay.server import ReplayServer
from livecodebench.replay.source import open_stored

pytestmark = pytest.mark.jail

COMMAND = (sys.executable, "-m", "livecodebench")
MINI = files("livecodebench") / "data" / "mini"
KILLS = 20
KEY = "sk-do-not-show-0123456789"


def start(*arguments, **environment):
    return subprocess.Popen(
        [*COMMAND, *map(str, arguments)],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        env={**os.environ, **environment},
    )


def livecodebench(*arguments, expect=0, **environment):
    with start(*arguments, **environment) as process:
        stdout, stderr = process.communicate(timeout=100)
    assert process.returncode == expect, stderr
    return stdout, stderr


def evaluate(*arguments, expect=0, **environment):
    """The summary, and what was said."""
    stdout, stderr = livecodebench("evaluate", *arguments, "--dataset", "mini", "--json", expect=expect, **environment)
    return json.loads(stdout) if stdout else None, stderr


def lines(path: Path):
    """The whole lines of a file that may be written to."""
    text = path.read_bytes() if path.exists() else b""
    return [json.loads(line) for line in text.splitlines(keepends=True) if line.endswith(b"\n")]


def verdicts(folder):
    return {(line["question_id"], line["sample"]): line["verdict"] for line in lines(folder / "judgements.jsonl")}


def answers(folder):
    return {row["question_id"]: row["output_list"] for row in lines(folder / "generations.jsonl")}


@contextmanager
def serving(faults=None, *, key=None):
    answerer = Answerer(open_stored("mini"), open_dataset("mini").values(), faults=faults, key=ApiKey(key))
    with ReplayServer(answerer) as server:
        yield server


@pytest.mark.parametrize("model", ["mini-strong", "mini-weak"])
def test_the_bundled_answers_get_the_verdicts_that_grade_gives(tmp_path, model):
    summary, stderr = evaluate(model, "--replay", "mini", "-n", 2, "--output", tmp_path / "out")
    expected = json.loads((MINI / "expected.json").read_text())["verdicts"]
    assert verdicts(tmp_path / "out") == {
        (row["question_id"], row["sample"]): row["verdict"] for row in expected if row["model"] == model
    }
    assert summary["complete"]
    assert summary["generation"]["answered"] == summary["judged"] == 28
    assert "prompt style OpenAIChat" in stderr
    again, _ = livecodebench("grade", tmp_path / "out" / "generations.jsonl", "--dataset", "mini", "--json")
    for name in ("pass@1", "passed", "verdicts", "by"):
        assert json.loads(again)[name] == summary[name]


class Killed:
    """Runs a command again and again, and kills it each time that its folder has grown by some lines."""

    def __init__(self, folder, command):
        self._folder = folder
        self._command = command

    @property
    def stored(self):
        return {(row["question_id"], row["sample"]) for row in lines(self._folder / "completions.jsonl")}

    def _grown(self):
        return len(self.stored) + len(lines(self._folder / "judgements.jsonl"))

    def once(self, growth):
        """True where it was killed before it ended."""
        before = self._grown()
        with start(*self._command) as process:
            while process.poll() is None and self._grown() < before + growth:
                time.sleep(0.002)
            process.send_signal(signal.SIGKILL)
            process.communicate()
        return process.returncode == -signal.SIGKILL


@pytest.mark.timeout(600)
def test_killed_twenty_times_it_ends_with_the_same_result_and_asks_for_nothing_twice(tmp_path):
    """An answer is stored when its line is in completions.jsonl; only one that was not may be asked for again."""
    options = ("-n", 2, "--time-limit", 1, "--max-concurrent", 2, "--slots", 2)
    undisturbed, _ = evaluate("mini-weak", "--replay", "mini", *options, "--output", tmp_path / "whole")
    folder = tmp_path / "killed"
    with serving(Faults(latency_s=(0.02, 0.1), error_rate=0.1)) as server:
        command = ("evaluate", "mini-weak", "--base-url", server.base_url, "--dataset", "mini", *options)
        run = Killed(folder, (*command, "--output", folder))
        kills, asked = 0, {}
        while kills < KILLS:
            assert run.once(growth=kills % 4), f"it ended after {kills} kills"
            kills += 1
            for key in run.stored:
                served = server.stats()["served"]["mini-weak"][key[0]][str(key[1])]
                assert asked.setdefault(key, served) == served, f"{key} was asked for again"
        summary, _ = evaluate("mini-weak", "--base-url", server.base_url, *options, "--output", folder)
        served = server.stats()["served"]["mini-weak"]
    for (question_id, sample), times in asked.items():
        assert served[question_id][str(sample)] == times
    more = sum(times - 1 for samples in served.values() for times in samples.values())
    assert more <= kills * 2, "at each kill, no more than the requests under way are lost"
    assert verdicts(folder) == verdicts(tmp_path / "whole")
    assert summary["verdicts"] == undisturbed["verdicts"]
    assert summary["pass@1"] == undisturbed["pass@1"]
    assert summary["generation"]["answered"] == 28
    assert answers(folder) == answers(tmp_path / "whole")


@pytest.mark.parametrize(("sent", "status"), [(signal.SIGINT, 130), (signal.SIGTERM, 143)])
def test_interrupted_it_keeps_what_it_has_and_resumes(tmp_path, sent, status):
    folder = tmp_path / "out"
    with serving(Faults(latency_s=(0.05, 0.2))) as server:
        arguments = ("mini-strong", "--base-url", server.base_url, "--max-concurrent", 1, "--output", folder)
        with start("evaluate", *arguments, "--dataset", "mini", "--json") as process:
            while len(lines(folder / "completions.jsonl")) < 3:
                assert process.poll() is None
                time.sleep(0.002)
            process.send_signal(sent)
            stdout, stderr = process.communicate(timeout=30)
        assert (process.returncode, stdout) == (status, "")
        assert f"Interrupted by {sent.name}" in stderr
        assert "asks for none of these again" in stderr
        kept = len(lines(folder / "completions.jsonl"))
        assert 3 <= kept < 14
        assert len(lines(folder / "generations.jsonl")) == kept
        summary, stderr = evaluate(*arguments)
    assert f"resuming: {kept} of 14 answered" in stderr
    assert summary["pass@1"] == 1.0


def test_the_key_is_shown_nowhere(tmp_path):
    folder = tmp_path / "out"
    with serving(Faults(error_rate=0.2, truncate_rate=0.2), key=KEY) as server:
        arguments = ("mini-strong", "--base-url", server.base_url, "--output", folder)
        _, refused = evaluate(*arguments, "--api-key-env", "MY_KEY", expect=2, MY_KEY=f"{KEY}-wrong")
        assert "check the key in MY_KEY" in refused
        _, missing = evaluate(*arguments, expect=2, OPENAI_API_KEY="")
        assert "it wants a key: put it into OPENAI_API_KEY, or name another variable with --api-key-env" in missing
        summary, said = evaluate(*arguments, OPENAI_API_KEY=KEY)
        assert server.stats()["with_key"] > 14
    assert summary["generation"]["truncated"] > 0
    texts = [path.read_text() for path in folder.rglob("*") if path.is_file()]
    assert len(texts) >= 5
    for text in (*texts, refused, missing, said, json.dumps(summary)):
        assert KEY not in text


def test_the_environments_key_is_not_sent_to_a_replayed_file(tmp_path):
    evaluate(
        "mini-strong", "--replay", "mini", "--first", 1, OPENAI_API_KEY="not a key\nat all", HTTP_PROXY="http://x:1"
    )


def test_samples_without_an_answer_are_errors(tmp_path):
    file = tmp_path / "some.jsonl"
    file.write_text("".join((MINI / "generations.jsonl").read_text().splitlines(keepends=True)[:4]))
    summary, stderr = evaluate("mini-strong", "--replay", file, "--output", tmp_path / "out", expect=3)
    assert (summary["judged"], summary["errors"], summary["pass@1"]) == (2, 12, None)
    assert "12 samples have no verdict because the API or the infrastructure failed" in stderr
    errors = [line["error"] for line in lines(tmp_path / "out" / "judgements.jsonl") if line["error"]]
    assert {error["type"] for error in errors} == {"ModelError"}
    assert "Nothing is stored for problem" in errors[0]["message"]


def test_another_run_is_refused_and_overwritten_only_when_told(tmp_path):
    folder = tmp_path / "out"
    arguments = ("mini-strong", "--replay", "mini", "--first", 2, "--output", folder)
    evaluate(*arguments)
    _, stderr = evaluate(*arguments, "-n", 2, "--temperature", 1, expect=2)
    assert "samples: 1 there, 2 now" in stderr
    assert "sampling.temperature: 0.2 there, 1.0 now" in stderr
    summary, _ = evaluate(*arguments, "-n", 2, "--temperature", 1, "--overwrite")
    assert summary["generation"]["answered"] == len(lines(folder / "completions.jsonl")) == 4


def test_prices_give_a_cost():
    stdout, _ = livecodebench(
        *("evaluate", "mini-strong", "--replay", "mini", "--dataset", "mini", "--first", 2),
        *("--price-in", 2.5, "--price-out", 10),
    )
    assert "2 of 2 answered: 0 truncated, 0 empty; " in stdout
    assert "; cost 0.00" in stdout


def test_the_replay_command(tmp_path):
    with start("replay", "mini", "--dataset", "mini", "--port", 0, "--rate-limit", 1000) as server:
        base_url = server.stdout.readline().strip()
        assert base_url.startswith("http://127.0.0.1:")
        summary, _ = evaluate("mini-strong", "--base-url", base_url, "--first", 3)
        assert summary["pass@1"] == 1.0
        server.send_signal(signal.SIGTERM)
        _, stderr = server.communicate(timeout=20)
    assert server.returncode == 0
    assert "serving 56 completions of mini-strong, mini-weak" in stderr
