"""What the sandbox image is made of, whoever builds it: its Dockerfile, the agent, and what the Dockerfile is given.

Verdicts depend on the Python and the numpy that run the programs: they are to be those of this interpreter.
"""

from __future__ import annotations

import platform
from importlib import metadata

from lcb_ray import archive
from lcb_ray.cluster_files import cluster_folder
from lcb_ray.errors import SandboxUnusable

REPOSITORY = "livecodebench-sandbox"


def dockerfile() -> bytes:
    """Its Dockerfile. Raises SandboxUnusable where this installation lacks it."""
    try:
        return (cluster_folder() / "images" / "sandbox" / "Dockerfile").read_bytes()
    except FileNotFoundError as error:
        raise SandboxUnusable(f"{error}; or give an image that you have") from error


def context() -> dict[str, bytes]:
    """The files beside it, by name."""
    return {"agent.pyz": archive.build()}


def python_image() -> str:
    """The public image with this interpreter's Python."""
    major, minor, _ = platform.python_version_tuple()
    return f"python:{major}.{minor}-slim"


def build_arguments() -> dict[str, str]:
    """What the Dockerfile is given; numpy is empty where there is none."""
    try:
        numpy = metadata.version("numpy")
    except metadata.PackageNotFoundError:
        numpy = ""
    return {"PYTHON_IMAGE": python_image(), "NUMPY": numpy}
