"""What pods say of themselves, in the documents that a cluster really gave."""

from __future__ import annotations

import pytest

from lcb_ray.kuberay.pods import is_head, is_ready, why_not_ready


def pod(*, conditions=(), containers=(), inits=(), phase="Pending", **meta):
    status = {"phase": phase, "conditions": list(conditions)}
    status |= {"containerStatuses": list(containers), "initContainerStatuses": list(inits)}
    return {"metadata": {"name": "p", **meta}, "spec": {}, "status": status}


def waiting(name, reason, message=""):
    return {"name": name, "state": {"waiting": {"reason": reason, "message": message}}}


def test_the_head_is_known_by_kuberays_label():
    assert is_head(pod(labels={"ray.io/node-type": "head"}))
    assert not is_head(pod(labels={"ray.io/node-type": "worker"}))
    assert not is_head(pod())


@pytest.mark.parametrize(
    ("given", "expected"),
    [
        (pod(conditions=[{"type": "Ready", "status": "True"}]), True),
        (pod(conditions=[{"type": "Ready", "status": "False"}]), False),
        (pod(), False),
        (pod(conditions=[{"type": "Ready", "status": "True"}], deletionTimestamp="2026-11-23T18:00:00Z"), False),
        ({"metadata": {"name": "new"}, "spec": {}}, False),
    ],
)
def test_ready_is_serving_and_not_about_to_go(given, expected):
    assert is_ready(given) is expected


UNSCHEDULABLE = {
    "type": "PodScheduled",
    "status": "False",
    "reason": "Unschedulable",
    "message": "0/3 nodes are available: 2 Insufficient cpu.",
}


@pytest.mark.parametrize(
    ("given", "words"),
    [
        (pod(conditions=[UNSCHEDULABLE]), ["has no node", "2 Insufficient cpu"]),
        (pod(containers=[waiting("ray", "PodInitializing")]), ["starts"]),
        (
            pod(
                inits=[waiting("sandbox", "ErrImagePull", "not found")], containers=[waiting("ray", "PodInitializing")]
            ),
            ["container sandbox: ErrImagePull: not found", "pull secret"],
        ),
        (pod(containers=[waiting("ray", "CrashLoopBackOff")]), ["container ray: CrashLoopBackOff", "kubectl logs"]),
        (pod(containers=[waiting("ray", "CreateContainerConfigError", 'secret "x" not found')]), ['secret "x"']),
        (
            pod(inits=[{"name": "sandbox", "state": {"terminated": {"exitCode": 78, "message": "no Landlock"}}}]),
            ["container sandbox: ended with status 78: no Landlock"],
        ),
        (pod(phase="Failed"), ["has ended"]),
        (pod(deletionTimestamp="2026-11-23T18:00:00Z"), ["is being deleted"]),
        ({"metadata": {"name": "new"}, "spec": {}}, ["starts"]),
    ],
)
def test_what_it_waits_for_is_said_with_the_fix(given, words):
    said = why_not_ready(given)
    assert all(word in said for word in words), said
