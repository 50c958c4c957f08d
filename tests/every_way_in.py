"""The same stored answers through every way in: their rewards have to be identical.

    LCB_CORPUS=… python -m tests.every_way_in --folder FOLDER [WAY ...] [--count 500] [--time-limit S]

Takes answers of two models to each of as many problems of the corpus as it needs, has each way reward them (all ways,
or those named), keeps what each found in FOLDER, and compares everything that is there. Exit status 1 where two ways
differ. The small sample that is in the tests is tests/jail/test_every_way_in.py.
"""

from __future__ import annotations

import argparse
import asyncio
import gzip
import hashlib
import inspect
import json
import os
import shutil
import subprocess
import sys
import time
import uuid
from collections.abc import Awaitable, Callable, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any

from livecodebench.dataset.opening import open_dataset
from livecodebench.replay.answering import Answerer
from livecodebench.replay.server import ReplayServer
from livecodebench.replay.stored_file import read_stored
from livecodebench.rewards.scorer import close_scorers, scorer_options, shared_scorer
from tests.gateway_thread import TOKEN

MODELS = ("O1-Mini-2024-09-12 (N=1)", "Qwen2.5-Ins-7B")  # mostly right, and mostly wrong
STORED = "stored"  # what both are called here: as samples of one model

Rewards = dict[str, float | None]
"""By `key` of an answer."""

Reward = Callable[..., Awaitable[dict[str, float]]]
"""A reward function of verl's."""


def key(question_id: str, text: str | None) -> str:
    """What an answer is recognised by in whatever a way in gives back."""
    return f"{question_id} {hashlib.sha256((text or '').encode()).hexdigest()[:16]}"


@dataclass(frozen=True)
class Sample:
    """What is rewarded.

    Attributes:
        dataset: A name or file.
        generations: The answers; each model has the same number for each problem.
        time_limit: CPU seconds for each test.
        folder: For what ways write.
    """

    dataset: str
    generations: Path
    folder: Path
    time_limit: float = 6.0

    @property
    def options(self) -> dict[str, Any]:
        """Of every way in."""
        return {"dataset": self.dataset, "slots": 2, "time_limit": self.time_limit}

    def rows(self) -> list[dict[str, Any]]:
        return [json.loads(line) for line in self.generations.read_text().splitlines()]

    def answers(self) -> list[tuple[str, str]]:
        """(question_id, text) of each."""
        return [(row["question_id"], text) for row in self.rows() for text in row["output_list"]]

    def models(self) -> dict[str, int]:
        """How many answers each has to a problem."""
        return {row["model"]: len(row["output_list"]) for row in self.rows()}

    @contextmanager
    def served(self) -> Iterator[ReplayServer]:
        """The answers as a model's API."""
        problems = open_dataset(self.dataset).values()
        with ReplayServer(Answerer(read_stored(self.generations), problems)) as server:
            yield server


def command(sample: Sample) -> Rewards:
    out = sample.folder / "graded"
    subprocess.run(
        [sys.executable, "-m", "livecodebench", "grade", sample.generations, "--dataset", sample.dataset, "--slots",
         "2", "--time-limit", str(sample.time_limit), "--output", out],
        check=True,
        stdout=subprocess.DEVNULL,
    )  # fmt: skip
    texts = {(row["model"], row["question_id"]): row["output_list"] for row in sample.rows()}
    return {
        key(row["question_id"], texts[row["model"], row["question_id"]][row["sample"]]): _as_reward(row["passed"])
        for row in map(json.loads, (out / "judgements.jsonl").read_text().splitlines())
    }


def classic(sample: Sample) -> Rewards:
    from livecodebench.environment import evaluate, load_environment

    env = load_environment(**sample.options)
    found: Rewards = {}
    try:
        with sample.served() as server:
            for model, samples in sample.models().items():
                result = evaluate(server.base_url, model, env, rollouts_per_example=samples)
                for one in result["outputs"]:
                    found[key(one["info"]["question_id"], one["completion"][-1]["content"])] = one["reward"]
    finally:
        env.close()
    return found


