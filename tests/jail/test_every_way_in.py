"""The same answers through every way in get the same rewards; the v1 API has its own processes in test_taskset."""

from __future__ import annotations

import asyncio
import inspect
import json
from concurrent.futures import ThreadPoolExecutor
from functools import partial

import pytest
import skyrl_gym

from livecodebench.dataset.opening import open_dataset
from livecodebench.environment import evaluate, load_environment
from livecodebench.replay.answering import Answerer
from livecodebench.replay.server import ReplayServer
from livecodebench.replay.stored_file import read_stored
from livecodebench.rewards.scorer import close_scorers
from livecodebench.trainers import skyrl, verl
from tests.every_answer import MINI, every_answer, expected_rewards

pytestmark = pytest.mark.jail

ANSWERS = every_answer()
EXPECTED = expected_rewards()
OPTIONS = {"dataset": "mini", "slots": 2, "time_limit": 2.0}  # a third of the time for those that never end


@pytest.fixture(autouse=True, scope="module")
def closing():
    yield
    close_scorers()


def test_there_are_56_answers_and_no_two_that_differ_in_their_reward_only():
    assert len(ANSWERS) == 56
    assert all(EXPECTED[answer.key] == answer.passed for answer in ANSWERS)
    assert 0 < sum(EXPECTED.values()) < len(EXPECTED)


def test_verifiers_classic():
    env = load_environment(**OPTIONS)
    found = {}
    with ReplayServer(Answerer(read_stored(MINI / "generations.jsonl"), open_dataset("mini").values())) as server:
        for model in ("mini-strong", "mini-weak"):
            result = evaluate(server.base_url, model, env, rollouts_per_example=2)
            for one in result["outputs"]:
                found[one["info"]["question_id"], one["completion"][-1]["content"]] = one["reward"]
    env.close()
    assert found == EXPECTED


def test_verl_as_its_reward_loop_calls_it():
    # verl wraps the function so, and asks the wrapper whether to await it (trainer/ppo/reward.py, 0.9.1).
    async def wrapped(raw, kwargs, *args, **called):
        return await raw(*args, **{**called, **kwargs})

    score = partial(wrapped, verl.compute_score, OPTIONS)
    assert inspect.iscoroutinefunction(verl.compute_score)
    assert inspect.iscoroutinefunction(score)

    async def batch():
        tasks = (
            score(
                data_source="livecodebench",
                solution_str=answer.text,
                ground_truth=answer.question_id,
                extra_info={"num_turns": None, "rollout_reward_scores": {}},
                reward_router_address="127.0.0.1:1",
                reward_model_tokenizer=None,
            )
            for answer in ANSWERS
        )
        return await asyncio.gather(*tasks)

    results = asyncio.run(batch())
    assert {answer.key: one["score"] for answer, one in zip(ANSWERS, results, strict=True)} == EXPECTED
    assert len({frozenset(one) for one in results}) == 1, "verl stacks the other values: the same keys each time"
    assert not any(one["infra_error"] for one in results)


def test_verl_as_its_batch_manager_calls_it():
    results = verl.compute_score_batch(
        data_sources=["livecodebench"] * len(ANSWERS),
        solution_strs=[answer.text for answer in ANSWERS],
        ground_truths=[answer.question_id for answer in ANSWERS],
        extra_infos=[{} for _ in ANSWERS],
        **OPTIONS,
    )
    assert {answer.key: one["score"] for answer, one in zip(ANSWERS, results, strict=True)} == EXPECTED


def test_verl_as_managers_without_await_call_it():
    score = partial(verl.compute_score_sync, **OPTIONS)
    with ThreadPoolExecutor(8) as threads:  # the remote manager's and the prime manager's form, by keyword and position
        results = list(
            threads.map(lambda answer: score("livecodebench", answer.text, answer.question_id, None), ANSWERS)
        )
    assert {answer.key: one["score"] for answer, one in zip(ANSWERS, results, strict=True)} == EXPECTED


def test_skyrl_as_its_generator_calls_it():
    skyrl.register()
    skyrl.register()
    rows = {row["reward_spec"]["ground_truth"]: row for row in skyrl.rows(**OPTIONS)}

    def rollout(answer):
        row = rows[answer.question_id]
        extras = {"reward_spec": row["reward_spec"], "extra_info": row["extra_info"], "max_turns": 1}
        env = skyrl_gym.make(row["env_class"], env_config=OPTIONS, extras=extras)
        prompt, _ = env.init(row["prompt"])
        assert prompt == row["prompt"]
        step = env.step(answer.text)
        metrics = env.get_metrics()
        env.close()
        assert step["done"]
        assert step["observations"] == []
        return step["reward"], metrics

    with ThreadPoolExecutor(8) as threads:
        results = list(threads.map(rollout, ANSWERS))
    assert {answer.key: reward for answer, (reward, _) in zip(ANSWERS, results, strict=True)} == EXPECTED
    totals = skyrl.LiveCodeBenchTextEnv.aggregate_metrics([metrics for _, metrics in results])
    assert totals["acc"] == pytest.approx(sum(answer.passed for answer in ANSWERS) / len(ANSWERS))
    assert totals["infra_error"] == 0


def test_the_command(cli, tmp_path):
    cli("grade", MINI / "generations.jsonl", "--dataset", "mini", "--time-limit", 2, "--output", tmp_path / "out")
    rows = map(json.loads, (tmp_path / "out" / "judgements.jsonl").read_text().splitlines())
    passed = {(row["model"], row["question_id"], row["sample"]): float(row["passed"]) for row in rows}
    assert {answer.key: passed[answer.model, answer.question_id, answer.sample] for answer in ANSWERS} == EXPECTED
