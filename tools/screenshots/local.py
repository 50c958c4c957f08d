"""All pictures of a run on this machine: a job on a Ray of its own."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from tools.monitoring.server import prometheus
from tools.screenshots.at_work import AtWork, made
from tools.screenshots.local_ray import local_ray

_COPIES = 60  # of each bundled answer: minutes of work
_SANDBOXES = 3


def photograph_local(out: Path) -> Iterator[Path]:
    """Write the pictures. Raises TimeoutError where there is never anything to see."""
    with (
        local_ray(cpus=_SANDBOXES + 1) as ray,
        prometheus(made(ray.folder / "prometheus"), ray.metrics, every_s=2) as server,
    ):
        at_work = AtWork(
            dashboard=ray.dashboard,
            token=ray.token,
            job=ray.grade(copies=_COPIES, sandboxes=_SANDBOXES),
            server=server,
            environment={**ray.environment, "LIVECODEBENCH_RAY_ADDRESS": ray.address},
            folder=ray.folder,
        )
        yield from at_work.photograph(made(out), ray="ray-dashboard", panels="monitoring-panels", top="top")
