"""Where training runs while its sandboxes are killed: several Ray nodes on this machine, or a kind cluster.

Both have four sandboxes on two nodes, a gateway in front of them, and a way to run the example inside.
"""

from __future__ import annotations

import json
import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Sequence
from contextlib import ExitStack, closing, suppress
from pathlib import Path
from typing import Any, Protocol

from lcb_ray.errors import PoolUnavailable
from tests import kind_cluster, processes
from tests.gateway_thread import TOKEN

EXAMPLE = Path(__file__).parents[1] / "examples" / "reinforcement_learning.py"
SANDBOXES = 4
LONG_S = 900.0
CODEC = "livecodebench.judging.travel:travel_codec"


class Trainer(Protocol):
    """The example, while it runs or after."""

    def rollouts(self) -> list[dict[str, Any]]:
        """Those of the steps that are over."""
        ...

    def ended(self) -> bool:
        """Whether it has."""
        ...

    def words(self) -> str:
        """What it has printed."""
        ...


class Bench(Protocol):
    """Sandboxes, and what can be done to them.

    Attributes:
        url: Of the gateway.
        token: Of the gateway.
    """

    url: str
    token: str

    def start_inside(self, arguments: Sequence[object]) -> Trainer:
        """Run the example in the sandboxes' own Ray cluster."""
        ...

    def pool_actors(self) -> set[str]:
        """What tells the pool actors apart that live now."""
        ...

    def kill_sandbox(self) -> str:
        """Kill one; which."""
        ...

    def kill_node(self) -> str:
        """Kill a node with all that is on it; which."""
        ...

    def mend_node(self) -> None:
        """Have as many nodes again."""
        ...

    def kill_all(self) -> None:
        """Kill every sandbox as soon as some are at work."""
        ...

    def close(self) -> None:
        """End it."""
        ...


class LocalTrainer:
    """The example as a process of this machine."""

    def __init__(self, folder: Path, name: str, arguments: Sequence[object], **variables: str) -> None:
        self._rows, self._out = folder / f"{name}.jsonl", folder / f"{name}.txt"
        away = ("RAY_ADDRESS", "LIVECODEBENCH_")
        environment = {name: value for name, value in os.environ.items() if not name.startswith(away)}
        command = [sys.executable, EXAMPLE, *arguments, "--rollouts", self._rows]
        with self._out.open("w") as out:
            self._process = subprocess.Popen(
                [str(word) for word in command], env=environment | variables, stdout=out, stderr=subprocess.STDOUT
            )

    def rollouts(self) -> list[dict[str, Any]]:
        with suppress(FileNotFoundError):
            return [json.loads(line) for line in self._rows.read_text().splitlines()]
        return []

    def ended(self) -> bool:
        return self._process.poll() is not None

    def words(self) -> str:
        return self._out.read_text()

    def close(self) -> None:
        """End it where it has not ended."""
        self._process.terminate()
        try:
            self._process.wait(30)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()


class RayBench:
    """Ray nodes on this machine: a head, and two nodes with two sandboxes each."""

    token = TOKEN

    def __init__(self, folder: Path) -> None:
        from ray.cluster_utils import Cluster

        self._folder = folder
        head = {"num_cpus": 1, "include_dashboard": False}
        self._cluster: Any = patiently(lambda: Cluster(initialize_head=True, head_node_args=head))
        self._nodes = [self._node() for _ in range(2)]
        self._trainers: list[LocalTrainer] = []
        with socket.socket() as free:
            free.bind(("127.0.0.1", 0))
            port = free.getsockname()[1]
        address = str(self._cluster.address)
        done = subprocess.run(
            [sys.executable, "-m", "lcb_ray.gateway", "--codec", CODEC, "--code", "lcb_ray,livecodebench",
             "--port", str(port), "--address", address],
            env=os.environ | {"LIVECODEBENCH_GATEWAY_TOKEN": self.token},
            stdout=subprocess.PIPE,
            text=True,
            check=True,
        )  # fmt: skip
        self.url = done.stdout.strip()

    def _node(self) -> Any:  # noqa: ANN401 - Ray's
        return patiently(lambda: self._cluster.add_node(num_cpus=1, resources={"sandbox": 2}))

    def start_inside(self, arguments: Sequence[object]) -> Trainer:
        address = ("--address", self._cluster.address)
        self._trainers.append(LocalTrainer(self._folder, "inside", ["--backend", "ray", *address, *arguments]))
        return self._trainers[-1]

    def pool_actors(self) -> set[str]:
        return set(map(str, _titled("ray::PoolActor")))

    def kill_sandbox(self) -> str:
        pid = until(lambda: _titled("ray::SandboxActor"), "a sandbox")[0]
        os.kill(pid, signal.SIGKILL)
        return f"sandbox actor, process {pid}"

    def kill_node(self) -> str:
        node = self._nodes.pop(0)
        [raylet] = node.all_processes["raylet"]
        pid = raylet.process.pid
        below = processes.descendants(pid)
        sandboxes = len(below & set(_titled("ray::SandboxActor")))
        for each in (pid, *below):
            with suppress(ProcessLookupError):
                os.kill(each, signal.SIGKILL)
        self._cluster.remove_node(node, allow_graceful=False)
        return f"raylet, process {pid}, with {sandboxes} sandboxes and {len(below)} processes in all"

    def mend_node(self) -> None:
        self._nodes.append(self._node())

    def kill_all(self) -> None:
        def busy() -> bool:
            agents = (agent for sandbox in _titled("ray::SandboxActor") for agent in processes.children(sandbox))
            return any(processes.programs(agent) for agent in agents)

        until(busy, "sandboxes at work")
        for pid in _titled("ray::SandboxActor"):
            with suppress(ProcessLookupError):
                os.kill(pid, signal.SIGKILL)

    def close(self) -> None:
        for trainer in self._trainers:
            trainer.close()
        self._cluster.shutdown()


