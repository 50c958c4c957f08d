"""Runs in the cluster, as a job that tests submit; prints one line of JSON, what it saw.

pod_job.py attacks            the attacks beside it, through a pool on the sandbox pods
pod_job.py self-test SOCKET   the self-test in a sandbox pod, of the agent that listens there
"""

from __future__ import annotations

import base64
import json
import re
import secrets
import sys
import time
import tomllib
from dataclasses import replace
from pathlib import Path

import ray

from lcb_ray.agent.protocol import Limits, Program
from lcb_ray.batch import Batch, Case
from lcb_ray.ray_pool.driver import RayPool
from lcb_ray.rules.state import PoolRules

ATTACKS = Path(__file__).parent / "attacks"
LIMITS = Limits(cpu_s=1.0, memory_bytes=200_000_000, output_bytes=4_000_000)
GIVEN = {  # what is there to be attacked, as a program in the sandbox container would name it
    "agent": 1,
    "victim": 1,
    "neighbour": 1,
    "token": f"token-{secrets.token_hex(8)}",
    "key": 4242,
    "folder": "/run/livecodebench",
    "secret": "/opt/lcb/agent.pyz",
    "packages": ["/opt/lcb/agent.pyz"],
    "tcp": 52365,  # Ray's agent
    "abstract": "nobody",
    "abstract_datagram": "nobody",
    "path": "/run/livecodebench/agent.sock",
    "secret_backwards": secrets.token_hex(8),
    "expected_backwards": secrets.token_hex(8),
}


class Seen:
    """How one ended."""

    passed = True

    def __init__(self, result, case):
        self.said = {
            "outcome": str(result.outcome),
            "signal": result.signal,
            "stdout": base64.b64encode(result.stdout[:4000]).decode(),
            "stderr": result.stderr.decode("utf-8", "replace"),
        }


def header(source: str) -> dict[str, object]:
    block = re.search(r"^# /// attack\n(.*?)^# ///$", source, re.DOTALL | re.MULTILINE)
    return tomllib.loads(re.sub(r"^# ?", "", block[1], flags=re.MULTILINE))


def attacks() -> object:
    pool = RayPool(1, pool_size=1, address="auto", name="attacked", rules=PoolRules(grace_s=1))
    seen = {}
    for path in sorted(ATTACKS.glob("*.py")):
        source = path.read_text()
        limits = replace(LIMITS, cpu_s=header(source).get("cpu_s", LIMITS.cpu_s))
        batch = Batch(Program(source=source.encode()), lambda: [Case(json.dumps(GIVEN).encode() + b"\n")], Seen, limits)
        done = pool.submit(batch).result(300)
        seen[path.stem] = {**done.checked[0].said, "attempts": done.attempts}
    pool.close()
    return seen


def self_test(path: str) -> object:
    @ray.remote(num_cpus=0, resources={"sandbox": 1}, runtime_env={"env_vars": {"LIVECODEBENCH_AGENT_SOCKET": path}})
    def test() -> dict[str, object]:
        from lcb_ray.errors import SandboxUnusable
        from lcb_ray.neighbour import NeighbourAgent
        from lcb_ray.ray_pool.pod import POD_CHECKS, addresses, agent_here
        from lcb_ray.self_test import Subject

        began = time.monotonic()
        try:
            agent_here().close()
        except SandboxUnusable as error:
            refused = str(error)
        else:
            refused = ""
        took_s = time.monotonic() - began
        if "refuses to start" in refused:
            return {"refused": refused}
        subject = Subject(NeighbourAgent(path), addresses(), (path,))
        wrong = {check.name: check.run(subject) for check in POD_CHECKS}  # the first would have been enough
        return {"refused": refused, "took_s": took_s, "wrong": wrong, "addresses": subject.addresses}

    ray.init(address="auto", log_to_driver=False)
    return ray.get(test.remote(), timeout=300)


if __name__ == "__main__":
    answer = attacks() if sys.argv[1] == "attacks" else self_test(sys.argv[2])
    sys.stdout.write("answer: " + json.dumps(answer) + "\n")
