"""Many workers, one pool: verifiers' environment servers, a process of its own, and Ray actors, all at once."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import threading
from contextlib import closing
from importlib.resources import files
from pathlib import Path

import pytest

pytest.importorskip("ray", reason="Ray is not installed: uv sync --extra ray")

from lcb_ray.ray_pool.driver import POOL_NAME, RayPool
from lcb_ray.rules.state import PoolRules
from livecodebench.dataset.opening import open_dataset
from livecodebench.judging.backend import ADDRESS_VARIABLE, CODE
from livecodebench.replay.answering import Answerer
from livecodebench.replay.server import ReplayServer
from livecodebench.replay.stored_file import read_stored
from tests.every_answer import expected_rewards

pytestmark = [pytest.mark.ray, pytest.mark.timeout(900)]

MINI = Path(str(files("livecodebench") / "data" / "mini"))
OPTIONS = {"dataset": "mini", "backend": "ray", "slots": 1, "pool_size": 2, "time_limit": 1.0}
SERVERS = ACTORS = 2
PATIENCE_S = 600


class Drivers:
    """Who has been in the pool so far, by process; and how many pools and sandboxes there were."""

    def __init__(self, pool: RayPool) -> None:
        self._pool = pool
        self._over = threading.Event()
        self.pids: set[int] = set()
        self.epochs: set[int] = set()
        self.sandboxes = 0
        self._thread = threading.Thread(target=self._look)
        self._thread.start()

    def _look(self) -> None:
        while not self._over.wait(0.2):
            status = self._pool.status()
            self.pids |= {int(label.rpartition(" ")[2]) for label in status["drivers"].values() if label}
            self.epochs.add(status["epoch"])
            self.sandboxes = max(self.sandboxes, len(status["sandboxes"]))

    def close(self) -> None:
        self._over.set()
        self._thread.join()


def rewards_by_actors(url):
    """Ray actors of the pool's own cluster, each with an environment."""
    import ray

    class Worker:
        def run(self, model):
            import os

            import livecodebench
            from livecodebench.environment import evaluate

            env = livecodebench.load_environment(**OPTIONS)
            result = evaluate(url, model, env, rollouts_per_example=2, max_concurrent=4)
            env.close()
            found = [(one["info"]["question_id"], one["completion"][-1]["content"]) for one in result["outputs"]]
            return os.getpid(), dict(zip(found, (one["reward"] for one in result["outputs"]), strict=True))

    workers = [ray.remote(num_cpus=0)(Worker).remote() for _ in range(ACTORS)]
    models = ("mini-strong", "mini-weak")
    return [worker.run.remote(models[number % 2]) for number, worker in enumerate(workers)]


def vf_eval(url, address, folder):
    """Verifiers' command, with environment servers."""
    command = [Path(sys.executable).with_name("vf-eval"), "livecodebench", "-m", "mini-weak", "-b", url, "-k", "NO_KEY"]
    return subprocess.Popen(
        [*command, "-n", "-1", "-r", "2", "-c", "8", "-w", str(SERVERS), "-s", "-d", "-a", json.dumps(OPTIONS)],
        cwd=folder,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.PIPE,
        text=True,
        env=os.environ | {"NO_KEY": "x", ADDRESS_VARIABLE: address},
    )


def grade(address, folder):
    """A process of its own."""
    command = [sys.executable, "-m", "livecodebench", "grade", MINI / "generations.jsonl", "--dataset", "mini"]
    options = ["--backend", "ray", "--slots", "1", "--pool-size", "2", "--time-limit", "1", "--output", folder / "out"]
    return subprocess.Popen(
        [*command, *options],
        stdout=subprocess.DEVNULL,
        stderr=subprocess.PIPE,
        text=True,
        env=os.environ | {ADDRESS_VARIABLE: address},
    )


def test_servers_processes_and_actors_share_one_pool(cluster, tmp_path):
    import ray

    address = ray.get_runtime_context().gcs_address
    answerer = Answerer(read_stored(MINI / "generations.jsonl"), open_dataset("mini").values(), cycle=True)
    expected = expected_rewards()
    pool = RayPool(1, pool_size=2, code=CODE, rules=PoolRules(grace_s=1))
    with ReplayServer(answerer) as server, closing(pool):
        pool.info()
        with closing(Drivers(pool)) as drivers:
            processes = [vf_eval(server.base_url, address, tmp_path), grade(address, tmp_path)]
            acted = ray.get(rewards_by_actors(server.base_url), timeout=PATIENCE_S)
            for process in processes:
                _, words = process.communicate(timeout=PATIENCE_S)
                assert process.returncode == 0, words[-3000:]
        for _, found in acted:
            assert {key: expected[key] for key in found} == found
        (results,) = tmp_path.glob("outputs/evals/*/*/results.jsonl")
        served = [json.loads(line) for line in results.read_text().splitlines()]
        for one in served:
            assert one["error"] is None
            assert one["reward"] == expected[one["info"]["question_id"], one["completion"][-1]["content"]]
        judged = [json.loads(line) for line in (tmp_path / "out" / "judgements.jsonl").read_text().splitlines()]
        assert len(served) == 28
        assert len(judged) == 56
        assert sum(row["passed"] for row in judged) == sum(expected.values())

        others = drivers.pids - {os.getpid(), processes[1].pid} - {pid for pid, _ in acted}
        assert len(others) == SERVERS, "each environment server came to the pool by itself"
        assert drivers.pids >= {processes[1].pid, *(pid for pid, _ in acted)}
        assert len(drivers.epochs) == 1
        assert drivers.sandboxes == 2
        named = ray.util.list_named_actors(all_namespaces=True)
        assert [one["name"] for one in named if one["name"] == f"pool:{POOL_NAME}"] == [f"pool:{POOL_NAME}"]
