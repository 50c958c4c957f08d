"""What the engine is told of a sandbox's container, in the words of its HTTP API. Pure."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import PurePosixPath
from typing import Any

from lcb_ray.docker_pool.settings import BESIDE_BYTES, MIB, DockerSettings

SANDBOX_USER = "10001:10001"  # the sandbox image's own; in other images nobody
AGENT = PurePosixPath("/opt/lcb/agent.pyz")
CONTROL = PurePosixPath("/run/lcb/control.sock")
ENTRYPOINT = ["python", "-s", "-P", "-S", str(AGENT)]
# A program has up to 64 threads, twice that where it starts them faster than they are counted; and its warden.
_PIDS_EACH, _PIDS_BESIDE = 160, 64


def container_config(
    settings: DockerSettings,
    *,
    image: str,
    folder: str | None,
    agent: str | None,
    slots: int,
    engine_cpus: int,
    labels: Mapping[str, str],
    options: Sequence[str] = (),
) -> dict[str, Any]:
    """The body of a request to create a container.

    Args:
        settings: The user's.
        image: To make it from.
        folder: Of this machine, with the control socket in it. None: the agent is to use standard input and output.
        agent: Of this machine: the agent's file to put into it. None: the image has it.
        slots: Executions at once.
        engine_cpus: Those that the engine has: it refuses to give more.
        labels: Of the container.
        options: Further ones of the agent.
    """
    memory = slots * settings.memory_bytes + BESIDE_BYTES
    mounted = ((folder, CONTROL.parent), (agent, AGENT))
    mounts = [_read_only(source, str(target)) for source, target in mounted if source is not None]
    serve = ["--stdio"] if folder is None else ["--connect", str(CONTROL)]
    if settings.profile is not None:
        serve += ["--profile", settings.profile]
    host: dict[str, Any] = {
        "AutoRemove": True,  # it ends with its agent, and its agent with us
        "Init": True,  # reaps what a killed warden leaves behind
        "NetworkMode": "none",
        "CapDrop": ["ALL"],
        "SecurityOpt": ["no-new-privileges:true"],
        "ReadonlyRootfs": True,
        "Tmpfs": {"/tmp": "rw,noexec,nosuid,nodev,size=16m"},
        "ShmSize": MIB,
        "IpcMode": "private",
        "Memory": memory,
        "MemorySwap": memory,  # the sum of memory and swap: no swap
        "PidsLimit": slots * _PIDS_EACH + _PIDS_BESIDE,
        "OomScoreAdj": 500,  # where the machine runs out of memory, rather this than what else it does
        "Ulimits": [{"Name": "core", "Soft": 0, "Hard": 0}],
        "LogConfig": {"Type": "none"},
        "Mounts": mounts,
    }
    if slots < engine_cpus:
        host["NanoCpus"] = slots * 10**9
    if settings.runtime is not None:
        host["Runtime"] = settings.runtime
    return {
        "Image": image,
        "Entrypoint": ENTRYPOINT,
        "Cmd": [*serve, "--numpy", "auto", *options],
        "User": SANDBOX_USER,
        "WorkingDir": "/",
        "Hostname": "sandbox",
        "NetworkDisabled": True,
        "Healthcheck": {"Test": ["NONE"]},
        "StopSignal": "SIGKILL",
        "AttachStderr": True,
        "AttachStdin": folder is None,
        "AttachStdout": folder is None,
        "OpenStdin": folder is None,
        "StdinOnce": folder is None,  # it is closed when we are gone
        "Labels": dict(labels),
        "HostConfig": host,
    }


def _read_only(source: str, target: str) -> dict[str, Any]:
    return {"Type": "bind", "Source": source, "Target": target, "ReadOnly": True}
