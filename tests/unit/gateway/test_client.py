"""The pool behind a gateway, where things go wrong: connections, the gateway itself, versions, other servers."""

from __future__ import annotations

import http.server
import threading
from concurrent.futures import CancelledError, wait
from contextlib import contextmanager

import pytest

from lcb_ray.batch import Batch, PackedCases
from lcb_ray.errors import PoolClosed, PoolUnavailable, SandboxLost, SandboxUnusable
from lcb_ray.gateway.client import GatewayPool
from lcb_ray.gateway.codec import CodecError
from lcb_ray.gateway.sessions import SessionRules
from lcb_ray.rules.events import Priority
from tests.gateway_thread import TOKEN
from tests.unit.gateway.conftest import CODEC, PROGRAM, WAIT, batch_of, packed_batch, same

LONG_S = 60


def printed(future):
    return [one.printed for one in future.result(LONG_S).checked]


def test_cases_are_sent_once_however_many_batches_have_them(gateway):
    pool, reads = gateway.client(slots=2), []
    assert printed(pool.submit(packed_batch(b"one\ntwo", reads))) == [b"one", b"two"]
    futures = [pool.submit(packed_batch(b"one\ntwo", reads)) for _ in range(10)]
    assert [printed(future) for future in futures] == [[b"one", b"two"]] * 10
    assert len(reads) == 2, "once for the digest, once to be sent"


def test_cases_that_the_gateway_let_go_of_are_sent_again(open_gateway):
    pool, reads = open_gateway(blob_bytes=10).client(), []
    for data in (b"one\ntwo", b"three\nfour", b"one\ntwo"):
        assert printed(pool.submit(packed_batch(data, reads))) == data.splitlines()


def test_a_gateway_that_was_started_anew_is_told_everything_again(gateway, sandboxes):
    pool = gateway.client(slots=2)
    ended = []
    futures = [pool.submit(batch_of(b"%s %d" % (WAIT, number))) for number in range(6)]
    for future in futures:
        future.add_done_callback(ended.append)
    while len(sandboxes.script.ran) < 2:
        assert not wait(futures, 0.01).done
    first = gateway.call(lambda desk: desk.epoch)
    gateway.restart()
    sandboxes.script.go_on.set()
    assert [printed(future) for future in futures] == [[b"%s %d" % (WAIT, number)] for number in range(6)]
    assert sorted(map(id, ended)) == sorted(map(id, futures))
    assert gateway.call(lambda desk: desk.epoch) > first
    assert max(future.result().attempts for future in futures) == 2


def test_a_client_that_was_forgotten_carries_on(open_gateway):
    gateway = open_gateway(rules=SessionRules(silence_s=0.2))
    pool = gateway.client()
    for number in range(3):
        assert printed(pool.submit(batch_of(b"%d" % number))) == [b"%d" % number]
        [id] = gateway.call(lambda desk: desk.status()["clients"])
        gateway.call(lambda desk, id=id: desk.goodbye(f"default/{id}"))


def test_work_is_given_up_when_the_gateway_is_gone_for_too_long(gateway):
    pool = gateway.client(patience_s=0.5)
    running = pool.submit(batch_of(WAIT))
    waiting = pool.submit(batch_of(b"x"))
    assert gateway.call(lambda desk: desk.status()["code"])
    assert pool.info()
    gateway.end()
    for future in (running, waiting):
        with pytest.raises(SandboxLost, match="has not answered for"):
            future.result(LONG_S)
    gateway._start()
    assert printed(pool.submit(batch_of(b"back"))) == [b"back"]


def test_a_gateway_that_never_answered_is_unavailable(gateway):
    gateway.end()
    pool = gateway.client(patience_s=0.3)
    with pytest.raises(PoolUnavailable, match="has not answered"):
        pool.submit(batch_of(b"x")).result(LONG_S)
    with pytest.raises(PoolUnavailable):
        pool.info()


def test_a_wrong_token_ends_it_at_once(gateway):
    pool = gateway.client(token="wrong" * 5)
    with pytest.raises(SandboxUnusable, match="LIVECODEBENCH_GATEWAY_TOKEN"):
        pool.submit(batch_of(b"x")).result(LONG_S)


def test_a_token_that_was_renewed_is_asked_for(gateway):
    asked = []

    def new_token():
        asked.append("old" if not asked else TOKEN)  # the first time it is not yet known
        if len(asked) == 1:
            raise PoolUnavailable("the API server is away")
        return TOKEN

    pool = gateway.client(token="renewed-meanwhile", new_token=new_token)
    assert [one.passed for one in pool.submit(batch_of(b"x")).result(60).checked] == [True]
    assert len(asked) >= 2


def test_a_token_that_is_never_good_is_given_up(gateway):
    pool = gateway.client(token="wrong" * 5, new_token=lambda: "wrong" * 6, patience_s=0.3)
    with pytest.raises(PoolUnavailable, match="does not take the token"):
        pool.info()


