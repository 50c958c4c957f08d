"""The example: its policy learns from real rewards in each of five seeds, and not from shuffled ones."""

from __future__ import annotations

import importlib.util
import random
import sys
from pathlib import Path

import pytest

from livecodebench.rewards.scorer import close_scorers, scorer_options, shared_scorer

pytestmark = pytest.mark.jail

SEEDS = range(5)
STEPS, GROUP, RATE = 16, 8, 0.3


@pytest.fixture(scope="module")
def example():
    pytest.importorskip("ray", reason="the example needs Ray: uv sync --extra ray")
    path = Path(__file__).parents[2] / "examples" / "reinforcement_learning.py"
    spec = importlib.util.spec_from_file_location("reinforcement_learning", path)
    module = importlib.util.module_from_spec(spec)
    sys.modules[spec.name] = module
    spec.loader.exec_module(module)
    from ray import cloudpickle

    cloudpickle.register_pickle_by_value(module)  # Ray's workers cannot import it
    yield module
    cloudpickle.unregister_pickle_by_value(module)
    del sys.modules[spec.name]


@pytest.fixture(scope="module")
def rewards(example):
    """Of each program that any of the seeds may draw, judged once."""
    scorer = shared_scorer(scorer_options(dataset="mini", slots=2, time_limit=example.TIME_LIMIT_S))
    programs = {
        (problem, program)
        for seed in SEEDS
        for problem, choices in example.programs_of_mini(random.Random(seed)).items()
        for program in choices
    }
    judging = {key: scorer.submit(key[0], f"```python\n{key[1]}\n```") for key in programs}
    found = {key: future.result().passed for key, future in judging.items()}
    close_scorers()
    return {key: None if passed is None else float(passed) for key, passed in found.items()}


def gain(example, rewards, seed, *, shuffle):
    rng = random.Random(seed)
    programs = example.programs_of_mini(rng)
    policy = example.Policy(programs, rate=RATE)
    steps = []
    for number in range(STEPS):
        rollouts = [
            example.Rollout(problem, action, rewards[problem, programs[problem][action]], 0.0, 0.0)
            for problem, action in policy.draw(GROUP, rng)
        ]
        policy.learn(example.shuffled(rollouts, rng) if shuffle else rollouts)
        steps.append(example.summary_of(number, rollouts, step_s=0.0, policy_s=0.0))
    return example.gain_of(steps)


def test_each_problem_has_right_and_wrong_programs(example, rewards):
    for problem, choices in example.programs_of_mini(random.Random(0)).items():
        found = {rewards[problem, program] for program in choices}
        assert {0.0, 1.0} <= found, problem


def test_it_learns_in_five_of_five_seeds(example, rewards):
    assert min(gain(example, rewards, seed, shuffle=False) for seed in SEEDS) > 0.2


def test_it_does_not_learn_from_shuffled_rewards(example, rewards):
    gains = [gain(example, rewards, seed, shuffle=True) for seed in SEEDS]
    assert max(map(abs, gains)) < 0.2
    assert abs(sum(gains) / len(gains)) < 0.1


def test_a_rollout_without_a_reward_is_masked_and_counted(example):
    policy = example.Policy({"p": ["a", "b"]}, rate=1.0)
    rollouts = [
        example.Rollout("p", action, reward, 0.1, 0.1) for action, reward in ((0, 1.0), (1, 0.0), (1, None), (1, None))
    ]
    policy.learn(rollouts)
    masked = policy.draw(2000, random.Random(0))
    policy = example.Policy({"p": ["a", "b"]}, rate=1.0)
    policy.learn(rollouts[:2])
    assert policy.draw(2000, random.Random(0)) == masked, "faults move nothing"
    step = example.summary_of(0, rollouts, step_s=1.0, policy_s=0.1)
    assert (step["reward"], step["masked"], step["rollouts"]) == (0.5, 2, 4)
    assert "masked 2/4" in example.line_of(step)


@pytest.mark.ray
@pytest.mark.timeout(900)
@pytest.mark.parametrize("backend", ["local", "ray"])
def test_its_actors_judge_on_one_pool(example, backend, tmp_path, capsys):
    from tests import ray_cluster

    ray_cluster.start()
    plot = tmp_path / "reward.svg"
    example.main(
        ["--backend", backend, "--slots", "2", "--pool-size", "1", "--steps", "2", "--group", "2", "--plot", str(plot)]
    )
    out = capsys.readouterr().out
    assert out.count("step ") >= 2
    assert "masked rollouts: 0" in out
    assert plot.read_text().startswith("<svg")
