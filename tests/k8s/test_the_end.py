"""What is left when the pool is taken down. The last of these tests, by its name: the others need the cluster."""

from __future__ import annotations

import subprocess

import pytest

from tests import kind_cluster

pytestmark = [pytest.mark.k8s, pytest.mark.timeout(1800)]


@pytest.mark.skipif(kind_cluster.KEEP, reason="LIVECODEBENCH_TEST_KEEP: it stays")
def test_down_leaves_nothing(cluster):
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
