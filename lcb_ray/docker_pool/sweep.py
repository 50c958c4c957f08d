"""Containers whose driver has gone, removed. Those that ran end by themselves; some may never have been started."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import TYPE_CHECKING

from lcb_ray.docker_pool.image import BUILT
from lcb_ray.errors import SandboxError
from lcb_ray.owner import OWNED, PREFIX, Driver, driver_of
from lcb_ray.swept import Swept

if TYPE_CHECKING:
    from lcb_ray.docker_pool.engine import Engine, Found


def sweep(engine: Engine, *, everything: bool = False, images: bool = False, dry_run: bool = False) -> Swept:
    """Remove containers of drivers that have gone.

    Args:
        engine: Where.
        everything: Those that are in use, too.
        images: The sandbox images that were built, too.
        dry_run: Remove nothing.

    Raises SandboxError where the engine cannot be asked. What somebody else removes meanwhile counts as removed.
    """
    swept = Swept()
    for one in engine.containers(OWNED):
        if not everything and (user := _user(one)):
            swept.kept[one.name] = user
        else:
            _remove(swept, one, lambda found: engine.remove(found.id), dry_run)
    if images:
        for one in engine.images(BUILT):
            _remove(swept, one, lambda found: engine.remove_image(found.id), dry_run)
    return swept


def remove_run(engine: Engine, run: str) -> None:
    """Remove what is left of one pool's containers. Raises SandboxError."""
    left: Iterable[Found] = engine.containers(f"{PREFIX}run={run}")
    for one in left:
        engine.remove(one.id)


def _user(found: Found) -> str:
    """Who uses a container; empty where its driver has gone."""
    pid = found.labels.get(f"{PREFIX}pid", "unknown")
    match driver_of(found.labels):
        case Driver.GONE:
            return ""
        case Driver.ELSEWHERE:
            host = found.labels.get(f"{PREFIX}host", "another machine")
            return f"process {pid} of {host}, which cannot be seen from here"
        case _:
            return f"process {pid}, which is running"


def _remove(swept: Swept, found: Found, remove: Callable[[Found], None], dry_run: bool) -> None:
    try:
        if not dry_run:
            remove(found)
    except SandboxError as error:
        swept.failed[found.name] = str(error)
    else:
        swept.removed.append(found.name)
