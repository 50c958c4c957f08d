"""Sandboxes' settings from the environment."""

from __future__ import annotations

import pytest

from lcb_ray.docker_pool.settings import MIB, DockerSettings
from livecodebench.errors import InputError
from livecodebench.judging.sandbox_settings import docker_settings


def test_nothing_said():
    assert docker_settings({}) == DockerSettings()
    assert docker_settings({"LIVECODEBENCH_SANDBOX_IMAGE": " ", "LIVECODEBENCH_SANDBOX_MEMORY": ""}) == DockerSettings()


def test_everything_said():
    said = {
        "LIVECODEBENCH_SANDBOX_IMAGE": "python:3.12-slim",
        "LIVECODEBENCH_SANDBOX_RUNTIME": "runsc",
        "LIVECODEBENCH_SANDBOX_PROFILE": "gvisor",
        "LIVECODEBENCH_SANDBOX_MEMORY": "4352",
    }
    wanted = DockerSettings(image="python:3.12-slim", runtime="runsc", profile="gvisor", memory_bytes=4352 * MIB)
    assert docker_settings(said) == wanted


def test_a_profile_that_is_none():
    with pytest.raises(InputError, match=r"LIVECODEBENCH_SANDBOX_PROFILE='gVisor': there is gvisor"):
        docker_settings({"LIVECODEBENCH_SANDBOX_PROFILE": "gVisor"})


@pytest.mark.parametrize("memory", ["much", "-1", "0", "256", "4G", "1e9", "٣٠٠٠"])
def test_a_memory_that_is_none(memory):
    with pytest.raises(InputError, match=r"LIVECODEBENCH_SANDBOX_MEMORY=.*MiB"):
        docker_settings({"LIVECODEBENCH_SANDBOX_MEMORY": memory})
