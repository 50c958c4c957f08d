"""All pictures of a run in the RayCluster that `livecodebench cluster up` has made, with a Prometheus on this machine.

It scrapes each pod through a port-forward of its own: what Prometheus in the cluster would reach at the pod's address.
"""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path

from lcb_ray.kuberay.bring_up import Standing
from lcb_ray.kuberay.forward import PortForward
from lcb_ray.kuberay.gateway_start import dashboard, ray_token
from lcb_ray.kuberay.namespace import our_pods
from lcb_ray.kuberay.settings import read_settings
from lcb_ray.kuberay.status import standing
from tools.monitoring.server import prometheus
from tools.screenshots.at_work import AtWork, made, write_work

METRICS_PORT = 8080
_COPIES = 60  # of each bundled answer: minutes of work


def photograph_kind(out: Path) -> Iterator[Path]:
    """Write the pictures. Raises PoolUnavailable where nothing is up, TimeoutError where there is nothing to see."""
    found = standing(read_settings())
    with ExitStack() as opened:
        folder = Path(opened.enter_context(tempfile.TemporaryDirectory(prefix="lcb-")))
        way = opened.enter_context(dashboard(found))
        scraped = [opened.enter_context(one).address for one in _metrics_of(found)]
        server = opened.enter_context(prometheus(made(folder / "prometheus"), *scraped, every_s=2))
        job = _submit(write_work(folder / "answers.jsonl", copies=_COPIES), sandboxes=len(scraped) - 1)
        opened.callback(_submit_command, "--kubernetes", "--stop", job)
        at_work = AtWork(
            dashboard=way.url,
            token=ray_token(found),
            job=job,
            server=server,
            environment=os.environ,
            folder=folder,
        )
        yield from at_work.photograph(
            made(out), ray="ray-dashboard-kind", panels="monitoring-kind-panels", top="top-kind"
        )


def _metrics_of(found: Standing) -> list[PortForward]:
    """To each pod: the head, and as many sandboxes as there are."""
    names = [str(pod["metadata"]["name"]) for pod in our_pods(found.api, found.namespace)]
    return [PortForward(found.access, found.namespace, f"pod/{name}", METRICS_PORT) for name in names]


def _submit(answers: Path, *, sandboxes: int) -> str:
    """Judge these by a job in the cluster; its id."""
    grade = ["grade", str(answers), "--dataset", "mini", "--backend", "kubernetes", "--pool-size", str(sandboxes)]
    return _submit_command("--detach", "--", *grade).split()[-1]


def _submit_command(*words: str) -> str:
    """What `livecodebench submit` prints; a job that is stopped ends it with a status of its own."""
    command = [sys.executable, "-m", "livecodebench", "submit", *words]
    return subprocess.run(command, stdout=subprocess.PIPE, text=True, check=False).stdout