def taskset(sample: Sample, *, release: str) -> Rewards:
    from tests import verifiers04
    from tests.taskset_run import TasksetRun

    if release == "0.4" and (lacks := verifiers04.lacks()):  # which makes the environment
        raise SystemExit(f"v1-0.4: {lacks}")
    found: Rewards = {}
    with sample.served() as server:
        for number, (model, samples) in enumerate(sample.models().items()):
            folder = sample.folder / f"v1-{release}-{number}"
            folder.mkdir()
            run = TasksetRun(release, folder, server)
            run.start(model, samples, sample.dataset, "--env.taskset.task.time-limit", str(sample.time_limit))
            for trace in run.traces():
                # Without an answer where the machine was too busy to ask: counted as a fault, to be run again.
                text = trace["nodes"][-1]["message"]["content"] if trace["nodes"] else None
                reward = trace["rewards"]["reward"]["score"] if trace["ok"] else None
                found[key(trace["task"]["data"]["question_id"], text)] = reward
    return found


def prime_rl(sample: Sample) -> Rewards:
    """As prime-rl calls verifiers: its environment server, and tasks shipped to it."""
    from tests.prime_rl import rollouts

    taskset = {"dataset": sample.dataset, "task": {"slots": 2, "time_limit": sample.time_limit}}
    found: Rewards = {}
    with sample.served() as server:
        for model, samples in sample.models().items():
            asked = {"url": server.base_url, "model": model, "samples": samples, "folder": sample.folder}
            found |= {key(one.question_id, one.text): one.reward for one in rollouts(taskset, **asked)}
    return found


def verl(sample: Sample) -> Rewards:
    """As verl's reward loop calls it: it wraps the function so, and asks the wrapper whether to await it (0.9.1)."""
    from livecodebench.trainers import verl as way

    async def wrapped(raw: Reward, kwargs: Mapping[str, Any], *args: object, **called: object) -> dict[str, float]:
        return await raw(*args, **{**called, **kwargs})

    score = partial(wrapped, way.compute_score, sample.options)
    assert inspect.iscoroutinefunction(way.compute_score)
    assert inspect.iscoroutinefunction(score)

    async def batch() -> list[dict[str, float]]:
        tasks = (
            score(
                data_source="livecodebench",
                solution_str=text,
                ground_truth=question_id,
                extra_info={"num_turns": None, "rollout_reward_scores": {}},
                reward_router_address="127.0.0.1:1",
                reward_model_tokenizer=None,
            )
            for question_id, text in sample.answers()
        )
        return await asyncio.gather(*tasks)

    results = asyncio.run(batch())
    assert len({frozenset(one) for one in results}) == 1, "verl stacks the other values: the same keys each time"
    return _unless_faults(sample, [(one["score"], one["infra_error"]) for one in results])


def verl_batch(sample: Sample) -> Rewards:
    """As verl's older batch manager calls it."""
    from livecodebench.trainers import verl as way

    answers = sample.answers()
    results = way.compute_score_batch(
        data_sources=["livecodebench"] * len(answers),
        solution_strs=[text for _, text in answers],
        ground_truths=[question_id for question_id, _ in answers],
        extra_infos=[{} for _ in answers],
        **sample.options,
    )
    return _unless_faults(sample, [(one["score"], one["infra_error"]) for one in results])


def verl_sync(sample: Sample) -> Rewards:
    """As verl's remote manager and its older prime one call it: in threads, by position."""
    from livecodebench.trainers import verl as way

    score = partial(way.compute_score_sync, **sample.options)
    with ThreadPoolExecutor(8) as threads:
        results = list(threads.map(lambda one: score("livecodebench", one[1], one[0], None), sample.answers()))
    return _unless_faults(sample, [(one["score"], one["infra_error"]) for one in results])


