"""What a gateway costs: CPU seconds for each submission, beside a pool that is used directly.

    uv run python benchmarks/gateway_cost.py [--address HOST:PORT] [--rounds 5] [--submissions 200]

Stored answers of the bundled dataset are judged on one pool, in turns by a driver of the same Ray cluster and through a
gateway to it. Counted are the CPU seconds of this process and of the gateway; what the pool's own actors and the
programs take is the same for both. CPU seconds, unlike wall time, say little of what else the machine does.
"""

from __future__ import annotations

import argparse
import json
import os
import secrets
import socket
import statistics
import time
from contextlib import closing
from functools import partial
from importlib.resources import files
from itertools import cycle, islice
from pathlib import Path

import ray

from lcb_ray.gateway.actor import GatewayConfig
from lcb_ray.gateway.client import GatewayPool
from lcb_ray.gateway.serving import serve, stop
from lcb_ray.pool import Pool
from lcb_ray.ray_pool.connection import connect, disconnect
from lcb_ray.ray_pool.driver import RayPool
from lcb_ray.ray_pool.messages import NAMESPACE
from livecodebench.answers.extraction import extract
from livecodebench.dataset.opening import open_dataset
from livecodebench.judging.judge import Judge
from livecodebench.judging.travel import travel_codec
from livecodebench.submission import Submission

CODE = ("lcb_ray", "livecodebench")
NAME = f"gateway-cost-{os.getpid()}"


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("--address")
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--submissions", type=int, default=200)
    options = parser.parse_args()
    submissions = list(islice(cycle(quick_ones()), options.submissions))
    connect(options.address, code=CODE)
    token = secrets.token_hex(16)
    settings = {"code": CODE, "name": NAME}
    config = GatewayConfig(
        codec=travel_codec(), code=CODE, open_pool=partial(RayPool, **settings), port=free_port(), token=token
    )
    url = serve(config, name=NAME)
    gateway = ray.get(ray.get_actor(NAME, NAMESPACE).pid.remote())
    direct = RayPool(1, pool_size=1, **settings)
    through = GatewayPool(url, codec=travel_codec(), code=CODE, token=token, slots=1, pool_size=1)
    try:
        with closing(direct), closing(through):
            for pool in (direct, through):  # imports, connections, tests
                cost(pool, submissions, [gateway])
            directly = [cost(direct, submissions, []) for _ in range(options.rounds)]
            through_it = [cost(through, submissions, [gateway]) for _ in range(options.rounds)]
    finally:
        stop(name=NAME)
        disconnect()
    for name, costs in (("directly", directly), ("through the gateway", through_it)):
        print(f"{name}: median {1000 * statistics.median(costs):.2f} ms a submission; rounds {shown(costs)}")
    print(f"added: {1000 * (statistics.median(through_it) - statistics.median(directly)):.2f} ms")


def quick_ones() -> list[Submission]:
    """Stored answers that end at once: what is measured is their way."""
    folder = files("livecodebench") / "data" / "mini"
    expected = json.loads((folder / "expected.json").read_text())["verdicts"]
    quick = {(row["model"], row["question_id"], row["sample"]) for row in expected if "limit" not in row["verdict"]}
    rows = [json.loads(line) for line in (folder / "generations.jsonl").read_text().splitlines()]
    return [
        Submission(row["question_id"], extract(text).code, row["model"], sample)
        for row in rows
        for sample, text in enumerate(row["output_list"])
        if (row["model"], row["question_id"], sample) in quick
    ]


def cost(pool: Pool, submissions: list[Submission], others: list[int]) -> float:
    """CPU seconds of this process and the others for each submission."""
    judge = Judge(pool, open_dataset("mini"))
    before = time.process_time() + sum(map(cpu_seconds, others))
    for future in [judge.submit(submission) for submission in submissions]:
        assert future.result().error is None
    return (time.process_time() + sum(map(cpu_seconds, others)) - before) / len(submissions)


def cpu_seconds(pid: int) -> float:
    fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def free_port() -> int:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port: int = free.getsockname()[1]
        return port


def shown(costs: list[float]) -> str:
    return ", ".join(f"{1000 * one:.2f}" for one in costs)


if __name__ == "__main__":
    main()
