"""Runs in the cluster, as a job that tests submit; prints one line of JSON, what it saw.

pod_job.py self-test SOCKET   the self-test in a sandbox pod, of the agent that listens there
"""

from __future__ import annotations

import json
import sys
import time

import ray


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
    sys.stdout.write("answer: " + json.dumps(self_test(sys.argv[2])) + "\n")
