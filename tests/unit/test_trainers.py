"""Trainers' reward functions where the infrastructure fails, and where the user errs. Programs are scripted here."""

from __future__ import annotations

import asyncio
import itertools
import subprocess
import sys

import pytest

from lcb_ray.agent.protocol import ExecutionResult, Outcome
from lcb_ray.fake import Break, FakeAgent, How, compiles
from lcb_ray.local import LocalPool
from livecodebench.errors import InputError
from livecodebench.judging.lazy_judge import LazyJudge
from livecodebench.judging.shared_pool import PoolUser
from livecodebench.rewards.scorer import Scorer, ScorerOptions, scorer_options
from livecodebench.trainers import skyrl, verl

RIGHT = "```python\nprint(2 * int(input()))\n```"
WRONG = "```python\nprint(3)\n```"
TRIES = 3  # of the pool, for each time that it is asked


def answers(program, index, data):
    """Right for the right program."""
    doubled = b"%d\n" % (2 * int(data)) if b"2 *" in program.source else b"?\n"
    return ExecutionResult(index=index, outcome=Outcome.EXITED, exit_code=0, stdout=doubled)


def dies(program, index, data):
    return Break(How.DIE)


@pytest.fixture
def scorer(write, data, monkeypatch):
    """Make the scorer that both trainers get, whose first agents die under their first program."""
    made = []

    def make(deaths=0, **options):
        file = write([data.row("own_a"), data.row("own_b", difficulty="hard")])
        starts = itertools.count()
        user = PoolUser(
            scorer_options(dataset=str(file)).pool,
            open=lambda _: LocalPool(1, start=lambda: FakeAgent(compiles(answers if next(starts) >= deaths else dies))),
        )

        def scorer_of(asked: ScorerOptions) -> Scorer:
            judge = LazyJudge(asked.problems.open, user, all_tests=asked.all_tests, limits=asked.limits)
            made.append(Scorer(asked, judge=judge))
            return made[-1]

        monkeypatch.setattr(verl, "shared_scorer", scorer_of)
        monkeypatch.setattr(skyrl, "shared_scorer", scorer_of)
        return {"dataset": str(file), **options}

    yield make
    for one in made:
        one.close()


def verl_score(options, text=RIGHT, question_id="own_a"):
    return asyncio.run(
        verl.compute_score(data_source="x", solution_str=text, ground_truth=question_id, extra_info={}, **options)
    )


def skyrl_step(options, text=RIGHT, question_id="own_a"):
    env = skyrl.LiveCodeBenchTextEnv(options, {"reward_spec": {"ground_truth": question_id}})
    return env.step(text), env.get_metrics()


def test_right_and_wrong(scorer):
    options = scorer()
    assert [verl_score(options, text)["score"] for text in (RIGHT, WRONG, "no program")] == [1.0, 0.0, 0.0]
    assert [skyrl_step(options, text)[0]["reward"] for text in (RIGHT, WRONG, "no program")] == [1.0, 0.0, 0.0]


def test_weights_and_fractions(scorer):
    options = scorer(reward="fraction", all_tests=True, difficulty_weights={"hard": 2.0})
    assert verl_score(options, question_id="own_b")["score"] == 2.0
    assert skyrl_step(options, question_id="own_b")[0]["reward"] == 2.0


def test_a_fault_is_retried(scorer):
    result = verl_score(scorer(deaths=TRIES))
    assert (result["score"], result["infra_error"]) == (1.0, 0.0)
    step, metrics = skyrl_step(scorer(deaths=TRIES))
    assert (step["reward"], metrics["infra_error"]) == (1.0, 0.0)


def test_a_fault_that_stays_is_masked_and_raises_nothing(scorer, caplog):
    result = verl_score(scorer(deaths=100, mask_value=-0.5))
    assert (result["score"], result["infra_error"], result["acc"]) == (-0.5, 1.0, 0.0)
    assert result.keys() == verl_score(scorer()).keys()
    step, metrics = skyrl_step(scorer(deaths=100, mask_value=-0.5))
    assert (step["reward"], step["done"], step["metadata"]["verdict"], metrics["infra_error"]) == (
        -0.5,
        True,
        None,
        1.0,
    )
    assert "own_a: no reward: SandboxLost" in caplog.text


def test_no_retries_where_none_are_asked(scorer):
    assert verl_score(scorer(deaths=TRIES, retries=0))["infra_error"] == 1.0


def test_in_a_batch_a_fault_gets_the_mean_of_its_group(scorer):
    options = scorer(deaths=TRIES, retries=0)
    results = verl.compute_score_batch(["x"] * 3, [RIGHT, RIGHT, WRONG], ["own_a"] * 3, [{}] * 3, **options)
    faults = [result for result in results if result["infra_error"]]
    judged = [result["score"] for result in results if not result["infra_error"]]
    assert len(faults) == 1
    assert faults[0]["score"] == sum(judged) / 2


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"retries": -1}, "retries: must be a whole number"),
        ({"mask_value": float("nan")}, "mask_value: must be finite"),
        ({"mask_value": "0"}, "mask_value: must be a number"),
        ({"reward": "fraction"}, "needs all_tests=True"),
        ({"backend": "cloud"}, "cloud.* choose one of local"),
        ({"priority": "first"}, "priority 'first' is unknown: choose one of evaluation, training"),
    ],
)
def test_a_wrong_option_is_raised(scorer, options, message):
    with pytest.raises(InputError, match=message):
        verl_score(scorer(**options))
    with pytest.raises(InputError, match=message):
        skyrl_step(scorer(**options))


def test_a_trainer_leaves_the_larger_share_to_evaluations(scorer):
    assert scorer_options().pool.priority == "training"
    assert scorer_options(priority="evaluation").pool.priority == "evaluation"


def test_an_unknown_problem_is_raised(scorer):
    with pytest.raises(InputError, match=r"question_id .own_z. is not in"):
        verl_score(scorer(), question_id="own_z")
    with pytest.raises(InputError, match=r"question_id .own_z. is not in"):
        skyrl_step(scorer(), question_id="own_z")
    with pytest.raises(InputError, match=r"reward_spec\.ground_truth: must be a question_id"):
        skyrl.LiveCodeBenchTextEnv(scorer(), {})


def test_an_unknown_option_is_raised(scorer):
    with pytest.raises(TypeError, match="poolsize"):
        verl_score(scorer(poolsize=3))


@pytest.mark.parametrize("trainer", [verl, skyrl])
def test_rows_hold_no_tests(scorer, trainer):
    rows = list(trainer.rows(**scorer()))
    assert len(rows) == 2
    truths = {(row.get("reward_model") or row["reward_spec"])["ground_truth"] for row in rows}
    assert truths == {"own_a", "own_b"}
    assert all("private" not in str(row) and row["prompt"][-1]["role"] == "user" for row in rows)


def test_importing_them_brings_no_framework():
    code = (
        "import sys, livecodebench, livecodebench.rewards.scorer, livecodebench.trainers.verl\n"
        "livecodebench.load_environment\n"
        "print({'verifiers', 'ray', 'numpy', 'torch', 'datasets', 'openai', 'skyrl_gym'} & sys.modules.keys())"
    )
    ended = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True, timeout=300)
    assert ended.stdout == "set()\n"
