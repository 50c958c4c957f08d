"""The `local` backend: one agent as a child process, as many slots as cores. Nothing to set up."""

from __future__ import annotations

import os

from lcb_ray.agent_keeper import AgentSource
from lcb_ray.direct_pool import DirectPool
from lcb_ray.launcher import AgentProcess


class LocalPool(DirectPool):
    """Runs batches on this machine.

    Args:
        slots: Executions at once; by default the cores this process may use.
        start: Starts an agent.
    """

    def __init__(self, slots: int | None = None, *, start: AgentSource = AgentProcess) -> None:
        super().__init__("local", [start], slots=slots or len(os.sched_getaffinity(0)))
