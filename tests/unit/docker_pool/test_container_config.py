"""What the engine is asked for: each lock, whatever the settings."""

from __future__ import annotations

import pytest

from lcb_ray.docker_pool.container_config import container_config
from lcb_ray.docker_pool.settings import BESIDE_BYTES, MIB, DockerSettings
from lcb_ray.errors import SandboxUnusable

PLACE = {"image": "sandbox", "folder": "/tmp/x/control", "agent": None, "labels": {"a": "b"}}


def config(settings=None, *, slots=1, engine_cpus=8, **more):
    return container_config(settings or DockerSettings(), slots=slots, engine_cpus=engine_cpus, **{**PLACE, **more})


@pytest.mark.parametrize("settings", [DockerSettings(), DockerSettings(image="x", runtime="runsc", memory_bytes=2**30)])
def test_the_locks(settings):
    made = config(settings)
    host = made["HostConfig"]
    assert made["User"] == "10001:10001"
    assert made["NetworkDisabled"]
    assert host["NetworkMode"] == "none"
    assert host["CapDrop"] == ["ALL"]
    assert host["SecurityOpt"] == ["no-new-privileges:true"]  # and no other profile than the engine's
    assert host["ReadonlyRootfs"]
    assert host["AutoRemove"]
    assert host["Init"]
    assert not host.keys() & {"Privileged", "CapAdd", "PidMode", "Devices", "Binds", "UsernsMode"}
    assert all(mount["ReadOnly"] for mount in host["Mounts"])


def test_limits_grow_with_the_slots():
    one, three = (config(slots=slots)["HostConfig"] for slots in (1, 3))
    each = DockerSettings().memory_bytes
    assert one["Memory"] == one["MemorySwap"] == each + BESIDE_BYTES
    assert three["Memory"] == three["MemorySwap"] == 3 * each + BESIDE_BYTES
    assert (one["NanoCpus"], three["NanoCpus"]) == (10**9, 3 * 10**9)
    assert one["PidsLimit"] < three["PidsLimit"]


def test_no_more_cpus_than_the_engine_has():
    assert "NanoCpus" not in config(slots=4, engine_cpus=4)["HostConfig"]


def test_a_given_image_gets_the_agent():
    mounts = config(agent="/tmp/x/agent.pyz")["HostConfig"]["Mounts"]
    assert [(mount["Source"], mount["Target"]) for mount in mounts] == [
        ("/tmp/x/control", "/run/lcb"),
        ("/tmp/x/agent.pyz", "/opt/lcb/agent.pyz"),
    ]
    assert len(config()["HostConfig"]["Mounts"]) == 1


def test_a_runtime_is_passed_on():
    assert config(DockerSettings(runtime="runsc"))["HostConfig"]["Runtime"] == "runsc"
    assert "Runtime" not in config()["HostConfig"]


def test_a_profile_is_the_agent_s_to_know():
    assert config(DockerSettings(profile="gvisor"))["Cmd"][2:4] == ["--profile", "gvisor"]
    assert "--profile" not in config()["Cmd"]


def test_a_profile_with_more_slots_than_it_has():
    pytest.importorskip("docker", reason="Docker's SDK is not installed: uv sync --extra docker")
    from lcb_ray.docker_pool.pool import DockerPool

    with pytest.raises(SandboxUnusable, match="2 slots with the profile gvisor"):
        DockerPool(2, settings=DockerSettings(profile="gvisor"))


def test_a_program_s_memory_fits():
    assert DockerSettings().memory_bytes == 2304 * MIB


def test_without_a_socket_nothing_of_this_machine_is_mounted():
    made = config(folder=None)
    assert made["Cmd"][0] == "--stdio"
    assert made["OpenStdin"]
    assert made["StdinOnce"]
    assert made["HostConfig"]["Mounts"] == []
    assert config()["Cmd"][:2] == ["--connect", "/run/lcb/control.sock"]
