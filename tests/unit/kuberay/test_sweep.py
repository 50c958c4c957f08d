"""Which RayClusters are of no use to anybody."""

from __future__ import annotations

import json
import subprocess
import sys
from datetime import UTC, datetime, timedelta

import pytest

pytest.importorskip("kubernetes", reason="the kubernetes client is not installed: uv sync --extra kubernetes")

from lcb_ray import owner
from lcb_ray.kuberay import sweep, template
from lcb_ray.kuberay.sweep import stale, user_of
from lcb_ray.kuberay.use import Place

NOW = datetime(2026, 11, 29, 16, 0, tzinfo=UTC)
HEAD = {
    "metadata": {"name": "head", "labels": {"ray.io/node-type": "head"}},
    "spec": {},
    "status": {"conditions": [{"type": "Ready", "status": "True"}]},
}


@pytest.fixture(scope="module")
def gone():
    """The labels of a process that has ended."""
    words = "import json; from lcb_ray.owner import labels; print(json.dumps(labels('')))"
    return json.loads(subprocess.run([sys.executable, "-c", words], check=True, capture_output=True).stdout)


@pytest.fixture
def alive():
    """The labels of another process of this machine, which lives."""
    words = "import json; from lcb_ray.owner import labels; print(json.dumps(labels('')), flush=True); input()"
    with subprocess.Popen([sys.executable, "-c", words], stdin=subprocess.PIPE, stdout=subprocess.PIPE) as process:
        yield json.loads(process.stdout.readline())
        process.stdin.close()


def at(seconds_ago):
    return (NOW - timedelta(seconds=seconds_ago)).isoformat()


def raycluster(maker, *, wanted=3600, made=7200, by_hand="false", head=None, **meta):
    annotations = {template.MAKER: json.dumps(maker), template.WANTED: at(wanted), template.BY_HAND: by_hand}
    conditions = [] if head is None else [{"type": "HeadPodReady", "status": "False", "lastTransitionTime": at(head)}]
    return {
        "metadata": {"annotations": annotations, "creationTimestamp": at(made), **meta},
        "status": {"conditions": conditions},
    }


def test_one_without_a_head_whose_maker_has_gone_is_stale(gone):
    assert "no head for 60 minutes" in stale(raycluster(gone), [], NOW)


def test_one_that_serves_or_may_still_be_wanted_is_not(gone, alive):
    assert stale(raycluster(gone), [HEAD], NOW) == ""
    assert stale(raycluster(alive), [], NOW) == ""
    assert stale(raycluster(owner.labels("")), [], NOW) == ""
    assert stale(raycluster(gone, wanted=600), [], NOW) == "", "drivers wait for so long"
    assert stale(raycluster(gone, head=600), [], NOW) == "", "its head was there a moment ago"
    assert stale(raycluster(gone, deletionTimestamp=at(1)), [], NOW) == "", "it goes already"


@pytest.fixture
def user(monkeypatch):
    """Who needs a RayCluster that nobody is seen to use."""
    monkeypatch.setattr(sweep, "users", lambda place, found: [])
    monkeypatch.setattr(sweep, "our_pods", lambda api, namespace: [])
    return lambda found: user_of(Place(None, None, "n"), found, NOW)


def test_nobody_needs_one_whose_maker_has_gone(user, gone):
    assert user(raycluster(gone)) == ""
    assert user(raycluster(gone, wanted=5)) == "", "a killed command's is removed at once"
    assert user(raycluster({"livecodebench.machine": "another"})) == ""


def test_who_may_need_one(user, gone, alive):
    assert "which asked for it and is running" in user(raycluster(alive))
    assert "has just asked for it" in user(raycluster({"livecodebench.machine": "another"}, wanted=60))
    assert "`livecodebench cluster up`" in user(raycluster(gone, by_hand="true"))
    assert "next head" in user(raycluster(gone, head=100)), "it had one, and drivers wait for the next"
    assert user(raycluster(gone, head=100, made=101)) == "", "it has never had one"


def test_what_others_have_written_there_is_read_with_suspicion(user):
    for maker in ("[]", "{", "null", '{"livecodebench.pid": {}}'):
        found = raycluster({})
        found["metadata"]["annotations"] |= {template.MAKER: maker, template.WANTED: "yesterday"}
        assert user(found) == ""