class KindBench:
    """A RayCluster of two worker nodes on kind. What is there already is used, and all of it stays."""

    def __init__(self, folder: Path) -> None:
        from lcb_ray.kuberay import gateway_start
        from lcb_ray.kuberay.bring_up import bring_up
        from lcb_ray.kuberay.jobs import JobsApi
        from lcb_ray.kuberay.settings import read_settings
        from lcb_ray.kuberay.steps import Steps, say
        from livecodebench.judging.backend import CODE

        settings = read_settings()
        steps = Steps(say, timeout_s=settings.timeout_s)
        standing = bring_up(settings, steps, code=CODE, sandboxes=SANDBOXES, slots=1, wait_for=0)
        self._opened = ExitStack()
        way = gateway_start.open_gateway(standing, steps, codec=CODEC, code=CODE, grace_s=settings.grace_s)
        self._opened.enter_context(closing(way))
        self.url, self.token = way.url, gateway_start.gateway_token(standing)
        dashboard = self._opened.enter_context(gateway_start.dashboard(standing))
        self._jobs = JobsApi(dashboard.url, gateway_start.ray_token(standing))
        self._code = CODE
        self._nodes = [self._opened.enter_context(closing(NodeShell(name))) for name in _workers()]
        self._node = ""

    def start_inside(self, arguments: Sequence[object]) -> Trainer:
        return JobTrainer(self._jobs, self._code, ["--backend", "kubernetes", *arguments])

    def pool_actors(self) -> set[str]:
        listed = _in_head("grep -l -a '^[r]ay::PoolActor' /proc/[0-9]*/cmdline || true").split()
        return set(listed)

    def kill_sandbox(self) -> str:
        pod = until(kind_cluster.sandboxes, "a sandbox pod")[0]
        kind_cluster.kubectl("delete", "pod", pod, "--force", "--grace-period=0")
        return f"pod {pod}"

    def kill_node(self) -> str:
        pods = json.loads(kind_cluster.kubectl("get", "pods", "--output", "json"))["items"]
        by_node: dict[str, set[str]] = {}
        for pod in pods:
            by_node.setdefault(pod["spec"]["nodeName"], set()).add(pod["metadata"]["labels"]["ray.io/node-type"])
        self._node = next(node for node, kinds in sorted(by_node.items()) if "head" not in kinds)
        subprocess.run(["docker", "kill", self._node], check=True, capture_output=True)
        return f"kind node {self._node}"

    def mend_node(self) -> None:
        subprocess.run(["docker", "start", self._node], check=True, capture_output=True)
        self._nodes = [self._opened.enter_context(closing(NodeShell(name))) for name in _workers()]

    def kill_all(self) -> None:
        from lcb_ray.gateway.looking import look_through_gateway

        def busy() -> bool:
            try:
                views = look_through_gateway(self.url, self.token)
            except PoolUnavailable:
                return False
            return any(sandbox.running for view in views for sandbox in view.sandboxes)

        until(busy, "sandboxes at work", pause_s=0.01)
        for node in self._nodes:
            node.run("pkill -KILL -f '^ray::SandboxActor'")

    def close(self) -> None:
        self._opened.close()


