"""The sandbox image: what goes into it is what its tag says."""

from __future__ import annotations

import platform
from importlib import metadata

import pytest

from lcb_ray.docker_pool.image import tag_of
from lcb_ray.errors import SandboxUnusable
from lcb_ray.sandbox_image import build_arguments, dockerfile

FILES = {"Dockerfile": b"FROM x", "agent.pyz": b"agent"}
ARGUMENTS = {"PYTHON_IMAGE": "python:3.11-slim", "NUMPY": "2.4.6"}


def test_it_has_this_python_and_this_numpy():
    arguments = build_arguments()
    assert arguments["PYTHON_IMAGE"] == f"python:{'.'.join(platform.python_version_tuple()[:2])}-slim"
    assert arguments["NUMPY"] == metadata.version("numpy")


def test_each_part_changes_the_tag():
    tags = {
        tag_of(FILES, ARGUMENTS),
        tag_of({**FILES, "agent.pyz": b"another"}, ARGUMENTS),
        tag_of({**FILES, "Dockerfile": b"FROM y"}, ARGUMENTS),
        tag_of(FILES, {**ARGUMENTS, "NUMPY": ""}),
        tag_of(FILES, {**ARGUMENTS, "PYTHON_IMAGE": "python:3.12-slim"}),
    }
    assert len(tags) == 5
    assert tag_of(dict(reversed(FILES.items())), ARGUMENTS) in tags
    assert tag_of(FILES, ARGUMENTS).startswith("3.11-slim-")


def test_the_dockerfile_is_found_and_knows_its_arguments():
    text = dockerfile().decode()
    for name in build_arguments():
        assert f"ARG {name}=" in text
    assert "USER 10001:10001" in text
    assert 'ENTRYPOINT ["python", "-s", "-P", "-S", "/opt/lcb/agent.pyz"]' in text


def test_nothing_but_the_agent_goes_into_it():
    copied = [line for line in dockerfile().decode().splitlines() if line.startswith(("COPY", "ADD"))]
    assert copied == ["COPY agent.pyz /opt/lcb/agent.pyz"]


def test_an_installation_without_it_says_so(monkeypatch):
    def missing():
        raise FileNotFoundError("this installation lacks it")

    monkeypatch.setattr("lcb_ray.sandbox_image.cluster_folder", missing)
    with pytest.raises(SandboxUnusable, match="lacks it; or give an image that you have"):
        dockerfile()