def skyrl(sample: Sample) -> Rewards:
    """As SkyRL's generator calls it: in threads."""
    import skyrl_gym

    from livecodebench.trainers import skyrl as way

    way.register()
    way.register()  # a second call does nothing
    rows = {row["reward_spec"]["ground_truth"]: row for row in way.rows(**sample.options)}

    def rollout(answer: tuple[str, str]) -> tuple[float, Mapping[str, float]]:
        question_id, text = answer
        row = rows[question_id]
        extras = {"reward_spec": row["reward_spec"], "extra_info": row["extra_info"], "max_turns": 1}
        env = skyrl_gym.make(row["env_class"], env_config=sample.options, extras=extras)
        prompt, _ = env.init(row["prompt"])
        assert prompt == row["prompt"]
        step = env.step(text)
        metrics = env.get_metrics()
        env.close()
        assert (step["done"], step["observations"]) == (True, [])
        return step["reward"], metrics

    with ThreadPoolExecutor(8) as threads:
        results = list(threads.map(rollout, sample.answers()))
    found = _unless_faults(sample, [(reward, metrics["infra_error"]) for reward, metrics in results])
    totals = way.LiveCodeBenchTextEnv.aggregate_metrics([metrics for _, metrics in results])
    assert abs(totals["acc"] - sum(reward for reward, _ in results) / len(results)) < 1e-9
    return found


def gateway(sample: Sample, *, url: str | None = None) -> Rewards:
    """From outside a Ray cluster. Without a URL: a Ray of its own, and the gateway that is started on it."""
    with _at(url) if url else _gateway_on_ray() as address:
        kept = {name: os.environ.get(name) for name in ("LIVECODEBENCH_RAY_ADDRESS", "LIVECODEBENCH_GATEWAY_TOKEN")}
        os.environ.update({"LIVECODEBENCH_RAY_ADDRESS": address, "LIVECODEBENCH_GATEWAY_TOKEN": TOKEN})
        try:
            scorer = shared_scorer(scorer_options(**sample.options, backend="ray", pool_size=1))
            judging = [scorer.submit(question_id, text) for question_id, text in sample.answers()]
            found = [_as_reward(future.result().passed) for future in judging]
            close_scorers()
        finally:
            for name, value in kept.items():
                os.environ.pop(name)
                if value is not None:
                    os.environ[name] = value
    return {key(*answer): reward for answer, reward in zip(sample.answers(), found, strict=True)}


@contextmanager
def _at(url: str) -> Iterator[str]:
    yield url


@contextmanager
def _gateway_on_ray() -> Iterator[str]:
    import ray

    from lcb_ray.gateway.actor import GatewayConfig
    from lcb_ray.gateway.serving import serve
    from lcb_ray.ray_pool.driver import RayPool
    from livecodebench.judging.backend import CODE
    from livecodebench.judging.travel import travel_codec
    from tests import ray_cluster

    ray_cluster.start()
    name = f"every-way-in-{uuid.uuid4().hex[:8]}"
    opened = partial(RayPool, name=name, code=CODE)
    config = GatewayConfig(codec=travel_codec(), code=CODE, open_pool=opened, port=0, token=TOKEN)
    try:
        yield serve(config, name=name)
    finally:
        ray.shutdown()


WAYS: Mapping[str, Callable[[Sample], Rewards]] = {
    "command": command,
    "classic": classic,
    "v1-0.3": partial(taskset, release="0.3"),
    "v1-0.4": partial(taskset, release="0.4"),
    "prime-rl": prime_rl,
    "verl": verl,
    "verl-batch": verl_batch,
    "verl-sync": verl_sync,
    "skyrl": skyrl,
    "gateway": gateway,
}


def _as_reward(passed: bool | None) -> float | None:
    return None if passed is None else float(passed)


