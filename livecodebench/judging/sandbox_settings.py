"""How sandboxes are made, where LIVECODEBENCH_SANDBOX_IMAGE, _RUNTIME, _PROFILE and _MEMORY say so."""

from __future__ import annotations

import os
from collections.abc import Mapping

from lcb_ray.docker_pool.settings import BESIDE_BYTES, MIB, PROFILES, DockerSettings
from livecodebench.errors import InputError

IMAGE = "LIVECODEBENCH_SANDBOX_IMAGE"
RUNTIME = "LIVECODEBENCH_SANDBOX_RUNTIME"
PROFILE = "LIVECODEBENCH_SANDBOX_PROFILE"
MEMORY = "LIVECODEBENCH_SANDBOX_MEMORY"


def docker_settings(environment: Mapping[str, str] = os.environ) -> DockerSettings:
    """The containers' settings; empty variables count as unset. Raises InputError."""
    image, runtime, profile, memory = (
        environment.get(name, "").strip() or None for name in (IMAGE, RUNTIME, PROFILE, MEMORY)
    )
    if profile is not None and profile not in PROFILES:
        raise InputError(f"{PROFILE}={profile!r}: there is {', '.join(PROFILES)}; leave it unset for anything else")
    if memory is None:
        return DockerSettings(image=image, runtime=runtime, profile=profile)
    least = BESIDE_BYTES // MIB + 1
    if not memory.isascii() or not memory.isdigit() or int(memory) < least:
        raise InputError(
            f"{MEMORY}={memory!r}: give MiB for each slot, a whole number of at least {least}, such as 2304"
        )
    return DockerSettings(image=image, runtime=runtime, profile=profile, memory_bytes=int(memory) * MIB)
