"""What ends the cluster of all these tests, and so runs last: a user with few rights, an interrupted `up`, `down`."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from importlib.resources import files

import pytest

from tests import kind_cluster
from tests.restricted_user import Administrator, livecodebench

pytestmark = [pytest.mark.k8s, pytest.mark.timeout(1800)]

ANSWERS = files("livecodebench") / "data" / "mini" / "generations.jsonl"
LONG_S = 300.0
TEAM = "lcb-team"


@pytest.fixture
def team(cluster, tmp_path):
    """The settings of a user to whom this cluster is somebody else's, who has the rights that are printed, no more."""
    raycluster = json.loads(cluster.kubectl("get", "raycluster", "livecodebench", "--output", "json"))["spec"]
    worker = raycluster["workerGroupSpecs"][0]["template"]["spec"]
    assert cluster.command("cluster", "down", "--keep-nodes").status == 0
    administrator = Administrator(cluster.CONTEXT)
    administrator.give_rights(TEAM)
    yield {
        "KUBECONFIG": str(administrator.kubeconfig_of(TEAM, tmp_path)),
        "LIVECODEBENCH_K8S_LOCAL": "false",
        "LIVECODEBENCH_K8S_NAMESPACE": TEAM,
        "LIVECODEBENCH_K8S_IMAGES": "own",  # they are on the nodes
        "LIVECODEBENCH_K8S_RAY_IMAGE": worker["containers"][0]["image"],
        "LIVECODEBENCH_K8S_SANDBOX_IMAGE": worker["initContainers"][0]["image"],
        "LIVECODEBENCH_K8S_SANDBOX_CPU": "250m",
        "LIVECODEBENCH_K8S_RAY_CPU": "500m",
        "LIVECODEBENCH_K8S_HEAD_CPU": "1",
        "LIVECODEBENCH_K8S_HEAD_MEMORY": "3Gi",
    }
    administrator.kubectl("delete", "namespace", TEAM, "--wait=false")


def test_the_printed_rights_are_enough_and_no_more_than_that(cluster, team):
    before = Administrator(cluster.CONTEXT)
    refused = before.kubectl(
        "auth", "can-i", "create", "pods", "--as", f"system:serviceaccount:{TEAM}:grader", fails=True
    )
    assert refused.strip() == "no"
    looked = livecodebench(["cluster", "preflight", "--pool-size", 1], team)
    assert looked.returncode == 0, looked.stdout
    ended = livecodebench(["cluster", "up", "--pool-size", 1], team)
    assert ended.returncode == 0, ended.stderr
    assert f"up: 1 sandbox pods, namespace {TEAM}, context theirs" in ended.stdout
    down = livecodebench(["cluster", "down"], team)
    assert down.returncode == 0, down.stderr
    assert before.kubectl("get", "rayclusters,pods", "--namespace", TEAM, "--output", "name") == ""
    assert before.kubectl("get", "namespace", TEAM, "--output", "name"), "it is its owner's"


def test_bringing_up_goes_on_after_a_kill(cluster):
    assert cluster.command("cluster", "down", "--keep-nodes").status == 0
    assert cluster.command("cluster", "status").status == 4
    words = [sys.executable, "-m", "livecodebench", "cluster", "up", "--pool-size", "2"]
    with subprocess.Popen(words, stderr=subprocess.PIPE, text=True) as process:
        for line in process.stderr:
            if line.startswith("head and"):
                process.send_signal(signal.SIGKILL)
                break
    ended = cluster.command("cluster", "up", "--pool-size", "2")
    assert ended.status == 0, ended.err
    assert len(cluster.sandboxes()) == 2, "what the first one asked for is not asked for twice"


def test_an_idle_raycluster_removes_itself_after_its_last_driver_was_killed(cluster, tmp_path):
    idle = {"LIVECODEBENCH_K8S_IDLE_TIMEOUT": "30"}
    ended = cluster.command("cluster", "up", "--pool-size", "2", env=idle)  # by hand the time may be shortened
    assert ended.status == 0, ended.err
    words = [sys.executable, "-m", "livecodebench", "grade", ANSWERS, "--dataset", "mini", "--backend", "kubernetes"]
    words += ["--pool-size", "2", "--output", tmp_path / "out"]
    with subprocess.Popen(list(map(str, words)), env={**os.environ, **idle}, stderr=subprocess.DEVNULL) as driver:
        stored = tmp_path / "out" / "judgements.jsonl"
        until(lambda: driver.poll() is not None or (stored.exists() and stored.read_bytes().count(b"\n")), "a verdict")
        assert driver.poll() is None
        driver.send_signal(signal.SIGKILL)
    until(lambda: not cluster.kubectl("get", "rayclusters,pods", "--output", "name"), "the end of RayCluster and pods")
    ended = cluster.command("cluster", "cleanup")
    assert (ended.status, ended.out) == (0, "kubernetes: nothing is left\n"), ended.err


def until(seen, what):
    deadline = time.monotonic() + LONG_S
    while not seen():
        assert time.monotonic() < deadline, f"never came: {what}"
        time.sleep(0.2)  # nothing tells when a file grows, or when pods have gone


@pytest.mark.skipif(kind_cluster.KEEP, reason="LIVECODEBENCH_TEST_KEEP: it stays")
def test_down_leaves_nothing(cluster, tmp_path):
    assert cluster.command("cluster", "down").status == 0
    names = subprocess.run(
        ["docker", "ps", "--all", "--format", "{{.Names}}"], capture_output=True, text=True, check=True
    )
    assert not [name for name in names.stdout.split() if name.startswith("livecodebench-control-plane")]
    assert (
        "livecodebench"
        not in subprocess.run(["kind", "get", "clusters"], capture_output=True, text=True, check=True).stdout.split()
    )
    contexts = subprocess.run(
        ["kubectl", "config", "get-contexts", "--output", "name"], capture_output=True, text=True, check=True
    )
    assert "kind-livecodebench" not in contexts.stdout.split()
    ended = cluster.command("cluster", "status")
    assert (ended.status, "there is no kind cluster 'livecodebench'" in ended.err) == (4, True)
    again = cluster.command("cluster", "down")
    assert (again.status, "nothing to delete" in again.err) == (0, True)