def _unless_faults(sample: Sample, results: Sequence[tuple[float, float]]) -> Rewards:
    """Of (score, infra_error): a fault has no reward here, so that it equals no verdict."""
    return {
        key(*answer): None if fault else score for answer, (score, fault) in zip(sample.answers(), results, strict=True)
    }


def corpus_sample(corpus: Path, count: int, folder: Path, *, time_limit: float) -> Sample:
    """Answers of both models to as many problems as give `count`, evenly from the whole corpus."""
    answers: dict[str, dict[str, str]] = {}
    with gzip.open(corpus / "dev" / "solutions.jsonl.gz", "rt") as file:
        for row in map(json.loads, file):
            if row["model"] in MODELS:
                answers.setdefault(row["question_id"], {})[row["model"]] = row["output_list"][0]
    both = [question_id for question_id, by_model in answers.items() if len(by_model) == len(MODELS)]
    wanted = count // len(MODELS)
    chosen = {both[number * len(both) // wanted] for number in range(wanted)}
    dataset, generations = folder / "problems.jsonl", folder / "generations.jsonl"
    with gzip.open(corpus / "dev" / "problems.jsonl.gz", "rt") as file, dataset.open("w") as out:
        out.writelines(line for line in file if json.loads(line)["question_id"] in chosen)
    with generations.open("w") as out:
        for question_id in both:
            if question_id in chosen:
                row = {"question_id": question_id, "model": STORED, "output_list": [*answers[question_id].values()]}
                out.write(json.dumps(row) + "\n")
    return Sample(str(dataset), generations, folder, time_limit)


def compared(found: Mapping[str, Rewards]) -> tuple[list[str], bool]:
    """A line for each way, and whether all agree."""
    first = next(iter(found.values()), {})
    lines, agree = [f"{'way in':<12}{'answers':>9}{'faults':>8}{'mean reward':>13}{'differ':>8}"], True
    for way, rewards in found.items():
        differ = [name for name in first.keys() | rewards.keys() if first.get(name) != rewards.get(name)]
        judged = [reward for reward in rewards.values() if reward is not None]
        agree = agree and not differ and len(judged) == len(rewards)
        mean = sum(judged) / max(len(judged), 1)
        lines.append(f"{way:<12}{len(rewards):>9}{len(rewards) - len(judged):>8}{mean:>13.4f}{len(differ):>8}")
        lines.extend(f"    {name}: {first.get(name)} by the first way, here {rewards.get(name)}" for name in differ)
    return lines, agree


def main() -> int:
    """Run ways, then compare all that have been run."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("ways", nargs="*", metavar="WAY", help=f"of {', '.join(WAYS)}; none: all of them")
    parser.add_argument("--folder", type=Path, required=True)
    parser.add_argument("--count", type=int, default=500)
    parser.add_argument("--time-limit", type=float, default=6.0)
    options = parser.parse_args()
    if "LCB_CORPUS" not in os.environ:
        parser.error("LCB_CORPUS must name the folder of the corpus, which is not part of the repository")
    options.folder.mkdir(parents=True, exist_ok=True)
    for way in options.ways or WAYS:
        began, folder = time.monotonic(), options.folder / way
        shutil.rmtree(folder, ignore_errors=True)  # of a run that was broken off
        folder.mkdir()
        corpus = Path(os.environ["LCB_CORPUS"])
        rewards = WAYS[way](corpus_sample(corpus, options.count, folder, time_limit=options.time_limit))
        close_scorers()
        (options.folder / f"{way}.json").write_text(json.dumps(rewards))
        sys.stdout.write(f"{way}: {len(rewards)} answers in {time.monotonic() - began:.0f} s\n")
        sys.stdout.flush()
    kept = {way: file for way in WAYS if (file := options.folder / f"{way}.json").exists()}
    lines, agree = compared({way: json.loads(file.read_text()) for way, file in kept.items()})
    sys.stdout.write("\n".join(lines) + "\n")
    return 0 if agree else 1


if __name__ == "__main__":
    sys.exit(main())
