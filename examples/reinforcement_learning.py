"""A policy that learns to choose right programs, in minutes, on CPU: Ray rollout actors, one judge, GRPO-style groups.

    uv run --extra ray python examples/reinforcement_learning.py --seed 0 --plot reward.svg

The policy is a table: for each of the bundled problems, a softmax over eight real programs, of which one is a right
answer and the others are mutants of it. Nothing tells it which. Each step draws a group of programs for each problem,
has them judged in the sandboxes, and moves the table by reward minus the group's mean. The reward rises; with
--shuffle-rewards, which deals the same rewards out at random, it must not.

--backend ray: all actors attach to one pool of sandboxes, by its name. local: each actor has a jail of its own. Actors
of another Ray cluster than the sandboxes' reach these by the gateway: LIVECODEBENCH_RAY_ADDRESS=http://… names it.
What a failed sandbox leaves without a reward is masked: it is in no mean, moves nothing, and is counted.
"""

from __future__ import annotations

import argparse
import ast
import asyncio
import copy
import json
import math
import random
import time
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass
from importlib.resources import files
from pathlib import Path
from statistics import fmean
from typing import Any

import ray

from lcb_ray.ray_pool.connection import connect, disconnect
from livecodebench.answers.extraction import extract
from livecodebench.judging.backend import CODE
from livecodebench.rewards.scorer import Scorer, scorer_options, shared_scorer

PROGRAMS = 8  # for each problem
TIME_LIMIT_S = 1.0  # of CPU; a mutant may loop for ever
SWAPS: Mapping[type[ast.AST], type[ast.AST]] = {
    ast.Add: ast.Sub,
    ast.Sub: ast.Add,
    ast.Lt: ast.LtE,
    ast.LtE: ast.Lt,
    ast.Gt: ast.GtE,
    ast.GtE: ast.Gt,
    ast.Eq: ast.NotEq,
    ast.NotEq: ast.Eq,
    ast.And: ast.Or,
    ast.Or: ast.And,
}


@dataclass(frozen=True)
class Rollout:
    """One program that was drawn, and what came of it.

    Attributes:
        problem: The problem's id.
        action: Which of its programs.
        reward: None where the infrastructure failed.
        wait_s: From asking to the verdict, without the execution.
        execution_s: Wall time of its tests.
    """

    problem: str
    action: int
    reward: float | None
    wait_s: float
    execution_s: float


class RolloutWorker:
    """Has programs judged. As a Ray actor: many of them share the sandboxes.

    Args:
        options: Of livecodebench.rewards.scorer.scorer_options.
        programs: By problem: what each action is.
    """

    def __init__(self, options: Mapping[str, Any], programs: Mapping[str, Sequence[str]]) -> None:
        self._options = dict(options)
        self._programs = programs

    async def run(self, drawn: Sequence[tuple[str, int]]) -> list[Rollout]:
        """Judge what was drawn, all at once."""
        scorer = shared_scorer(scorer_options(**self._options))
        return await asyncio.gather(*(self._rollout(scorer, problem, action) for problem, action in drawn))

    async def _rollout(self, scorer: Scorer, problem: str, action: int) -> Rollout:
        start = time.monotonic()
        score = await scorer.score(problem, f"```python\n{self._programs[problem][action]}\n```")
        execution_s = sum(test.usage.wall_s for test in score.judgement.tests)
        return Rollout(problem, action, score.reward, max(time.monotonic() - start - execution_s, 0.0), execution_s)


class Policy:
    """A softmax over programs for each problem."""

    def __init__(self, programs: Mapping[str, Sequence[str]], *, rate: float) -> None:
        self._logits = {problem: [0.0] * len(choices) for problem, choices in programs.items()}
        self._rate = rate

    def draw(self, group: int, rng: random.Random) -> list[tuple[str, int]]:
        """A group of actions for each problem."""
        return [
            (problem, action)
            for problem, logits in self._logits.items()
            for action in rng.choices(range(len(logits)), [math.exp(value - max(logits)) for value in logits], k=group)
        ]

    def learn(self, rollouts: Sequence[Rollout]) -> None:
        """Move towards what did better than its group; rollouts without a reward are in no group.

        The gradient of a softmax is (1 if chosen else 0) - probability; the second part cancels, since advantages add
        up to zero in a group.
        """
        for problem, logits in self._logits.items():
            judged = [(one.action, one.reward) for one in rollouts if one.problem == problem and one.reward is not None]
            if len(judged) > 1:
                baseline = fmean(reward for _, reward in judged)
                for action, reward in judged:
                    logits[action] += self._rate * (reward - baseline)


