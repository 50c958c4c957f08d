"""What ends the cluster of all these tests, and so runs last: an interrupted `up`, and `down`."""

from __future__ import annotations

import signal
import subprocess
import sys

import pytest

from tests import kind_cluster

pytestmark = [pytest.mark.k8s, pytest.mark.timeout(1800)]


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
