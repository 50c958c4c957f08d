"""How many submissions a second go through a gateway, where nothing behind it takes time.

    uv run python benchmarks/gateway_rate.py [--clients 4] [--submissions 1000] [--pool-size 100]

The gateway is the real one, in a process of its own, but for the Ray actor around it and the pool behind it: that says
at once that each program's first answer is wrong. The clients are processes that judge stored answers of the bundled
dataset, over loopback, each with a session of its own. What is counted is what comes back, not what is sent.
"""

from __future__ import annotations

import argparse
import asyncio
import secrets
import subprocess
import sys
import time
from concurrent.futures import Future
from itertools import cycle, islice
from typing import Any

from gateway_cost import cpu_seconds, quick_ones, shown

from lcb_ray.agent.protocol import ExecutionResult, Outcome
from lcb_ray.batch import Batch, BatchResult
from lcb_ray.code_version import code_version
from lcb_ray.fake import compiled
from lcb_ray.gateway.blobs import Blobs
from lcb_ray.gateway.client import GatewayPool
from lcb_ray.gateway.desk import Desk
from lcb_ray.gateway.protocol import with_messages
from lcb_ray.gateway.server import Server
from lcb_ray.gateway.sessions import SessionRules
from lcb_ray.gateway.tokens import Tokens
from lcb_ray.pool import SandboxInfo
from livecodebench.dataset.opening import open_dataset
from livecodebench.judging.judge import Judge
from livecodebench.judging.travel import travel_codec

CODE = ("lcb_ray", "livecodebench")
UNBOUND = SessionRules(requests_per_s=1e9, bytes_per_s=1e12)


class Instant:
    """A pool that has its answer at once."""

    def __init__(self, slots: int) -> None:
        self.slots = slots

    def info(self) -> SandboxInfo:
        return SandboxInfo("ray", "3.11.0", None)

    def submit(self, batch: Batch[Any]) -> Future[BatchResult[Any]]:
        cases = batch.cases()
        answer = ExecutionResult(index=0, outcome=Outcome.EXITED, exit_code=0)
        done: Future[BatchResult[Any]] = Future()
        done.set_result(BatchResult(compiled(), (batch.check(answer, cases[0]),), len(cases), 1))
        return done

    def close(self) -> None:
        pass


async def serve(token: str, pool_size: int) -> None:
    """The gateway's process, until its standard input ends."""
    codec = with_messages(travel_codec())
    desk = Desk(
        lambda slots, **_: Instant(pool_size), codec, version=code_version(CODE), rules=UNBOUND, blobs=Blobs(64 << 20)
    )
    server = Server(desk, codec, tokens=Tokens({token: "default"}))
    print(await server.listen("127.0.0.1", 0), flush=True)
    reading = asyncio.create_task(asyncio.to_thread(sys.stdin.read))
    while not reading.done():
        desk.pass_time()
        await asyncio.wait([reading], timeout=0.2)
    await server.close()
    desk.close()


def client(port: str, token: str, submissions: int, pool_size: int) -> None:
    """A client's process: says when it is ready, begins at a word, and says what it took."""
    pool = GatewayPool(
        f"http://127.0.0.1:{port}", codec=travel_codec(), code=CODE, token=token, slots=1, pool_size=pool_size
    )
    judge = Judge(pool, open_dataset("mini"))
    chosen = list(islice(cycle(quick_ones()), submissions))
    for future in [judge.submit(one) for one in chosen[:20]]:
        future.result()
    print("ready", flush=True)
    sys.stdin.readline()
    before = time.process_time()
    for future in [judge.submit(one) for one in chosen]:
        assert future.result().error is None
    print(time.process_time() - before, flush=True)
    pool.close()


def started(*words: object) -> subprocess.Popen[str]:
    command = [sys.executable, __file__, *map(str, words)]
    return subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)


def said(process: subprocess.Popen[str]) -> str:
    assert process.stdout is not None
    return process.stdout.readline().strip()


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--clients", type=int, default=4)
    parser.add_argument("--submissions", type=int, default=1000, help="of each client")
    parser.add_argument("--pool-size", type=int, default=100)
    options = parser.parse_args()
    token = secrets.token_hex(16)
    gateway = started("--serve", token, options.pool_size)
    port = said(gateway)
    clients = [started("--client", port, token, options.submissions, options.pool_size) for _ in range(options.clients)]
    try:
        for one in clients:
            assert said(one) == "ready"
        before, began = cpu_seconds(gateway.pid), time.monotonic()
        for one in clients:
            assert one.stdin is not None
            one.stdin.write("go\n")
            one.stdin.flush()
        costs = [float(said(one)) / options.submissions for one in clients]
        took_s, cpu_s = time.monotonic() - began, cpu_seconds(gateway.pid) - before
    finally:
        for one in (*clients, gateway):
            one.communicate()
    count = options.clients * options.submissions
    print(f"{options.clients} clients, {count} submissions in {took_s:.1f} s: {count / took_s:.0f} a second")
    print(f"gateway: {1000 * cpu_s / count:.2f} ms of CPU for each, {cpu_s / took_s:.0%} of a core")
    print(f"clients: {shown(costs)} ms of CPU for each")


if __name__ == "__main__":
    if sys.argv[1:2] == ["--serve"]:
        asyncio.run(serve(sys.argv[2], int(sys.argv[3])))
    elif sys.argv[1:2] == ["--client"]:
        client(sys.argv[2], sys.argv[3], int(sys.argv[4]), int(sys.argv[5]))
    else:
        main()