class NodeShell:
    """A shell on a kind node, which sees the processes of all pods there: to kill one within milliseconds."""

    def __init__(self, node: str) -> None:
        command = ["docker", "exec", "--interactive", node, "sh"]
        self._process = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.DEVNULL, text=True)

    def run(self, line: str) -> None:
        """Have a line run; nothing waits for it."""
        assert self._process.stdin is not None
        self._process.stdin.write(f"{line}\n")
        self._process.stdin.flush()

    def close(self) -> None:
        """End it, also where its node was killed."""
        self._process.kill()
        self._process.communicate()


class JobTrainer:
    """The example as a job in the cluster."""

    def __init__(self, jobs: Any, code: tuple[str, ...], arguments: Sequence[object]) -> None:  # noqa: ANN401 - JobsApi
        name = f"training-{int(time.time())}"
        self._file = f"/tmp/{name}.jsonl"
        _in_head(f"cat > /tmp/{name}.py", given=EXAMPLE.read_text())
        words = [f"/tmp/{name}.py", *map(str, arguments), "--rollouts", self._file]
        self._jobs = jobs
        self._id = jobs.submit(f"python {' '.join(words)}", runtime_env={"py_modules": [jobs.bring(code)]})

    def rollouts(self) -> list[dict[str, Any]]:
        lines = _in_head(f"cat {self._file} 2>/dev/null || true").splitlines()
        return [json.loads(line) for line in lines]

    def ended(self) -> bool:
        try:
            return bool(self._jobs.job(self._id).ended)
        except PoolUnavailable:  # a head with much to do: it is asked again
            return False

    def words(self) -> str:
        return str(self._jobs.logs(self._id))


def until(seen: Callable[[], Any], what: str, *, pause_s: float = 0.2) -> Any:  # noqa: ANN401 - what was seen
    """What `seen` returns once that is true. Nothing outside tells when it will be."""
    deadline = time.monotonic() + LONG_S
    while not (found := seen()):
        if time.monotonic() > deadline:
            raise TimeoutError(f"never came: {what}")
        time.sleep(pause_s)
    return found


def patiently(start: Callable[[], Any]) -> Any:  # noqa: ANN401 - Ray's
    """What `start` returns. Ray gives a node 30 s to start, which a busy machine may take: three times."""
    for last in (False, False, True):
        before = processes.descendants(os.getpid())
        try:
            return start()
        except Exception as error:  # a bare Exception, among others
            if last:
                raise
            sys.stderr.write(f"Ray did not start, trying again: {error}\n")
            for pid in processes.descendants(os.getpid()) - before:  # its remains would weigh on the next one
                with suppress(ProcessLookupError):
                    os.kill(pid, signal.SIGKILL)
    raise AssertionError


def _titled(prefix: str) -> list[int]:
    """Processes below this one that call themselves so, oldest first."""
    found = []
    for pid in sorted(processes.descendants(os.getpid())):
        with suppress(OSError):
            if Path(f"/proc/{pid}/cmdline").read_bytes().startswith(prefix.encode()):
                found.append(pid)
    return found


def _workers() -> list[str]:
    """Names of the kind cluster's nodes, which are containers, but for the control plane."""
    named = subprocess.run(
        ["kind", "get", "nodes", "--name", kind_cluster.NAMESPACE], capture_output=True, text=True, check=True
    ).stdout.split()
    return [name for name in named if "control-plane" not in name]


def _in_head(script: str, *, given: str | None = None) -> str:
    """What a shell in the head's Ray container says."""
    pods = json.loads(kind_cluster.kubectl("get", "pods", "--selector", "ray.io/node-type=head", "--output", "json"))
    head = pods["items"][0]["metadata"]["name"]
    command = ["kubectl", "--context", kind_cluster.CONTEXT, "--namespace", kind_cluster.NAMESPACE]
    command += ["exec", "--stdin", head, "--container", "ray-head", "--", "sh", "-c", script]
    for last in (False, False, True):
        try:
            done = subprocess.run(command, input=given or "", capture_output=True, text=True, check=True, timeout=120)
        except (subprocess.CalledProcessError, subprocess.TimeoutExpired):  # while a node dies, the way there may too
            if last:
                raise
        else:
            return done.stdout
    raise AssertionError


BENCHES: dict[str, Callable[[Path], Bench]] = {"ray": RayBench, "kubernetes": KindBench}
