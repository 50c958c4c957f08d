"""How sandboxes are made, where the environment says so: LIVECODEBENCH_SANDBOX_IMAGE, _RUNTIME and _MEMORY."""

from __future__ import annotations

import os
from collections.abc import Mapping

from lcb_ray.docker_pool.settings import BESIDE_BYTES, MIB, DockerSettings
from livecodebench.errors import InputError

IMAGE = "LIVECODEBENCH_SANDBOX_IMAGE"
RUNTIME = "LIVECODEBENCH_SANDBOX_RUNTIME"
MEMORY = "LIVECODEBENCH_SANDBOX_MEMORY"


def docker_settings(environment: Mapping[str, str] = os.environ) -> DockerSettings:
    """The containers' settings; empty variables count as unset. Raises InputError."""
    image, runtime, memory = (environment.get(name, "").strip() or None for name in (IMAGE, RUNTIME, MEMORY))
    if memory is None:
        return DockerSettings(image=image, runtime=runtime)
    least = BESIDE_BYTES // MIB + 1
    if not memory.isascii() or not memory.isdigit() or int(memory) < least:
        raise InputError(
            f"{MEMORY}={memory!r}: give MiB for each slot, a whole number of at least {least}, such as 2304"
        )
    return DockerSettings(image=image, runtime=runtime, memory_bytes=int(memory) * MIB)
