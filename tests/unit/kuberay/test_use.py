"""Who uses a RayCluster, as its gateway and Ray say it."""

from __future__ import annotations

import json
import os
import socket
import subprocess
import sys

import pytest

pytest.importorskip("kubernetes", reason="the kubernetes client is not installed: uv sync --extra kubernetes")

from lcb_ray import owner
from lcb_ray.kuberay import template, use
from lcb_ray.kuberay.use import Place, made_by_of, users

PLACE = Place(None, None, "n")


@pytest.fixture
def said(monkeypatch):
    """What the gateway and Ray say, of a head that is up."""
    monkeypatch.setattr(use, "head_is_ready", lambda place: True)
    monkeypatch.setattr(use, "_of_jobs", lambda place: ["Ray job one"])

    def say(*labels):
        monkeypatch.setattr(use, "gateway_users", lambda place: list(labels))

    return say


def made_by(labels):
    return {"metadata": {"annotations": {template.MAKER: json.dumps(labels)}}}


def test_clients_and_jobs_use_it(said):
    said("host pid 7 (evaluation)", "host pid 7 (evaluation)", "other pid 8 (training)")
    assert users(PLACE, made_by({})) == ["host pid 7 (evaluation)", "other pid 8 (training)", "Ray job one"]


def test_the_process_that_asked_for_it_is_seen_to_have_ended(said):
    words = "import json; from lcb_ray.owner import labels; print(json.dumps(labels('')))"
    gone = json.loads(subprocess.run([sys.executable, "-c", words], check=True, capture_output=True).stdout)
    pid, here = gone["livecodebench.pid"], socket.gethostname()
    said(f"{here} pid {pid} (evaluation)", f"{here} pid {pid}1 (evaluation)")
    assert users(PLACE, made_by(gone)) == [f"{here} pid {pid}1 (evaluation)", "Ray job one"]
    said(f"{here} pid {os.getpid()} (evaluation)")
    assert len(users(PLACE, made_by(owner.labels("")))) == 2


def test_before_its_head_is_up_the_process_that_brings_it_up_uses_it(monkeypatch):
    monkeypatch.setattr(use, "head_is_ready", lambda place: False)
    assert users(PLACE, made_by({})) == []
    assert users(PLACE, made_by(owner.labels(""))) == [], "no other one than this process"


@pytest.mark.parametrize("annotations", [None, {}, {template.MAKER: "{"}, {template.MAKER: "[1]"}])
def test_who_made_it_may_not_be_known(annotations):
    assert made_by_of({"metadata": {"annotations": annotations}}) == {}


def test_the_gateways_token_is_the_one_without_a_name(monkeypatch):
    for text, token in (("abc", "abc"), ("one abc\nxyz\n", "xyz"), ("one abc", "abc")):
        monkeypatch.setattr(Place, "secret", lambda place, name, key, text=text: text)
        assert PLACE.gateway_token() == token
