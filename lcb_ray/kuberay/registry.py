"""A registry that nodes get images of ours from, where they are on no machine of the user's."""

from __future__ import annotations

import re

from lcb_ray.errors import BadSetting, PoolUnavailable
from lcb_ray.kuberay import commands
from lcb_ray.kuberay.steps import Steps

_PART = r"[a-z0-9]+(?:(?:\.|_{1,2}|-+)[a-z0-9]+)*"
_PREFIX = re.compile(rf"[a-z0-9]+(?:[.-][a-z0-9]+)*(?::[0-9]{{1,5}})?(?:/{_PART})*")
_LONGEST = 200
_PUSH_S = 3600.0


def check(prefix: str) -> str:
    """A registry, and perhaps a folder in it, as names of images begin with it; without a / at its end.

    Raises BadSetting.
    """
    name = prefix.removesuffix("/")
    if len(name) > _LONGEST or not _PREFIX.fullmatch(name):
        raise BadSetting(
            f"--registry={prefix!r}: write a registry as images are named by it, such as ghcr.io/team or "
            "registry.example.com:5000/lcb: no https://, no capitals, no tag"
        )
    return name


def push(image: str, prefix: str, steps: Steps) -> str:
    """Give a registry an image that Docker has.

    Args:
        image: Its name here.
        prefix: As `check` returns it.
        steps: Told what it waits for.

    Returns the name by which nodes get it. Raises PoolUnavailable.
    """
    name = f"{prefix}/{image}"
    commands.run("docker", "tag", image, name)
    steps.waits_for(f"pushing {name}")
    try:
        commands.run("docker", "push", "--quiet", name, timeout_s=_PUSH_S)
    except commands.CommandFailed as error:
        host = prefix.partition("/")[0]
        raise PoolUnavailable(
            f"the registry did not take {name}: {error.said}: `docker login {host}` with an account that may push "
            "there, or another --registry; the same command goes on from here"
        ) from error
    return name
