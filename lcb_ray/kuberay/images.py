"""The pods' images, for clusters on this machine: built from ray-cluster/images only where what is in them has changed.

An image of ours is named by its content, so that its name alone tells whether it is there, and a node that has it needs
no other. Stock images are pulled once, into this machine's Docker, and go to the nodes from there.
"""

from __future__ import annotations

import hashlib
import tempfile
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from lcb_ray import sandbox_image
from lcb_ray.errors import PoolUnavailable
from lcb_ray.kuberay import commands, wheel
from lcb_ray.kuberay.fit import takes_pods
from lcb_ray.kuberay.steps import Steps
from lcb_ray.kuberay.template import yaml_folder

_NEEDED = ("ray", "aiohttp", "fsspec", "httpx", "huggingface_hub", "rich", "typer")
_BUILD_S = 1800.0
_PULL_S = 1800.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Build:
    """An image of ours.

    Attributes:
        name: Without a tag.
        dockerfile: What it is built by.
        context: The files beside it, by name.
        arguments: Of the build.
        platform: Of the nodes, such as linux/amd64; None: this machine's.
    """

    name: str
    dockerfile: str
    context: Mapping[str, bytes] = field(default_factory=dict)
    arguments: Mapping[str, str] = field(default_factory=dict)
    platform: str | None = None

    @property
    def image(self) -> str:
        """Its name with a tag that tells what is in it."""
        digest = hashlib.sha256(self.dockerfile.encode())
        if self.platform is not None:
            digest.update(f"\0on {self.platform}".encode())
        for name, value in sorted(self.arguments.items()):
            digest.update(f"\0{name}={value}".encode())
        for name, data in sorted(self.context.items()):
            digest.update(f"\0{name}:{len(data)}\0".encode() + data)
        return f"{self.name}:{digest.hexdigest()[:12]}"


def sandbox_build(platform: str | None = None) -> Build:
    """The sandbox: the Python and numpy of this process, since verdicts depend on both, and the agent."""
    return Build(
        name=sandbox_image.REPOSITORY,
        dockerfile=sandbox_image.dockerfile().decode(),
        context=sandbox_image.context(),
        arguments=sandbox_image.build_arguments(),
        platform=platform,
    )


def ray_build(packages: Sequence[str], platform: str | None = None) -> Build:
    """Ray, with these packages of ours and what their commands need, of the versions that are installed here."""
    name, data = wheel.build(packages)
    return Build(
        name="livecodebench-ray",
        dockerfile=(yaml_folder() / "images" / "ray" / "Dockerfile").read_text(encoding="utf-8"),
        context={name: data, "constraints.txt": wheel.constraints(_NEEDED).encode()},
        arguments={"PYTHON_IMAGE": sandbox_image.python_image()},
        platform=platform,
    )


def have(build: Build, steps: Steps) -> str:
    """Build an image unless Docker has it. Returns its name. Raises PoolUnavailable."""
    if not _is_here(build.image):
        steps.waits_for(f"building {build.image}; the first time takes a minute or two")
        with tempfile.TemporaryDirectory() as folder:
            for name, data in build.context.items():
                path = Path(folder) / name
                path.parent.mkdir(parents=True, exist_ok=True)
                path.write_bytes(data)
            arguments = [f"--build-arg={name}={value}" for name, value in build.arguments.items()]
            if build.platform is not None:
                arguments.append(f"--platform={build.platform}")
            command = ["docker", "build", "--quiet", "--tag", build.image, "--file", "-", *arguments, folder]
            commands.run(*command, given=build.dockerfile, timeout_s=_BUILD_S)
        if build.platform is not None:
            _check_platform(build.image, build.platform)
    return build.image


def _check_platform(image: str, platform: str) -> None:
    """An old builder takes the base image that it has, of whatever kind, and says nothing."""
    kind = commands.run("docker", "image", "inspect", "--format", "{{.Os}}/{{.Architecture}}", image).strip()
    if "/".join(platform.split("/")[:2]) != kind:
        commands.run("docker", "image", "rm", image)
        raise PoolUnavailable(
            f"Docker built {image} for {kind}, not for {platform}: build on a machine of that kind, or have BuildKit "
            "and emulation (`docker run --privileged --rm tonistiigi/binfmt --install all`)"
        )


def pull(images: Sequence[str], steps: Steps) -> None:
    """See that Docker has these images. Raises PoolUnavailable."""
    for image in images:
        if not _is_here(image):
            steps.waits_for(f"pulling {image}")
            try:
                commands.run("docker", "pull", "--quiet", image, timeout_s=_PULL_S)
            except commands.CommandFailed as error:
                raise PoolUnavailable(
                    f"Docker has no image {image} and cannot pull it: {error.said}: mend the network or the name, or "
                    f"bring it here with `docker load`"
                ) from error


def lacking(
    nodes: Sequence[Mapping[str, Any]], wanted: Sequence[str], pods: Sequence[Mapping[str, Any]] = ()
) -> dict[str, list[str]]:
    """Nodes that take pods (any, or of these specifications), by name, with the images that each says it lacks."""
    found: dict[str, list[str]] = {}
    for node in nodes:
        if any(takes_pods(node, spec) for spec in (None, *pods)):
            there = {_short(name) for one in node["status"].get("images") or () for name in one.get("names") or ()}
            if missing := [image for image in wanted if _short(image) not in there]:
                found[node["metadata"]["name"]] = missing
    return found


def _short(image: str) -> str:
    """A name without what Docker's own registry may be left out of it by."""
    name = image.removeprefix("docker.io/").removeprefix("library/").removeprefix("localhost/")
    return name if ":" in name.rpartition("/")[2] or "@" in name else f"{name}:latest"


def _is_here(image: str) -> bool:
    try:
        commands.run("docker", "image", "inspect", "--format", "{{.Id}}", image)
    except commands.CommandFailed:
        return False
    return True
