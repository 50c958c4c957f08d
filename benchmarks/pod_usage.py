"""What the containers of a pool's pods use: memory and CPU, read from their control groups by `kubectl exec`.

    python benchmarks/pod_usage.py --context kind-livecodebench --seconds 30

Needs no metrics server. Memory is the working set (what is used less file pages that nobody has used of late), as the
kubelet reckons it and evicts by; the peak is the kernel's, file pages included. CPU is the mean over the seconds.
"""

from __future__ import annotations

import argparse
import json
import subprocess
import sys
import time
from concurrent.futures import ThreadPoolExecutor

READ = r"""
import json, os
def read(*paths):
    for path in paths:
        try:
            return open(path).read()
        except OSError:
            pass
    return ""
two = os.path.exists("/sys/fs/cgroup/cgroup.controllers")
stat = read("/sys/fs/cgroup/memory.stat", "/sys/fs/cgroup/memory/memory.stat")
stat = dict(line.split() for line in stat.splitlines())
used = int(read("/sys/fs/cgroup/memory.current", "/sys/fs/cgroup/memory/memory.usage_in_bytes") or 0)
idle = int(stat.get("inactive_file" if two else "total_inactive_file", 0))
peak = int(read("/sys/fs/cgroup/memory.peak", "/sys/fs/cgroup/memory/memory.max_usage_in_bytes") or 0)
if two:
    usage = dict(line.split() for line in read("/sys/fs/cgroup/cpu.stat").splitlines())
    cpu = int(usage.get("usage_usec", 0)) / 1e6
else:
    cpu = int(read("/sys/fs/cgroup/cpu/cpuacct.usage", "/sys/fs/cgroup/cpuacct/cpuacct.usage") or 0) / 1e9
print(json.dumps({"set": max(used - idle, 0), "peak": peak, "cpu": cpu}))
"""

Container = tuple[str, str, str]  # role of the pod, its name, the container


def main() -> None:
    """Print a table."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--context", required=True)
    parser.add_argument("--namespace", default="livecodebench")
    parser.add_argument("--seconds", type=float, default=30.0)
    given = parser.parse_args()
    kubectl = ["kubectl", "--context", given.context, "--namespace", given.namespace]
    pods = json.loads(_said([*kubectl, "get", "pods", "--output", "json"]))["items"]
    containers: list[Container] = [
        (pod["metadata"]["labels"].get("ray.io/node-type", "-"), pod["metadata"]["name"], one["name"])
        for pod in pods
        for one in [*pod["spec"].get("initContainers", []), *pod["spec"]["containers"]]
        if one["name"] != "wait-gcs-ready" and pod["status"]["phase"] == "Running"
    ]
    began, first = time.monotonic(), _all(kubectl, containers)
    time.sleep(given.seconds)
    passed, second = time.monotonic() - began, _all(kubectl, containers)
    sys.stdout.write("| pod | container | working set, MiB | peak, MiB | CPUs |\n|---|---|---|---|---|\n")
    for role, pod, name in sorted(containers):
        before, after = first[pod, name], second[pod, name]
        cpus = (after["cpu"] - before["cpu"]) / passed
        mebibytes = [f"{after[key] / 2**20:.0f}" for key in ("set", "peak")]
        sys.stdout.write(f"| {role} {pod[-5:]} | {name} | {' | '.join(mebibytes)} | {cpus:.3f} |\n")


def _all(kubectl: list[str], containers: list[Container]) -> dict[tuple[str, str], dict[str, float]]:
    def read(one: Container) -> dict[str, float]:
        _, pod, name = one
        found: dict[str, float] = json.loads(_said([*kubectl, "exec", pod, "-c", name, "--", "python", "-c", READ]))
        return found

    with ThreadPoolExecutor(4) as beside:
        return {
            (pod, name): seen for (_, pod, name), seen in zip(containers, beside.map(read, containers), strict=True)
        }


def _said(command: list[str]) -> str:
    return subprocess.run(command, capture_output=True, text=True, check=True).stdout


if __name__ == "__main__":
    main()
