"""The image that containers are made from: a given one, or this release's sandbox image, built where it is missing.

Its tag is made from all that goes into it, so that it is built once and again when something has changed.
"""

from __future__ import annotations

import hashlib
import io
import logging
import tarfile
import threading
import time
from dataclasses import dataclass
from typing import TYPE_CHECKING

from lcb_ray.errors import SandboxLost, SandboxUnusable
from lcb_ray.owner import PREFIX
from lcb_ray.sandbox_image import REPOSITORY, build_arguments, context, dockerfile

if TYPE_CHECKING:
    from lcb_ray.docker_pool.engine import Engine

BUILT = f"{PREFIX}image=sandbox"

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Image:
    """An image to make containers from.

    Attributes:
        name: Of the image.
        has_agent: Whether the agent of this release is in it.
    """

    name: str
    has_agent: bool


def given_image(engine: Engine, name: str, *, stop: threading.Event) -> Image:
    """A user's image, pulled where the engine does not have it. Raises SandboxError."""
    if not engine.has_image(name):
        log.info("pulling the image %s", name)
        try:
            engine.pull(name, stop=stop)
        except (SandboxUnusable, SandboxLost) as error:
            raise SandboxUnusable(
                f"{error}\nThe image is given by LIVECODEBENCH_SANDBOX_IMAGE: check its name"
            ) from None
    return Image(name, has_agent=False)


def own_image(engine: Engine, *, stop: threading.Event) -> Image:
    """The sandbox image: this Python's version, this numpy's, this agent. Raises SandboxError."""
    arguments = build_arguments()
    files = {"Dockerfile": dockerfile(), **context()}
    name = f"{REPOSITORY}:{tag_of(files, arguments)}"
    if engine.has_image(name):
        return Image(name, has_agent=True)
    log.info("building the sandbox image %s, once: it downloads %s and numpy", name, arguments["PYTHON_IMAGE"])
    begun = time.monotonic()
    label, _, value = BUILT.partition("=")
    try:
        engine.build(
            io.BytesIO(_tar(files)),
            name,
            arguments=arguments,
            labels={label: value},
            say=lambda line: log.info("  %s", line) if line.startswith("Step ") else log.debug("  %s", line),
            stop=stop,
        )
    except SandboxUnusable as error:
        raise SandboxUnusable(
            f"{error}\nMend what it names, or give an image with a Python 3.11 or newer in it, such as "
            f"LIVECODEBENCH_SANDBOX_IMAGE={arguments['PYTHON_IMAGE']}"
        ) from None
    log.info("built the sandbox image in %.0f s", time.monotonic() - begun)
    return Image(name, has_agent=True)


def tag_of(files: dict[str, bytes], arguments: dict[str, str]) -> str:
    """A tag that says what is in an image: equal for equal content only."""
    digest = hashlib.sha256()
    parts = [*files.items(), *((name, value.encode()) for name, value in arguments.items())]
    for name, data in sorted(parts):
        digest.update(f"{name} {len(data)}\n".encode() + data)
    python = arguments["PYTHON_IMAGE"].partition(":")[2]
    return f"{python}-{digest.hexdigest()[:12]}"


def _tar(files: dict[str, bytes]) -> bytes:
    buffer = io.BytesIO()
    with tarfile.open(fileobj=buffer, mode="w") as packed:
        for name, data in files.items():
            entry = tarfile.TarInfo(name)
            entry.size, entry.mode = len(data), 0o644
            packed.addfile(entry, io.BytesIO(data))
    return buffer.getvalue()
