"""What killed drivers leave with the engine, and who removes it."""

from __future__ import annotations

import json
import os
import subprocess
import sys

import pytest

from tests import containers

pytestmark = [
    pytest.mark.docker,
    # Docker's SDK does not close a socket on which it could not connect.
    pytest.mark.filterwarnings("ignore:unclosed <socket:ResourceWarning"),
    pytest.mark.filterwarnings("ignore:Exception ignored in. <socket:pytest.PytestUnraisableExceptionWarning"),
]


def created(name, labels, image):
    """A container that was created and never started, as a driver leaves it that is killed at the wrong moment."""
    words = [word for key, value in labels.items() for word in ("--label", f"{key}={value}")]
    containers.docker("create", "--name", name, *words, image, "true")


@pytest.fixture
def leftovers(image):
    """A container of a process that has ended, and one of this process, which runs."""
    from lcb_ray.owner import labels

    words = subprocess.run(
        [
            sys.executable,
            "-c",
            "import json; from lcb_ray.owner import labels; print(json.dumps(labels('x')))",
        ],
        check=True,
        capture_output=True,
        text=True,
    ).stdout
    names = f"livecodebench-gone-{os.getpid()}", f"livecodebench-used-{os.getpid()}"
    created(names[0], json.loads(words), image)
    created(names[1], labels("x"), image)
    yield names
    for name in set(names) & containers.ours():
        containers.docker("rm", "--force", name)


def test_cleanup_removes_what_was_left_and_nothing_else(cli, leftovers):
    gone, used = leftovers
    assert f"would remove {gone}" in cli("cleanup", "--dry-run").out
    assert {gone, used} <= containers.ours()

    ended = cli("cleanup", "--json")
    assert ended.status == 0
    [docker] = [one for one in json.loads(ended.out) if one["backend"] == "docker"]
    assert gone in docker["removed"]
    assert f"process {os.getpid()}" in docker["kept"][used]
    assert containers.ours() & {gone, used} == {used}


def test_a_pool_removes_what_earlier_ones_have_left(open_pool, leftovers):
    gone, used = leftovers
    open_pool(1, pool_size=1).info()
    assert containers.ours() & {gone, used} == {used}


def test_cleanup_where_there_is_no_engine(cli, monkeypatch):
    monkeypatch.setenv("DOCKER_HOST", "unix:///nowhere/docker.sock")
    ended = cli("cleanup")
    assert ended.status == 0
    assert "docker: not looked at: " in ended.out
    assert cli("cleanup", "--backend", "docker").status == 4
