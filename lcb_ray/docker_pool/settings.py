"""What a user may say of the containers; what is not said is what the images and the machine give."""

from __future__ import annotations

from dataclasses import dataclass

from lcb_ray.agent.protocol import Limits

MIB = 1024 * 1024
PROFILES = ("gvisor",)
# Beside a program's memory: its inputs and outputs on their way, the warden, the interpreter that all of them share.
BESIDE_BYTES = 256 * MIB


@dataclass(frozen=True, slots=True, kw_only=True)
class DockerSettings:
    """How containers are made.

    Attributes:
        image: An image with a Python of 3.11 or newer as `python`, such as python:3.12-slim: our agent is put into it.
            None: the sandbox image of this release, built where it is missing.
        runtime: Of the engine, such as "runsc". None: the engine's default.
        profile: "gvisor": the agent does without what gVisor cannot give, and each container has one slot. None: all
            that is required of a jail must be given.
        stdio: Reach agents by their containers' standard streams at once, not only where a socket does not get through.
        memory_bytes: The most for each program, with all that it takes beside; a batch with a higher limit is refused.
    """

    image: str | None = None
    runtime: str | None = None
    profile: str | None = None
    stdio: bool = False
    memory_bytes: int = Limits().memory_bytes + BESIDE_BYTES
