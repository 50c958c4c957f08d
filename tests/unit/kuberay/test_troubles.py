"""What is wrong with a RayCluster, in words; and when it is said."""

from __future__ import annotations

import pytest

pytest.importorskip("kubernetes", reason="the kubernetes client is not installed: uv sync --extra kubernetes")

from lcb_ray.kuberay import trouble_watch
from lcb_ray.kuberay.trouble_watch import TroubleWatch
from lcb_ray.kuberay.troubles import Trouble, troubles

RAYCLUSTER = {"metadata": {"name": "livecodebench"}}
READY = {"type": "Ready", "status": "True"}


def pod(name, *, role="worker", node="n1", conditions=(READY,), **status):
    return {
        "metadata": {"name": name, "labels": {"ray.io/node-type": role}},
        "spec": {"nodeName": node},
        "status": {"phase": "Running", "conditions": list(conditions), **status},
    }


HEAD = pod("head", role="head")


def words(*pods, **more):
    return [f"{one.what}: {one.words}" for one in troubles(raycluster=RAYCLUSTER, pods=pods, **more)]


def test_nothing_is_wrong():
    node = {"metadata": {"name": "n1"}, "status": {"conditions": [READY]}}
    assert words(HEAD, pod("a"), nodes=[node]) == []


def waiting(reason):
    return {"name": "sandbox", "image": "s:1", "state": {"waiting": {"reason": reason, "message": "no such host"}}}


@pytest.mark.parametrize(
    ("broken", "what", "fix"),
    [
        (
            pod("a", initContainerStatuses=[waiting("ImagePullBackOff")]),
            "pod a cannot get the image s:1 of its container sandbox",
            "pull secret",
        ),
        (
            pod(
                "a", conditions=[{"type": "PodScheduled", "status": "False", "message": "0/3 nodes: Insufficient cpu"}]
            ),
            "pod a has no node",
            "--pool-size",
        ),
        (
            pod(
                "a",
                initContainerStatuses=[
                    {
                        "name": "sandbox",
                        "state": {},
                        "lastState": {"terminated": {"reason": "OOMKilled", "finishedAt": "t"}},
                    }
                ],
            ),
            "container sandbox of pod a was killed for want of memory",
            "LIVECODEBENCH_K8S_SANDBOX_MEMORY",
        ),
        (
            {**pod("a"), "status": {"phase": "Failed", "reason": "Evicted", "message": "low on memory"}},
            "pod a was ended (Evicted)",
            "ask for fewer pods",
        ),
        (
            pod("a", initContainerStatuses=[waiting("CrashLoopBackOff")]),
            "container sandbox of pod a ends again and again",
            "cluster logs",
        ),
    ],
)
def test_a_pod_that_is_in_trouble(broken, what, fix):
    [found] = words(HEAD, broken)
    assert found.startswith(what)
    assert fix in found


def test_a_node_that_is_lost():
    node = {"metadata": {"name": "n1"}, "status": {"conditions": [{"type": "Ready", "status": "Unknown"}]}}
    [found] = words(pod("head", role="head", node="n2"), pod("a"), nodes=[node])
    assert found.startswith("node n1 does not answer: what ran in its pods (a) runs elsewhere")
    assert "kubectl delete node n1" in found


def test_a_head_that_is_lost():
    [found] = words(pod("a"))
    assert found.startswith("no head pod serves: there is none. KubeRay starts another")


def test_an_operator_that_is_gone():
    [found] = words(HEAD, operator="it is not there yet")
    assert "livecodebench cluster up" in found


@pytest.mark.parametrize("raycluster", [None, {"metadata": {"deletionTimestamp": "now"}}])
def test_a_raycluster_that_is_gone(raycluster):
    [found] = troubles(raycluster=raycluster, pods=[])
    assert "run the same command again" in found.words


@pytest.fixture
def watch(monkeypatch):
    said = []
    monkeypatch.setattr(trouble_watch, "LOOK_S", 1e6)  # the test is the one that looks
    made = TroubleWatch(None, said.append)
    made.said = said
    return made


LASTING, PASSING = Trouble("node n is away", "start it"), Trouble("pod a was ended", "so be it", passing=True)


def test_what_lasts_is_said_once_then_its_end_and_all_again_when_the_program_ends(watch):
    for found in ([LASTING], [LASTING], [LASTING]):
        watch.hear(found)
    assert watch.said == ["node n is away: start it"]
    assert watch.now() == "node n is away: start it"
    watch.hear([])
    assert watch.said[1].startswith("it is over after ")
    assert watch.now() == ""
    watch.close()
    assert watch.said[2].startswith("while this ran:\n  node n is away, for ")


def test_what_comes_again_is_said_again(watch):
    for found in ([LASTING], [LASTING], [], [LASTING], [LASTING]):
        watch.hear(found)
    assert [line.split(" after")[0] for line in watch.said] == [
        "node n is away: start it",
        "it is over",
        "node n is away: start it",
    ]
    watch.close()
    assert watch.said[-1].endswith("node n is away, and still is")


def test_what_is_seen_only_once_is_nothing(watch):
    for found in ([LASTING], [], [LASTING], []):
        watch.hear(found)
    watch.close()
    assert watch.said == []


def test_what_happened_is_said_once_unless_it_was_before(watch):
    watch.hear([PASSING])
    watch.hear([PASSING])
    assert watch.said == []
    other = Trouble("pod b was ended", "so be it", passing=True)
    watch.hear([PASSING, other])
    watch.hear([other])
    watch.close()
    assert watch.said == ["pod b was ended: so be it", "while this ran:\n  pod b was ended: so be it"]