def programs_of_mini(rng: random.Random) -> dict[str, list[str]]:
    """For each bundled problem its right answer and mutants of it, in random order."""
    stored = (files("livecodebench") / "data" / "mini" / "generations.jsonl").read_text()
    programs = {}
    for row in map(json.loads, stored.splitlines()):
        if row["model"] == "mini-strong":
            right = extract(row["output_list"][0]).code
            mutants = list(dict.fromkeys(mutants_of(right)))
            programs[row["question_id"]] = [right, *rng.sample(mutants, min(PROGRAMS - 1, len(mutants)))]
            rng.shuffle(programs[row["question_id"]])
    return programs


def mutants_of(program: str) -> Iterator[str]:
    """The program with one operator or whole number changed."""
    tree = ast.parse(program)
    for place, node in enumerate(ast.walk(tree)):
        if isinstance(node, ast.Constant) and type(node.value) is int:
            yield _changed(tree, place, value=node.value + 1)
        for field in ("op", "ops"):
            found = getattr(node, field, None)
            operator = found[0] if isinstance(found, list) and found else found
            if swap := SWAPS.get(type(operator)):
                yield _changed(tree, place, **{field: [swap(), *found[1:]] if isinstance(found, list) else swap()})


def _changed(tree: ast.Module, place: int, **fields: object) -> str:
    changed = copy.deepcopy(tree)
    node = list(ast.walk(changed))[place]
    for name, value in fields.items():
        setattr(node, name, value)
    return ast.unparse(changed)


def shuffled(rollouts: Sequence[Rollout], rng: random.Random) -> list[Rollout]:
    """The same rewards, dealt out at random over the step: what a policy learns from is gone, all else is the same."""
    rewards = [one.reward for one in rollouts]
    rng.shuffle(rewards)
    return [
        Rollout(one.problem, one.action, reward, one.wait_s, one.execution_s)
        for one, reward in zip(rollouts, rewards, strict=True)
    ]


def train(arguments: argparse.Namespace) -> list[dict[str, float]]:
    """Train; what is known of each step, which is printed too."""
    rng = random.Random(arguments.seed)
    programs = programs_of_mini(rng)
    policy = Policy(programs, rate=arguments.rate)
    options = {"dataset": "mini", "backend": arguments.backend, "time_limit": TIME_LIMIT_S}
    options |= {"slots": arguments.slots, "pool_size": arguments.pool_size}
    # An actor that is lost starts again, and judges again what it was judging.
    # Beside sandbox pods there is no room for it.
    place = {"node:__internal_head__": 0.001} if arguments.backend == "kubernetes" else {}
    actor = ray.remote(num_cpus=0, resources=place, max_restarts=-1, max_task_retries=-1)(RolloutWorker)
    workers = [actor.remote(options, programs) for _ in range(arguments.actors)]
    steps: list[dict[str, float]] = []
    for number in range(arguments.steps):
        start = time.monotonic()
        drawn = policy.draw(arguments.group, rng)
        asked = time.monotonic()
        parts = ray.get([worker.run.remote(drawn[index :: len(workers)]) for index, worker in enumerate(workers)])
        answered = time.monotonic()
        rollouts = [rollout for part in parts for rollout in part]
        policy.learn(shuffled(rollouts, rng) if arguments.shuffle_rewards else rollouts)
        end = time.monotonic()
        steps.append(summary_of(number, rollouts, step_s=end - start, policy_s=end - start - (answered - asked)))
        print(line_of(steps[-1]), flush=True)  # noqa: T201
        if arguments.rollouts is not None:
            with arguments.rollouts.open("a") as file:
                file.writelines(json.dumps({"step": number, **asdict(one)}) + "\n" for one in rollouts)
    return steps


