"""Is all there that judging needs? Each check says what it found, and what to do where that is not enough."""

from __future__ import annotations

import platform
import sys
from contextlib import closing
from dataclasses import asdict, dataclass
from enum import StrEnum
from importlib.util import find_spec
from pathlib import Path
from typing import Any

from lcb_ray.errors import SandboxError
from lcb_ray.pool import SandboxInfo
from livecodebench.distribution import DISTRIBUTION, all_owners, our_version, warning
from livecodebench.judging.backend import BACKENDS, open_pool

DEFAULT_BACKEND = "local"
_PYTHONS = ((3, 11), (3, 13))


class Health(StrEnum):
    """What a check came to.

    Attributes:
        OK: As it should be.
        WARN: Judging works, but something is missing or to be known.
        FAIL: The default backend cannot judge like this.
    """

    OK = "ok"
    WARN = "warn"
    FAIL = "fail"


@dataclass(frozen=True, slots=True)
class Check:
    """One thing that was looked at.

    Attributes:
        name: What it is.
        health: What it came to.
        found: In words.
        fix: What to do; empty where nothing is to be done.
    """

    name: str
    health: Health
    found: str
    fix: str = ""


@dataclass(frozen=True, slots=True)
class Diagnosis:
    """All checks.

    Attributes:
        checks: In the order in which a person should mend them.
        sandbox: The default backend's, as it described itself; None where it does not work.
    """

    checks: tuple[Check, ...]
    sandbox: SandboxInfo | None

    @property
    def works(self) -> bool:
        """Whether the default backend can judge."""
        return self.sandbox is not None and all(check.health is not Health.FAIL for check in self.checks)

    def as_json(self) -> dict[str, Any]:
        """For `doctor --json`."""
        return {
            "works": self.works,
            "version": our_version(),
            "checks": [asdict(check) for check in self.checks],
            "sandbox": None if self.sandbox is None else asdict(self.sandbox),
        }


def diagnose() -> Diagnosis:
    """Look at this machine and this environment; starts a sandbox and ends it."""
    sandbox, local = _local()
    own = {"docker": _docker, "ray": _ray}
    others = [own[name]() if name in own else _other_backend(name) for name in BACKENDS if name != DEFAULT_BACKEND]
    return Diagnosis((_installation(), _owner(), _platform(), _python(), _numpy(), *local, *others), sandbox)


def _installation() -> Check:
    place = Path(__file__).parent
    found = f"{DISTRIBUTION} {our_version()}, loaded from {place}"
    if our_version() == "unknown":
        return Check("installation", Health.WARN, f"not installed, loaded from {place}", "pip install .")
    return Check("installation", Health.OK, found)


def _owner() -> Check:
    owners = all_owners()
    if owners:
        return Check("module name", Health.WARN, f"also installed by {', '.join(owners)}", warning(owners))
    return Check("module name", Health.OK, "livecodebench is ours alone")


def _platform() -> Check:
    found = f"{platform.system()} {platform.release()} on {platform.machine()}"
    if sys.platform != "linux":
        return Check("platform", Health.FAIL, found, "the local backend needs Linux: use --backend docker")
    return Check("platform", Health.OK, found)


def _python() -> Check:
    found = platform.python_version()
    oldest, newest = (".".join(map(str, one)) for one in _PYTHONS)
    if not _PYTHONS[0] <= sys.version_info[:2] <= _PYTHONS[1]:
        return Check("Python", Health.FAIL, found, f"use Python {oldest} to {newest}")
    return Check("Python", Health.OK, found)


def _numpy() -> Check:
    if find_spec("numpy") is None:
        fix = f"pip install numpy: programs that import it get a runtime error otherwise; {DISTRIBUTION} asks for it"
        return Check("numpy", Health.WARN, "not installed", fix)
    from importlib.metadata import version

    return Check("numpy", Health.OK, version("numpy"))


def _local() -> tuple[SandboxInfo | None, list[Check]]:
    """Start a sandbox of the default backend: it proves each property of its jail, or refuses."""
    name = f"{DEFAULT_BACKEND} backend"
    try:
        with closing(open_pool(DEFAULT_BACKEND)) as pool:
            info, slots = pool.info(), pool.slots
    except SandboxError as error:
        return None, [Check(name, Health.FAIL, str(error), "mend what is named, or use another backend")]
    found = f"works: Python {info.python}, numpy {info.numpy or 'none'}, {slots} programs at once"
    checks = [Check(name, Health.OK, found)]
    checks += [
        Check(f"jail: {prop}", Health.OK, f"proven; given by {', '.join(by)}") for prop, by in info.layers.items()
    ]
    return info, [*checks, _waiting_times(info)]


def _waiting_times(info: SandboxInfo) -> Check:
    if info.sees_waiting:
        return Check("schedstat", Health.OK, "the kernel tells how long a program waits for a CPU")
    return Check(
        "schedstat",
        Health.WARN,
        "the kernel does not tell how long a program waits for a CPU: on a busy machine a slow program may get a time "
        "limit that it does not deserve",
        "use a kernel with CONFIG_SCHEDSTATS, or keep the machine free while judging",
    )


def _docker() -> Check:
    """Whether the engine answers; no container is started."""
    name = "docker backend"
    if find_spec("docker") is None:
        return Check(
            name, Health.WARN, "Docker's SDK is not installed", f"pip install '{DISTRIBUTION}[docker]' to use it"
        )
    from lcb_ray.docker_pool.engine import Engine

    try:
        with closing(Engine()) as engine:
            return Check(name, Health.OK, f"Docker {engine.version} answers, with {engine.cpus} CPUs")
    except SandboxError as error:
        return Check(name, Health.WARN, str(error))


def _ray() -> Check:
    """Whether Ray is there; it is not imported, which takes seconds, nor started."""
    name = "ray backend"
    if find_spec("ray") is None:
        return Check(name, Health.WARN, "Ray is not installed", f"pip install '{DISTRIBUTION}[ray]' to use it")
    from importlib.metadata import version

    return Check(name, Health.OK, f"Ray {version('ray')} is installed; no cluster was looked for")


def _other_backend(name: str) -> Check:
    title = f"{name} backend"
    try:
        open_pool(name).close()  # not asked for more: a cluster is not to be made for a check
    except SandboxError as error:
        return Check(title, Health.WARN, str(error))
    return Check(title, Health.OK, "is part of this version")
