"""A sandbox pod of a real cluster: what its programs cannot do, and that a pod whose jail is weak does not serve."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import ExitStack, contextmanager

import pytest

from tests import attack_places, attacks
from tests.k8s.pods import Pods

pytestmark = [pytest.mark.k8s, pytest.mark.timeout(1800)]

FOLDER = "/run/livecodebench"
_START = """
import subprocess, time
from pathlib import Path
agent = ["python", "-s", "-P", "-S", "/opt/lcb/agent.pyz", "--listen", {path!r}, *{options!r}]
print(subprocess.Popen(agent, start_new_session=True, stdin=-3, stdout=-3, stderr=-3).pid)
while not any(Path({path!r} + end).exists() for end in ("", ".refused")):
    time.sleep(0.05)
"""


@contextmanager
def another_agent(pods: Pods, name: str, *options: str) -> Iterator[str]:
    """Another agent in every sandbox container, beside the one that serves; gives its socket's path."""
    path = f"{FOLDER}/{name}.sock"
    with ExitStack() as ended:
        for pod in pods.sandboxes():
            pid = int(pods.python(pod, "sandbox", _START.format(path=path, options=list(options))))
            end = f"import contextlib, os\nwith contextlib.suppress(ProcessLookupError):\n    os.kill({pid}, 9)"
            ended.callback(pods.python, pod, "sandbox", end)
        yield path


@pytest.fixture(scope="module")
def pods(cluster):
    """The pods of the cluster that is up: all of them, for those that nobody has used for minutes have gone."""
    ended = cluster.command("cluster", "up", "--pool-size", cluster.SANDBOXES)
    assert ended.status == 0, ended.err
    return Pods(cluster.CONTEXT, cluster.NAMESPACE)


@pytest.fixture(scope="module")
def attacked(pods):
    """A sandbox pod with a victim, a neighbour, and a client in its Ray container."""
    with attack_places.opened("pod") as target:
        yield target


@pytest.mark.parametrize("attack", attacks.SAMPLE)
def test_an_attack_is_contained_in_a_pod(attacked, attack):
    if not attacks.ATTACKS[attack].here:
        pytest.skip(f"only on {attacks.ATTACKS[attack].machine}")
    assert attacked.attack(attacks.ATTACKS[attack]) == []


def test_the_attacks_cost_no_container_its_life(pods, attacked):
    for pod in pods.all():
        statuses = pod["status"]["containerStatuses"] + pod["status"].get("initContainerStatuses", [])
        killed = [
            one["name"] for one in statuses if one.get("lastState", {}).get("terminated", {}).get("exitCode") == 137
        ]
        assert not killed, pod["metadata"]["name"]


def test_a_sound_pod_passes_its_self_test(pods):
    answer = pods.job("self-test", f"{FOLDER}/agent.sock")
    assert answer["refused"] == ""
    assert set(answer["wrong"].values()) == {""}
    reached = {"the GCS", "the gateway", "the dashboard", "the Kubernetes API", "the raylet of this pod", "Ray's agent"}
    assert reached <= answer["addresses"].keys()
    assert any(name.startswith("DNS at") for name in answer["addresses"])
    assert any(name.startswith("the raylet of pod") for name in answer["addresses"])


def test_a_pod_with_a_weak_jail_does_not_serve(pods):
    with another_agent(pods, "weak", "--without", "seccomp", "--require", "no_new_privs") as path:
        answer = pods.job("self-test", path)
    assert "properties" in answer["refused"]
    # Had the agent claimed to be sound, its programs would have told.
    # (By datagrams: where Landlock knows networks, it still keeps them from TCP.)
    assert answer["wrong"]["no way out"].count("send to ") > 2, "of all that it could reach, the first few are named"
    assert answer["wrong"]["token"] == ""  # the second wall still stands


def test_an_agent_that_refuses_says_why(pods):
    with another_agent(pods, "refusing", "--without", "seccomp") as path:
        assert "refuses to start: required but not given here" in pods.job("self-test", path)["refused"]
