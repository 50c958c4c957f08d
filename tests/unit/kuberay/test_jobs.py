"""Ray's jobs API, against a server that answers as Ray does: what is sent, and what its refusals become."""

from __future__ import annotations

import io
import json
import threading
import zipfile
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest

from lcb_ray.errors import PoolUnavailable, SandboxUnusable
from lcb_ray.kuberay.jobs import JobsApi, packed

TOKEN = "0123456789abcdef"


class Ray(BaseHTTPRequestHandler):
    def log_message(self, *_: object) -> None:
        pass

    def _answer(self) -> None:
        body = self.rfile.read(int(self.headers.get("Content-Length", 0)))
        self.server.seen.append((self.command, self.path, body))
        if self.headers["Authorization"] != f"Bearer {TOKEN}":
            return self._send(401, b"Unauthorized")
        status, answer = self.server.answers.get((self.command, self.path), (404, b"no such thing"))
        return self._send(status, answer)

    def _send(self, status, answer):
        self.send_response(status)
        self.send_header("Content-Length", str(len(answer)))
        self.end_headers()
        self.wfile.write(answer)

    do_GET = do_PUT = do_POST = _answer


@pytest.fixture
def ray():
    server = ThreadingHTTPServer(("127.0.0.1", 0), Ray)
    server.answers, server.seen = {}, []
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    yield server
    server.shutdown()
    thread.join()
    server.server_close()


@pytest.fixture
def jobs(ray):
    return JobsApi(f"http://127.0.0.1:{ray.server_port}", TOKEN)


def test_a_job_is_submitted_as_ray_wants_it(ray, jobs):
    ray.answers["POST", "/api/jobs/"] = (200, b'{"submission_id": "mine", "job_id": "mine"}')
    got = jobs.submit("python -m x", submission_id="mine", runtime_env={"py_modules": ["gcs://a.zip"]})
    assert got == "mine"
    [(_, _, body)] = ray.seen
    assert json.loads(body) == {
        "entrypoint": "python -m x",
        "submission_id": "mine",
        "runtime_env": {"py_modules": ["gcs://a.zip"]},
        "metadata": {},
    }


def test_code_is_brought_once(ray, jobs):
    with pytest.raises(LookupError):
        jobs.bring(("lcb_ray",))  # this server knows no PUT
    name = ray.seen[-1][1]
    ray.answers["PUT", name] = (200, b"{}")
    assert jobs.bring(("lcb_ray",)) == f"gcs://{name.rpartition('/')[2]}"
    assert ray.seen[-1][2] == packed(("lcb_ray",))
    ray.answers["GET", name] = (200, packed(("lcb_ray",)))
    ray.seen.clear()
    jobs.bring(("lcb_ray",))
    assert [method for method, _, _ in ray.seen] == ["GET"]


def test_a_package_has_its_folder_at_the_top():
    names = zipfile.ZipFile(io.BytesIO(packed(("lcb_ray",)))).namelist()
    assert "lcb_ray/__init__.py" in names
    assert all(name.startswith("lcb_ray/") for name in names)


@pytest.mark.parametrize(
    ("status", "ended"), [("PENDING", False), ("RUNNING", False), ("SUCCEEDED", True), ("FAILED", True)]
)
def test_how_a_job_is(ray, jobs, status, ended):
    ray.answers["GET", "/api/jobs/a"] = (200, json.dumps({"status": status, "message": None}).encode())
    job = jobs.job("a")
    assert (job.status, job.message, job.ended) == (status, "", ended)


def test_no_such_job(jobs):
    with pytest.raises(LookupError):
        jobs.job("a")


def test_a_wrong_token_is_said(ray):
    with pytest.raises(SandboxUnusable, match="refuses the token"):
        JobsApi(f"http://127.0.0.1:{ray.server_port}", "wrong").version()


def test_a_server_error_is_an_unavailable_pool(ray, jobs):
    ray.answers["GET", "/api/version"] = (500, b"oh no")
    with pytest.raises(PoolUnavailable, match="500: oh no"):
        jobs.version()


def test_nobody_there(ray):
    with pytest.raises(PoolUnavailable, match="does not answer"):
        JobsApi("http://127.0.0.1:9", TOKEN).version()


def test_a_ray_that_lists_no_actors_is_told(ray, jobs):
    path = "/api/v0/actors?limit=10000&filter_keys=state&filter_predicates=%3D&filter_values=ALIVE"
    ray.answers["GET", path] = (200, b'{"result": false, "data": null}')
    with pytest.raises(PoolUnavailable, match="cannot be read"):
        jobs.actors()
    listed = [{"actor_id": "a", "name": "pool:x"}, {"actor_id": "b", "name": "other"}, {"actor_id": "c", "name": None}]
    ray.answers["GET", path] = (200, json.dumps({"data": {"result": {"result": listed}}}).encode())
    assert jobs.actors() == {"a": "pool:x"}
    ray.answers["GET", "/api/v0/logs/file?actor_id=a&suffix=err&lines=5"] = (200, b"one\ntwo\xff")
    assert jobs.actor_log("a", lines=5) == "one\ntwo\ufffd"
