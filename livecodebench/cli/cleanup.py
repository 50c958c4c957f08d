"""`livecodebench cleanup`: remove what killed runs have left with the backends."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Annotated

import typer

from livecodebench.cli import options
from livecodebench.cli.exits import Ended, Status, command
from livecodebench.errors import InputError

if TYPE_CHECKING:
    from livecodebench.judging.leftovers import Cleanup, CleanupOptions

HELP = """\
Remove what killed runs have left: containers whose process has gone, RayClusters that nobody uses.

Both end by themselves: containers with the process that uses them, a RayCluster when nobody has used it for a while
(LIVECODEBENCH_K8S_IDLE_TIMEOUT); and every run removes what earlier ones have left. So there is rarely anything to do.
What is in use is kept, and named; so is a RayCluster that `livecodebench cluster up` has brought up. The kind cluster
stays, unless DELETE_CLUSTER_ON_CLEANUP is set, it was made here, and nothing in it is in use.

\b
Examples:
  livecodebench cleanup
  livecodebench cleanup --dry-run
      only says what it would remove
  livecodebench cleanup --all --images
      what is in use, and the sandbox images that were built, too

Exit status: 0 nothing of it is left; 3 something could not be removed; 4 the backend of --backend cannot be asked.
"""


@command
def cleanup(
    backend: Annotated[
        str | None,
        typer.Option("--backend", metavar="NAME", show_default=False, help="Only after this one (default: all)."),
    ] = None,
    everything: Annotated[bool, typer.Option("--all", help="Remove what running processes use, too.")] = False,
    images: Annotated[bool, typer.Option("--images", help="Remove the sandbox images that were built, too.")] = False,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Remove nothing; say what would be removed.")] = False,
    as_json: options.AsJson = False,
) -> None:
    """Clean up; HELP has the words for users."""
    from livecodebench.judging.leftovers import CleanupOptions

    clean(backend, CleanupOptions(everything=everything, images=images, dry_run=dry_run), as_json=as_json)


def clean(backend: str | None, wanted: CleanupOptions, *, as_json: bool) -> None:
    """Clean up after one backend, or after all, and tell of it. Raises Ended where something is left."""
    from livecodebench.judging.leftovers import CLEANERS

    if backend is not None and backend not in CLEANERS:
        raise InputError(
            f"--backend {backend!r} leaves nothing that could be removed: choose one of {', '.join(CLEANERS)}"
        )
    cleanups = [_clean(name, wanted, asked_for=name == backend) for name in CLEANERS if backend in (None, name)]
    if as_json:
        typer.echo(json.dumps([_as_json(one) for one in cleanups], indent=1))
    else:
        for one in cleanups:
            _print(one, dry_run=wanted.dry_run)
    if any(one.failed for one in cleanups):
        raise Ended(Status.ERRORS)


def _clean(backend: str, wanted: CleanupOptions, *, asked_for: bool) -> Cleanup:
    from lcb_ray.errors import SandboxError
    from livecodebench.judging.leftovers import CLEANERS, Cleanup

    try:
        return CLEANERS[backend](wanted)
    except SandboxError as error:
        if asked_for:
            raise
        return Cleanup(backend=backend, skipped=str(error))


def _as_json(cleanup: Cleanup) -> dict[str, object]:
    return {
        "backend": cleanup.backend,
        "removed": cleanup.removed,
        "kept": dict(cleanup.kept),
        "failed": dict(cleanup.failed),
        "skipped": cleanup.skipped or None,
    }


def _print(cleanup: Cleanup, *, dry_run: bool) -> None:
    from livecodebench.printable import printable

    if cleanup.skipped:
        typer.echo(printable(f"{cleanup.backend}: not looked at: {cleanup.skipped}"))
        return
    for name in cleanup.removed:
        typer.echo(printable(f"{cleanup.backend}: {'would remove' if dry_run else 'removed'} {name}"))
    for name, user in cleanup.kept.items():
        typer.echo(printable(f"{cleanup.backend}: kept {name}: in use by {user} (--all removes it)"))
    for name, why in cleanup.failed.items():
        typer.echo(printable(f"{cleanup.backend}: cannot remove {name}: {why}"))
    if not (cleanup.removed or cleanup.kept or cleanup.failed):
        typer.echo(f"{cleanup.backend}: nothing is left")