def summary_of(number: int, rollouts: Sequence[Rollout], *, step_s: float, policy_s: float) -> dict[str, float]:
    """What is known of a step; times in seconds, waiting and execution as means over the rollouts."""
    rewards = [one.reward for one in rollouts if one.reward is not None]
    return {
        "step": number,
        "reward": fmean(rewards) if rewards else math.nan,
        "rollouts": len(rollouts),
        "masked": len(rollouts) - len(rewards),
        "step_s": step_s,
        "policy_s": policy_s,
        "wait_s": fmean(one.wait_s for one in rollouts),
        "execution_s": fmean(one.execution_s for one in rollouts),
    }


def line_of(step: Mapping[str, float]) -> str:
    """A step as a line: waiting and execution are means over the rollouts, which run side by side."""
    bar = "#" * round(40 * step["reward"]) if not math.isnan(step["reward"]) else ""
    return (
        f"step {step['step']:2.0f}  reward {step['reward']:.3f} {bar:<40}"
        f"  masked {step['masked']:.0f}/{step['rollouts']:.0f}"
        f"  step {step['step_s']:.2f} s: policy {step['policy_s']:.3f}, a rollout: wait {step['wait_s']:.2f},"
        f" execution {step['execution_s']:.2f}"
    )


def svg_of(steps: Sequence[Mapping[str, float]]) -> str:
    """The reward over the steps, as a picture."""
    last = max(len(steps) - 1, 1)
    judged = (step for step in steps if not math.isnan(step["reward"]))
    points = " ".join(f"{40 + 420 * step['step'] / last:.1f},{210 - 190 * step['reward']:.1f}" for step in judged)
    return (
        '<svg xmlns="http://www.w3.org/2000/svg" width="480" height="240" font-family="sans-serif" font-size="12">'
        '<rect width="100%" height="100%" fill="white"/><path d="M40 20V210H460" fill="none" stroke="black"/>'
        '<text x="30" y="24" text-anchor="end">1</text><text x="30" y="214" text-anchor="end">0</text>'
        f'<text x="40" y="228">step 0</text><text x="460" y="228" text-anchor="end">{last}</text>'
        f'<text x="250" y="16" text-anchor="middle">mean reward</text>'
        f'<polyline points="{points}" fill="none" stroke="steelblue" stroke-width="2"/></svg>\n'
    )


def gain_of(steps: Sequence[Mapping[str, float]]) -> float:
    """How much better the last quarter of the steps is than the first step."""
    return fmean(step["reward"] for step in steps[-max(len(steps) // 4, 1) :]) - steps[0]["reward"]


def main(argv: Sequence[str] | None = None) -> float:
    """Train by the command line; the gain in reward."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--backend", default="local", choices=["local", "docker", "ray", "kubernetes"])
    parser.add_argument("--pool-size", type=int, help="sandboxes; default: the backend's")
    parser.add_argument("--slots", type=int, default=None, help="programs at once in each sandbox")
    parser.add_argument("--actors", type=int, default=2, help="rollout actors")
    parser.add_argument("--steps", type=int, default=16)
    parser.add_argument("--group", type=int, default=8, help="programs drawn for each problem and step")
    parser.add_argument("--rate", type=float, default=0.3, help="how far a step moves the policy")
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--shuffle-rewards", action="store_true", help="control: deal the rewards out at random")
    parser.add_argument("--plot", type=Path, help="write the reward over the steps to this SVG file")
    parser.add_argument("--rollouts", type=Path, help="append a line of JSON for each rollout to this file")
    parser.add_argument("--address", help="of the actors' Ray cluster; default: RAY_ADDRESS, else one of its own")
    arguments = parser.parse_args(argv)
    connect(arguments.address, code=CODE)
    try:
        steps = train(arguments)
    finally:
        disconnect()
    gain = gain_of(steps)
    print(f"gain in mean reward: {gain:+.3f}; masked rollouts: {sum(step['masked'] for step in steps):.0f}")  # noqa: T201
    if arguments.plot is not None:
        arguments.plot.write_text(svg_of(steps))
    return gain


if __name__ == "__main__":
    main()