def test_no_token_is_an_error_before_anything_is_asked(monkeypatch):
    monkeypatch.delenv("LIVECODEBENCH_GATEWAY_TOKEN", raising=False)
    with pytest.raises(SandboxUnusable, match="set LIVECODEBENCH_GATEWAY_TOKEN"):
        GatewayPool("http://127.0.0.1:9", codec=CODEC)


def test_the_environment_s_token(gateway, monkeypatch):
    monkeypatch.setenv("LIVECODEBENCH_GATEWAY_TOKEN", TOKEN)
    assert gateway.client(token=None).info().backend == "local"


def test_other_versions_are_refused_with_both(gateway):
    with pytest.raises(SandboxUnusable, match="use one release on both sides"):
        gateway.client(code=("lcb_ray", "livecodebench")).info()


@contextmanager
def answering(status, body=b""):
    """A server that is no gateway."""

    class Handler(http.server.BaseHTTPRequestHandler):
        def do_PUT(self):
            self.rfile.read(int(self.headers.get("Content-Length", 0)))
            self.send_response(status)
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *_):
            pass

    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        yield f"http://127.0.0.1:{server.server_port}"
        server.shutdown()
        thread.join()


@pytest.mark.parametrize("status", [200, 404, 405, 302])
def test_somebody_else_at_the_address(gateway, status):
    with answering(status) as url:
        pool = GatewayPool(url, codec=CODEC, token=TOKEN)
        with pytest.raises(SandboxUnusable, match="is no gateway"):
            pool.info()
        pool.close()


@pytest.mark.parametrize("status", [502, 503, 504])
def test_a_proxy_without_a_gateway_behind_it(status):
    with answering(status, b"<html>") as url:
        pool = GatewayPool(url, codec=CODEC, token=TOKEN, patience_s=0.3)
        with pytest.raises(PoolUnavailable, match=str(status)):
            pool.info()
        pool.close()


def test_what_is_not_registered_fails_its_future_and_nothing_else(gateway):
    pool = gateway.client()
    with pytest.raises(CodecError, match="not registered"):
        pool.submit(Batch(PROGRAM, list, lambda result, case: None)).result(LONG_S)
    assert printed(pool.submit(batch_of(b"x"))) == [b"x"]


def test_bugs_come_back_as_what_they_are(gateway):
    pool = gateway.client()
    with pytest.raises(TypeError, match="missing 1 required"):
        pool.submit(Batch(PROGRAM, list, same, packed=PackedCases(key=1, read=lambda: b"x", unpack=same))).result(
            LONG_S
        )


def test_cancelling_what_runs_waits_and_has_ended(gateway, sandboxes):
    pool = gateway.client(slots=1)
    running = pool.submit(batch_of(WAIT))
    while not sandboxes.script.ran:  # batches that are under way at once overtake each other
        assert not wait([running], 0.01).done
    queued = [pool.submit(batch_of(b"%d" % number)) for number in range(20)]
    assert queued[-1].cancel()
    assert queued[-1].cancelled()
    assert queued[0].cancel()
    assert running.cancel()
    for future in (running, queued[0], queued[-1]):
        with pytest.raises(CancelledError):
            future.result(LONG_S)
    assert [printed(future) for future in queued[1:-1]] == [[b"%d" % number] for number in range(1, 19)]
    assert not queued[1].cancel()


def test_closing_ends_everything_here_and_there(gateway, sandboxes):
    pool = gateway.client(slots=1)
    futures = [pool.submit(batch_of(WAIT)) for _ in range(20)]
    while not sandboxes.script.ran:
        assert not wait(futures, 0.01).done
    pool.close()
    assert not wait(futures, LONG_S).not_done
    assert all(future.cancelled() or isinstance(future.exception(), CancelledError) for future in futures)
    assert gateway.call(lambda desk: desk.status()["clients"]) == {}
    with pytest.raises(PoolClosed):
        pool.submit(batch_of(b"x"))
    with pytest.raises(PoolClosed):
        pool.info()
    pool.close()


def test_each_client_has_a_pool_of_its_own_with_what_it_asked_for(gateway, sandboxes):
    first = gateway.client(slots=2, priority=Priority.TRAINING)
    second = gateway.client(slots=3, pool_size=4, name="other")
    assert first.info()
    assert second.info()
    assert sandboxes.asked == [
        {"slots": 2, "pool_size": None, "priority": Priority.TRAINING},
        {"slots": 3, "pool_size": 4, "priority": Priority.EVALUATION, "name": "other"},
    ]
    assert (first.slots, second.slots) == (2, 3), "as the gateway says"


def test_a_client_honours_the_gateway_s_bounds(open_gateway):
    pool = open_gateway(rules=SessionRules(batches=2)).client(slots=2)
    futures = [pool.submit(batch_of(b"%d" % number)) for number in range(6)]
    assert [printed(future) for future in futures] == [[b"%d" % number] for number in range(6)]
