"""The pods' images: named by what is in them, and loaded only where they are missing."""

from __future__ import annotations

import platform
from dataclasses import replace
from importlib.metadata import version

import pytest

from lcb_ray import archive
from lcb_ray.errors import BadSetting, PoolUnavailable
from lcb_ray.kuberay import images, registry
from lcb_ray.kuberay.images import Build
from lcb_ray.kuberay.steps import Steps

BUILD = Build(name="ours", dockerfile="FROM a", context={"file": b"1"}, arguments={"A": "1"})

DOCKER = """
words = sys.argv[1:]
if words[:2] == ["image", "inspect"] and words[-1] not in (here / "images").read_text().split(): sys.exit(1)
if words[0] == "build":
    (here / "dockerfile").write_text(sys.stdin.read())
    (here / "context").write_text(" ".join(sorted(os.listdir(words[-1]))))
    with open(here / "images", "a") as file: file.write(words[words.index("--tag") + 1] + " ")
if words[:4] == ["image", "inspect", "--format", "{{.Os}}/{{.Architecture}}"]: print("linux/amd64")
if words[:2] == ["image", "rm"]: (here / "images").write_text("")
if words[0] == "push" and words[-1].startswith("closed.example"): sys.exit("no basic auth credentials")
if words[0] == "pull" and words[-1] == "not/there:1": sys.exit("no such host")
"""


@pytest.fixture
def docker(stand_ins):
    stand_ins.add("docker", DOCKER)
    (stand_ins.folder / "images").write_text("")
    return stand_ins


@pytest.fixture
def steps():
    made = Steps(lambda _: None)
    with made.step("images"):
        yield made


@pytest.mark.parametrize(
    "other",
    [
        replace(BUILD, dockerfile="FROM b"),
        replace(BUILD, context={"file": b"2"}),
        replace(BUILD, context={"other": b"1"}),
        replace(BUILD, arguments={"A": "2"}),
        replace(BUILD, context={}),
        replace(BUILD, platform="linux/arm64"),
    ],
)
def test_the_tag_changes_with_whatever_is_in_it(other):
    assert other.image != BUILD.image
    assert replace(BUILD).image == BUILD.image


def test_it_is_built_once(docker, steps):
    assert images.have(BUILD, steps) == BUILD.image
    assert images.have(BUILD, steps) == BUILD.image
    [build] = docker.calls_of("docker", "build")
    assert "--build-arg=A=1" in build
    assert (docker.folder / "dockerfile").read_text() == "FROM a"
    assert (docker.folder / "context").read_text() == "file"


def test_it_is_built_for_the_platform_of_the_nodes(docker, steps):
    images.have(replace(BUILD, platform="linux/amd64"), steps)
    [build] = docker.calls_of("docker", "build")
    assert "--platform=linux/amd64" in build


def test_a_builder_that_takes_another_platform_is_found_out(docker, steps):
    build = replace(BUILD, platform="linux/arm64/v8")
    with pytest.raises(PoolUnavailable, match=r"for linux/amd64, not for linux/arm64/v8"):
        images.have(build, steps)
    assert docker.calls_of("docker", "image", "rm") == [["docker", "image", "rm", build.image]]


def test_a_registry_gets_it_under_its_name(docker, steps):
    assert registry.push("ours:1", "open.example/team", steps) == "open.example/team/ours:1"
    assert docker.calls_of("docker", "tag") == [["docker", "tag", "ours:1", "open.example/team/ours:1"]]
    assert docker.calls_of("docker", "push") == [["docker", "push", "--quiet", "open.example/team/ours:1"]]


def test_a_registry_that_takes_nothing_is_said_with_the_fix(docker, steps):
    with pytest.raises(PoolUnavailable, match=r"no basic auth credentials.*`docker login closed\.example:5000`"):
        registry.push("ours:1", "closed.example:5000/team", steps)


@pytest.mark.parametrize("prefix", ["ghcr.io/team", "localhost:5000", "me", "r.example.com:5000/a/b-c/d_e/f__g.h/"])
def test_names_of_registries(prefix):
    assert registry.check(prefix) == prefix.removesuffix("/")


@pytest.mark.parametrize(
    "prefix", ["", "/", "https://ghcr.io/team", "ghcr.io/Team", "ghcr.io/team:1", "a b", "a/../b", "-x", "a" * 201]
)
def test_what_is_no_registry(prefix):
    with pytest.raises(BadSetting, match=r"such as ghcr\.io/team"):
        registry.check(prefix)


def test_what_is_here_is_not_pulled(docker, steps):
    (docker.folder / "images").write_text("here:1")
    images.pull(["here:1", "public:1"], steps)
    assert docker.calls_of("docker", "pull") == [["docker", "pull", "--quiet", "public:1"]]


def test_an_image_that_cannot_be_had_is_said_with_the_fix(docker, steps):
    with pytest.raises(PoolUnavailable, match=r"no image not/there:1 .*no such host.*docker load"):
        images.pull(["not/there:1"], steps)


def test_the_sandbox_has_the_python_and_numpy_of_this_process():
    build = images.sandbox_build()
    assert build.arguments == {
        "PYTHON_IMAGE": f"python:{platform.python_version().rpartition('.')[0]}-slim",
        "NUMPY": version("numpy"),
    }
    assert build.context == {"agent.pyz": archive.build()}
    assert build.dockerfile.count("FROM") == 1


def node(name, *names, ready="True", **spec):
    status = {"images": [{"names": [one]} for one in names], "conditions": [{"type": "Ready", "status": ready}]}
    return {"metadata": {"name": name}, "spec": spec, "status": status}


def test_nodes_tell_what_they_have_under_dockers_full_names():
    nodes = [
        node("full", "docker.io/library/python:3.11-slim", "docker.io/rayproject/ray:2.60.0", "quay.io/a/b:1"),
        node("half", "docker.io/rayproject/ray:2.60.0"),
        node("control-plane", taints=[{"effect": "NoSchedule"}]),
    ]
    wanted = ["python:3.11-slim", "rayproject/ray:2.60.0", "quay.io/a/b:1"]
    assert images.lacking(nodes, wanted) == {"half": ["python:3.11-slim", "quay.io/a/b:1"]}


def test_a_name_without_a_tag_is_the_latest():
    assert images.lacking([node("a", "docker.io/library/ours:latest")], ["ours"]) == {}
    assert images.lacking([node("a", "localhost:5000/ours:latest")], ["localhost:5000/ours"]) == {}
