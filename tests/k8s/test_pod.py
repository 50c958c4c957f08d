"""A sandbox pod of a real cluster: what its programs cannot do, and that a pod whose jail is weak does not serve."""

from __future__ import annotations

import base64
import os
import re
import tomllib
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager

import pytest

from tests import attacks
from tests.k8s.pods import Pods

pytestmark = [pytest.mark.k8s, pytest.mark.timeout(1800)]

ATTACKS = {name: attacks.FOLDER / f"{name}.py" for name in attacks.SAMPLE}
FOLDER = "/run/livecodebench"
_START = """
import subprocess, time
from pathlib import Path
agent = ["python", "-s", "-P", "-S", "/opt/lcb/agent.pyz", "--listen", {path!r}, *{options!r}]
print(subprocess.Popen(agent, start_new_session=True, stdin=-3, stdout=-3, stderr=-3).pid)
while not any(Path({path!r} + end).exists() for end in ("", ".refused")):
    time.sleep(0.05)
"""


def header(path):
    block = re.search(r"^# /// attack\n(.*?)^# ///$", path.read_text(), re.DOTALL | re.MULTILINE)
    return tomllib.loads(re.sub(r"^# ?", "", block[1], flags=re.MULTILINE))


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
def seen(pods):
    """What came of each attack, run on a sandbox pod by a job."""
    return pods.job("attacks")


@pytest.mark.parametrize("attack", ATTACKS)
def test_an_attack_is_contained_in_a_pod(seen, attack):
    about, ended = header(ATTACKS[attack]), seen[attack]
    if about.get("machine", os.uname().machine) != os.uname().machine:
        pytest.skip(f"only on {about['machine']}")
    said = base64.b64decode(ended["stdout"]).decode("utf-8", "replace")
    assert "managed" not in said, said
    assert ended["outcome"] in (about["outcome"] if isinstance(about["outcome"], list) else [about["outcome"]]), ended
    if ended["outcome"] == "exited":
        assert said == about.get("stdout", "contained\n"), ended["stderr"]
    assert ended["attempts"] == 1, "the sandbox was lost"


def test_the_attacks_cost_no_container_its_life(pods, seen):
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
