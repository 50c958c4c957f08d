"""verifiers' v1 API by its own commands: run, fault, resume and replay, on 0.3.1 and on 0.4.

The bundled answers are served as samples of one model; those without a program, which need no sandbox to be judged, are
left out: the first run is to have no verdict at all.
"""

from __future__ import annotations

import json
from itertools import cycle, islice
from typing import Any

import pytest

from livecodebench.answers.completion import Completion
from livecodebench.answers.extraction import extract
from livecodebench.dataset.opening import open_dataset
from livecodebench.replay.answering import Answerer
from livecodebench.replay.server import ReplayServer
from livecodebench.replay.stored import StoredCompletions
from tests.every_answer import Answer, every_answer, expected_rewards
from tests.taskset_run import PATIENCE_S, TasksetRun, rewards_of

SAMPLES = 4


def asked_for() -> list[Answer]:
    """What the model answers: as many to each problem, some of them twice."""
    by_problem: dict[str, list[Answer]] = {}
    for answer in every_answer():
        if extract(answer.text).code:
            by_problem.setdefault(answer.question_id, []).append(answer)
    return [answer for answers in by_problem.values() for answer in islice(cycle(answers), SAMPLES)]


ANSWERS = asked_for()


@pytest.fixture(
    scope="module",
    params=[
        pytest.param("0.3", marks=pytest.mark.jail),
        pytest.param("0.4", marks=[pytest.mark.jail, pytest.mark.verifiers04]),
    ],
)
def run(request, tmp_path_factory):
    samples: dict[str, list[Completion]] = {}
    for answer in ANSWERS:
        samples.setdefault(answer.question_id, []).append(Completion(text=answer.text))
    answerer = Answerer(StoredCompletions({None: samples}), open_dataset("mini").values(), cycle=True)
    with ReplayServer(answerer) as server:
        yield TasksetRun(request.param, tmp_path_factory.mktemp("run"), server)


def resumed(run: TasksetRun) -> list[dict[str, Any]]:
    """The traces, once all of them have a verdict."""
    for _ in range(3):
        run.resume()
        judged = [trace for trace in run.traces() if trace["ok"]]
        if len(judged) == len(ANSWERS):
            return judged
    raise AssertionError("resuming does not come to an end")


def assert_right(traces: list[dict[str, Any]]) -> None:
    found, expected = rewards_of(traces), expected_rewards()
    assert sum(found.values()) == len(ANSWERS)
    assert {(key, expected[key]) for key, _ in found} == found.keys()
    assert {key for key, _ in found} <= {answer.key for answer in ANSWERS}
    assert {reward for _, reward in found} == {0.0, 1.0}


@pytest.mark.timeout(4 * PATIENCE_S)
def test_run_fault_resume_and_replay(run):
    no_sandbox = {"LIVECODEBENCH_BACKEND": "docker", "DOCKER_HOST": "unix:///nowhere.sock"}
    run.start("tiny-1", SAMPLES, "mini", "--env.taskset.task.time-limit", "1", **no_sandbox)
    faults = run.traces()
    assert len(faults) == len(ANSWERS)
    assert not any(trace["ok"] or (trace["rewards"].get("reward") or {}).get("score") for trace in faults)
    told = [trace["errors"][0] for trace in faults]
    # On a very busy machine verifiers gives up waiting for some of the answers: an error as well.
    assert all("Sandbox" in error["message"] or error["type"] == "ProviderError" for error in told)
    assert any("SandboxUnusable" in error["message"] for error in told)

    judged = resumed(run)
    assert_right(judged)

    asked = run.requests()
    run.score_anew()
    assert_right(run.traces("anew"))
    assert run.requests() == asked, "the model is not asked again"

    written = run.traces_file().read_text()
    hidden = {test.output for problem in open_dataset("mini").values() for test in problem.private_tests()}
    long = [output for output in hidden if len(output) > 40]
    assert long, "outputs that cannot be in a prompt by chance"
    assert not any(json.dumps(output)[1:-1] in written for output in long)
    assert "private" not in written
    told = [test for trace in judged for test in trace["info"]["livecodebench"]["tests"]]
    assert {test["verdict"] for test in told} > {"accepted", "wrong_answer"}
    assert not any("reason" in test for test in told), "it quotes the expected output"
