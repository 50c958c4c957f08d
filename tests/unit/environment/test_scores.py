"""Averages without faults, and the summary, from rollouts as verifiers gives them."""

import pytest

from livecodebench.dataset.opening import open_dataset
from livecodebench.environment.scores import summary_of, without_errors
from livecodebench.verdict import Verdict

ERROR = {"error": "SandboxError", "message": "gone"}
SANDBOX = {"backend": "local", "python": "3.11.7", "numpy": None, "layers": {}}


def output(question_id, verdict, **fields):
    """A rollout; verdict None: one that ended in an error."""
    metrics = {} if verdict is None else {"passed": float(verdict is Verdict.ACCEPTED), "num_turns": 1.0}
    if verdict not in (None, Verdict.ACCEPTED):
        metrics[verdict.value] = 1.0
    return {
        "info": {"question_id": question_id},
        "reward": metrics.get("passed", 0.0),
        "error": None if verdict else ERROR,
        "metrics": metrics,
    } | fields


def results(*outputs):
    metadata = {"avg_reward": 0.25, "avg_metrics": {"passed": 0.25}, "pass_at_k": {"1": 0.25}, "pass_all_k": {"1": 0.0}}
    return {"outputs": list(outputs), "metadata": metadata | {"model": "tiny-1"}}


def test_without_faults_nothing_changes():
    given = results(output("own_a", Verdict.ACCEPTED), output("own_b", Verdict.WRONG_ANSWER))
    assert without_errors(given) == given


def test_a_fault_has_no_reward_and_is_in_no_average():
    given = results(output("own_a", Verdict.ACCEPTED), output("own_b", Verdict.WRONG_ANSWER), output("own_c", None))
    fixed = without_errors(given)
    assert [one["reward"] for one in fixed["outputs"]] == [1.0, 0.0, None]
    assert fixed["metadata"] == {
        "avg_reward": 0.5,
        "avg_metrics": {"passed": 0.5, "num_turns": 1.0, "wrong_answer": 1.0},
        "pass_at_k": {},
        "pass_all_k": {},
        "model": "tiny-1",
    }
    assert given["outputs"][2]["reward"] == 0.0, "what was given is left alone"


def test_with_faults_only_there_is_no_average():
    metadata = without_errors(results(output("own_a", None)))["metadata"]
    assert metadata["avg_reward"] is None
    assert metadata["avg_metrics"] == {}


@pytest.mark.parametrize("verdict", list(Verdict))
def test_the_verdict_is_read_from_the_metrics(problems_file, verdict):
    summary = summary_of([output("own_a", verdict)], open_dataset(problems_file), model="tiny-1", sandbox=SANDBOX)
    assert summary["verdicts"] == {str(each): int(each is verdict) for each in Verdict}


def test_a_summary_counts_faults_beside_the_score(problems_file):
    outputs = [
        output("own_a", Verdict.ACCEPTED),
        output("own_a", Verdict.WRONG_ANSWER),
        output("own_b", Verdict.ACCEPTED),
        output("own_b", None),
    ]
    summary = summary_of(outputs, open_dataset(problems_file), model="tiny-1", sandbox=SANDBOX)
    assert summary["pass@1"] is None
    assert summary["pass@1_range"] == [0.5, 0.75]
    counts = ("submissions", "judged", "passed", "errors", "problems", "problems_missing", "complete")
    assert [summary[name] for name in counts] == [4, 3, 2, 1, 2, 1, False]
    assert summary["sandbox"] == SANDBOX
    assert list(summary["models"]) == ["tiny-1"]


def test_a_rollout_that_was_not_scored_is_no_wrong_answer(problems_file):
    rollout = output("own_a", Verdict.ACCEPTED, metrics={}, reward=0.0)
    summary = summary_of([rollout], open_dataset(problems_file), model="tiny-1", sandbox=None)
    assert summary["judged"] == 0
    assert summary["pass@1"] is None
