"""The watchdog on the head: what counts as use, and that it deletes nothing else and nothing too early."""

from __future__ import annotations

import importlib.util
import json
import math
import sys
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest

from lcb_ray.cluster_files import DASHBOARD_PORT, GATEWAY_PORT, cluster_folder
from lcb_ray.kuberay import template


@pytest.fixture(scope="module")
def watchdog():
    """The module, from its file: it is in no package."""
    spec = importlib.util.spec_from_file_location("watchdog", cluster_folder() / "base" / "watchdog.py")
    module = importlib.util.module_from_spec(spec)
    sys.modules["watchdog"] = module
    spec.loader.exec_module(module)
    yield module
    del sys.modules["watchdog"]


class Answers:
    """A server that answers each path with a status and JSON."""

    def __init__(self):
        self.at = {}
        self.tokens = []
        answers = self

        class Handler(BaseHTTPRequestHandler):
            def do_GET(self):
                answers.tokens.append(self.headers["Authorization"])
                status, body = answers.at.get(self.path, (404, {}))
                self.send_response(status)
                self.end_headers()
                self.wfile.write(json.dumps(body).encode())

            def log_message(self, *_):
                pass

        self.server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.url = f"http://127.0.0.1:{self.server.server_address[1]}"
        threading.Thread(target=self.server.serve_forever, daemon=True).start()

    def close(self):
        self.server.shutdown()
        self.server.server_close()


@pytest.fixture
def answers():
    made = Answers()
    yield made
    made.close()


@pytest.fixture
def read(watchdog, answers, tmp_path):
    (tmp_path / "token").write_text("NAME a-token\nother another\n")
    return watchdog.read_from(answers.url, tmp_path / "token")


def test_the_clock_starts_with_the_watchdog_and_with_each_use(watchdog):
    clock = watchdog.Clock(100.0)
    clock.look(110.0, idle_s=math.inf, wanted="a")
    assert clock.idle_s(115.0) == 5, "who asks for it counts as its first use"
    clock.look(130.0, idle_s=math.inf, wanted="a")
    assert clock.idle_s(130.0) == 20
    clock.look(140.0, idle_s=3.0, wanted="a")
    assert clock.idle_s(140.0) == 3
    clock.look(150.0, idle_s=40.0, wanted="a")
    assert clock.idle_s(150.0) == 13, "what was seen before still counts"
    clock.look(160.0, idle_s=math.inf, wanted="b")
    assert clock.idle_s(160.0) == 0


@pytest.mark.parametrize(
    ("said", "seconds"), [("60", 60), ("0", math.inf), ("never", math.inf), ("soon", math.inf), (None, math.inf)]
)
def test_the_time_is_the_annotations(watchdog, said, seconds):
    annotations = {} if said is None else {watchdog.IDLE: said}
    assert watchdog.timeout_of(annotations) == seconds
    assert template.idle_of(annotations) == seconds, "both sides read it alike"


def test_both_sides_name_the_same_annotations_and_ports(watchdog):
    assert (watchdog.IDLE, watchdog.WANTED) == (template.IDLE, template.WANTED)
    assert watchdog._GATEWAY.endswith(f":{GATEWAY_PORT}")
    assert watchdog._DASHBOARD.endswith(f":{DASHBOARD_PORT}")


def test_the_gateway_says_how_long_it_had_no_user(watchdog, answers, read):
    answers.at["/use"] = (200, {"idle_s": 7.5})
    assert watchdog.idle_by_gateway(read) == 7.5
    assert answers.tokens == ["Bearer a-token"]


@pytest.mark.parametrize("answer", [(401, {}), (500, {}), (200, {"else": 1}), (200, {"idle_s": "?"}), (404, {})])
def test_what_cannot_be_told_counts_as_use(watchdog, answers, read, answer):
    answers.at["/use"] = answers.at["/api/jobs/"] = answer
    assert watchdog.idle_by_gateway(read) == 0
    assert watchdog.idle_by_jobs(read) == 0


def test_where_nothing_listens_nobody_can_use_it(watchdog, tmp_path):
    with ThreadingHTTPServer(("127.0.0.1", 0), BaseHTTPRequestHandler) as server:
        url = f"http://127.0.0.1:{server.server_address[1]}"
    read = watchdog.read_from(url, tmp_path / "no-token")
    assert watchdog.idle_by_gateway(read) == watchdog.idle_by_jobs(read) == math.inf


@pytest.mark.parametrize(
    ("statuses", "idle_s"), [([], math.inf), (["SUCCEEDED", "FAILED", "STOPPED"], math.inf), (["FAILED", "RUNNING"], 0)]
)
def test_a_job_that_runs_is_use(watchdog, answers, read, statuses, idle_s):
    answers.at["/api/jobs/"] = (200, [{"status": status} for status in statuses])
    assert watchdog.idle_by_jobs(read) == idle_s


class Kubernetes:
    """The RayCluster, as its metadata are read one time after the other."""

    def __init__(self, *seen):
        self.seen = list(seen)
        self.deleted = []

    def read(self):
        if not self.seen:
            raise LookupError("the RayCluster is gone")
        return self.seen.pop(0)

    def delete(self, metadata):
        self.deleted.append(metadata)
        return metadata.get("unchanged", True)


def meta(uid="u", version="1", **more):
    return {"uid": uid, "resourceVersion": version, "annotations": {"livecodebench/idle-timeout": "0.001"}, **more}


@pytest.fixture
def at_once(watchdog, monkeypatch):
    monkeypatch.setattr(watchdog, "SHORTEST_LOOK_S", 0.01)


def test_an_idle_raycluster_is_deleted_as_it_was_read(watchdog, at_once, answers, read):
    answers.at |= {"/use": (200, {"idle_s": 999}), "/api/jobs/": (200, [])}
    cluster = Kubernetes(*[meta(version=str(number)) for number in range(9)])
    watchdog.watch(cluster, read, read)
    assert [one["uid"] for one in cluster.deleted] == ["u"]
    assert len(cluster.seen) < 9


def test_one_that_was_asked_for_meanwhile_is_looked_at_again(watchdog, at_once, answers, read):
    answers.at |= {"/use": (200, {"idle_s": 999}), "/api/jobs/": (200, [])}
    cluster = Kubernetes(meta(), meta(unchanged=False), meta(version="2"))
    watchdog.watch(cluster, read, read)
    assert [one["resourceVersion"] for one in cluster.deleted] == ["1", "2"]


def test_another_raycluster_of_that_name_is_left_alone(watchdog, at_once, answers, read):
    answers.at |= {"/use": (200, {"idle_s": 0}), "/api/jobs/": (200, [])}
    cluster = Kubernetes(meta(), meta(uid="another"))
    watchdog.watch(cluster, read, read)
    assert cluster.deleted == []
