"""What killed runs may have left with a backend, and how it is removed: an entry for each that can leave something."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from contextlib import closing
from dataclasses import dataclass, field
from importlib.util import find_spec

from livecodebench.errors import InputError

_REMOVE_S = 180.0  # for the pods of a RayCluster to end


@dataclass(frozen=True, slots=True, kw_only=True)
class CleanupOptions:
    """What is to be removed beside what killed runs have left.

    Attributes:
        everything: What is in use, too.
        images: Images that were built, too.
        dry_run: Remove nothing, only say what would be.
    """

    everything: bool = False
    images: bool = False
    dry_run: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Cleanup:
    """What cleaning up after one backend came to.

    Attributes:
        backend: Its name.
        removed: What is gone; with dry_run, what would be.
        kept: What is in use -> by whom.
        failed: What could not be removed -> why.
        skipped: Why nothing was looked at; empty where it was.
    """

    backend: str
    removed: list[str] = field(default_factory=list)
    kept: Mapping[str, str] = field(default_factory=dict)
    failed: Mapping[str, str] = field(default_factory=dict)
    skipped: str = ""


def _docker(options: CleanupOptions) -> Cleanup:
    if find_spec("docker") is None:
        return Cleanup(backend="docker", skipped="Docker's SDK is not installed: pip install 'lcb-ray[docker]'")
    from lcb_ray.docker_pool.engine import Engine
    from lcb_ray.docker_pool.sweep import sweep

    with closing(Engine()) as engine:
        swept = sweep(engine, everything=options.everything, images=options.images, dry_run=options.dry_run)
    return Cleanup(backend="docker", removed=swept.removed, kept=swept.kept, failed=swept.failed)


def _kubernetes(options: CleanupOptions) -> Cleanup:
    if find_spec("kubernetes") is None:
        return Cleanup(backend="kubernetes", skipped="its client is not installed: pip install 'lcb-ray[kubernetes]'")
    from lcb_ray.kuberay.settings import SettingError, read_settings
    from lcb_ray.kuberay.steps import Steps
    from lcb_ray.kuberay.tear_down import clean_up

    try:
        settings = read_settings()
    except SettingError as error:
        raise InputError(str(error)) from error
    steps = Steps(timeout_s=_REMOVE_S)
    swept = clean_up(settings, steps, everything=options.everything, dry_run=options.dry_run)
    return Cleanup(backend="kubernetes", removed=swept.removed, kept=swept.kept, failed=swept.failed)


# Raises SandboxError where the backend cannot be asked, InputError where a setting is wrong.
CLEANERS: Mapping[str, Callable[[CleanupOptions], Cleanup]] = {"docker": _docker, "kubernetes": _kubernetes}
