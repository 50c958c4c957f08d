"""The limits of a test from what a user sets of them: CPU seconds and MiB."""

from __future__ import annotations

from lcb_ray.agent.protocol import Limits
from livecodebench.errors import InputError


def limits_of(*, time_limit: float | None = None, memory_limit: int | None = None) -> Limits:
    """The limits for each test; None is LiveCodeBench's own.

    Args:
        time_limit: CPU seconds, at most 3600.
        memory_limit: MiB of address space beyond the interpreter's own, 16 to 1048576.

    Raises:
        InputError: One of them is out of its range.
    """
    default = Limits()
    if time_limit is not None and not 0 < time_limit <= 3600:
        raise InputError(f"--time-limit: must be more than 0 and at most 3600 seconds, is {time_limit:g}")
    if memory_limit is not None and not 16 <= memory_limit <= 1 << 20:
        raise InputError(f"--memory-limit: must be 16 to {1 << 20} MiB, is {memory_limit}")
    cpu_s = default.cpu_s if time_limit is None else time_limit
    return Limits(
        cpu_s=cpu_s,
        # How much slower than its CPU time a test may be before the machine is blamed: in proportion.
        overload_wall_s=max(default.overload_wall_s, default.overload_wall_s / default.cpu_s * cpu_s),
        memory_bytes=default.memory_bytes if memory_limit is None else memory_limit << 20,
    )
