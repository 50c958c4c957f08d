"""Logs are gathered from all sources; what cannot be read says so, and nothing else is lost for it."""

from __future__ import annotations

from contextlib import nullcontext
from types import SimpleNamespace

import pytest

pytest.importorskip("kubernetes", reason="the kubernetes client is not installed: uv sync --extra kubernetes")

from lcb_ray.errors import PoolUnavailable
from lcb_ray.kuberay import logs
from lcb_ray.kuberay.logs import LogLine, actor_lines, containers_of, gather_logs

SANDBOX = {
    "metadata": {"name": "pod-a", "namespace": "n", "labels": {}},
    "spec": {"initContainers": [{"name": "wait-gcs-ready"}, {"name": "sandbox"}], "containers": [{"name": "ray"}]},
}


class Ray:
    def actors(self):
        return {"2": "sandbox:livecodebench:1", "1": "pool:livecodebench", "3": "gateway"}

    def actor_log(self, id, *, lines):
        if id == "3":
            raise LookupError("no such file")
        return f':actor_name:Pool(x)\n{{"said": "of {id}, {lines} lines"}}\n\n'


class Kubernetes:
    def items(self, path, **selectors):
        return [SANDBOX]

    def log(self, namespace, pod, container, *, lines):
        if container == "ray":
            raise PoolUnavailable("the container is starting")
        return f"{namespace}/{pod}/{container}"


def test_actors_by_name_without_rays_own_marks():
    assert list(actor_lines(Ray(), lines=7)) == [
        LogLine("actor gateway", "no log: no such file"),
        LogLine("actor pool:livecodebench", '{"said": "of 1, 7 lines"}'),
        LogLine("actor sandbox:livecodebench:1", '{"said": "of 2, 7 lines"}'),
    ]


def test_a_pods_containers_sidecars_first():
    assert containers_of(SANDBOX) == ["wait-gcs-ready", "sandbox", "ray"]


def test_all_of_it(monkeypatch):
    monkeypatch.setattr(logs, "dashboard", lambda standing: nullcontext(SimpleNamespace(url="http://x")))
    monkeypatch.setattr(logs, "ray_token", lambda standing: "t")
    monkeypatch.setattr(logs, "JobsApi", lambda url, token: Ray())
    found = list(gather_logs(SimpleNamespace(api=Kubernetes(), namespace="n"), lines=7))
    assert [line.source for line in found[-3:]] == ["pod pod-a/wait-gcs-ready", "pod pod-a/sandbox", "pod pod-a/ray"]
    assert found[-1].text == "no log: the container is starting"
    assert found[-2].text == "n/pod-a/sandbox"
