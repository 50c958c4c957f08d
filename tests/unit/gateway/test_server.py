"""What the gateway answers to those who are not its client: strangers, liars, and programs that know only HTTP."""

from __future__ import annotations

import asyncio
import hashlib
import json
import pickle  # noqa: TID251 - to be refused
import zlib
from collections.abc import Callable, Iterator

import httpx
import pytest

from lcb_ray.agent.protocol import Limits, Program
from lcb_ray.code_version import code_version
from lcb_ray.gateway import intake, server
from lcb_ray.gateway.protocol import (
    BLOCK,
    GATEWAY_HEADER,
    PROTOCOL,
    CaseList,
    Done,
    Failed,
    Hello,
    Posted,
    read_ended,
    with_messages,
)
from lcb_ray.gateway.sessions import SessionRules
from tests.gateway_thread import OTHER_TOKEN, TOKEN, GatewayThread
from tests.unit.gateway.conftest import CODEC, PROGRAM, WAIT, Case, by_line, same

VERSION = code_version(("lcb_ray",))
HELLO = {"protocol": PROTOCOL, "code": VERSION}
WORDS = with_messages(CODEC)
LINES = b"one\ntwo"
DIGEST = hashlib.sha256(LINES).hexdigest()
Ask = Callable[..., httpx.Response]


@pytest.fixture
def ask(gateway: GatewayThread) -> Iterator[Ask]:
    with httpx.Client(base_url=gateway.url, headers={"Authorization": f"Bearer {TOKEN}"}, timeout=60) as client:
        yield client.request


def posted(**changed):
    fields = {
        "program": PROGRAM,
        "check": same,
        "limits": Limits(),
        "stop_at_failure": True,
        "key": "k",
        "digest": DIGEST,
        "unpack": by_line,
        "arrange": None,
    }
    return WORDS.encode(Posted(**(fields | changed)))


def results(ask, *seen, session="s"):
    answer = ask("POST", f"/sessions/{session}/results", json={"seen": list(seen)})
    assert answer.status_code == 200
    _, frames = read_ended(answer.content)
    return {key: WORDS.decode(frame, object) for key, frame in frames.items()}


@pytest.fixture
def session(ask: Ask) -> None:
    assert ask("PUT", "/sessions/s", json=HELLO).status_code == 200
    assert ask("PUT", f"/blobs/{DIGEST}", content=zlib.compress(LINES)).status_code == 201


@pytest.mark.parametrize("token", [None, "", "Bearer", f"Bearer {TOKEN}x", f"Bearer {TOKEN[:-1]}", "Bearer \xe9"])
@pytest.mark.parametrize(
    ("method", "path"),
    [
        ("GET", "/status"),
        ("GET", "/pools"),
        ("GET", "/use"),
        ("PUT", "/sessions/s"),
        ("POST", "/sessions/s/results"),
        ("PUT", f"/blobs/{DIGEST}"),
        ("GET", "/x"),
    ],
)
def test_nothing_without_the_token(gateway, method, path, token):
    headers = {} if token is None else {"Authorization": token.encode("latin-1")}
    answer = httpx.request(method, gateway.url + path, headers=headers)
    assert answer.status_code == 401
    assert GATEWAY_HEADER not in answer.headers
    assert TOKEN not in answer.text


def test_being_alive_is_all_that_strangers_hear(gateway):
    answer = httpx.get(f"{gateway.url}/healthz")
    assert (answer.status_code, answer.text) == (200, "ok\n")
    assert GATEWAY_HEADER not in answer.headers


def use_of(gateway, token):
    answer = httpx.get(f"{gateway.url}/use", headers={"Authorization": f"Bearer {token}"})
    assert answer.status_code == 200
    return answer.json()


def test_who_uses_it_is_told_and_how_long_nobody_has(gateway, ask):
    assert use_of(gateway, TOKEN)["users"] == []
    assert ask("PUT", "/sessions/s", json=HELLO | {"label": "host pid 7"}).status_code == 200
    gateway.call(lambda desk: setattr(desk, "_used", desk._used - 1000))
    assert use_of(gateway, TOKEN)["users"] == ["host pid 7 (evaluation)"]
    assert use_of(gateway, TOKEN)["idle_s"] < 100, "a client was heard of"
    other = use_of(gateway, OTHER_TOKEN)
    assert other["idle_s"] < 100, "of whatever domain"
    assert "users" not in other, "and no domain sees another's"
    assert ask("DELETE", "/sessions/s").status_code == 204
    seen = use_of(gateway, TOKEN)
    assert seen["users"] == []
    assert seen["idle_s"] < 100, "it has only just left"


def test_a_driver_that_comes_by_no_gateway_is_use(gateway):
    gateway.others = ["another pid 8"]
    assert use_of(gateway, TOKEN) == {"idle_s": 0, "users": ["another pid 8"]}
    assert use_of(gateway, OTHER_TOKEN) == {"idle_s": 0}


@pytest.mark.parametrize(
    ("hello", "words"),
    [
        (b"no json", "no JSON"),
        (b"[" * 5000, "no JSON"),
        (b"[]", "no JSON object"),
        (b"{}", "needs the numbers"),
        (json.dumps(HELLO | {"slots": 0}).encode(), "slots must be"),
        (json.dumps(HELLO | {"pool_size": True}).encode(), "pool_size must be"),
        (json.dumps(HELLO | {"priority": "first"}).encode(), "first"),
        (json.dumps(HELLO | {"pool": "../x"}).encode(), "pool's name"),
        (json.dumps(HELLO | {"label": 5}).encode(), "label"),
    ],
)
def test_a_hello_that_cannot_be_read(ask, hello, words):
    answer = ask("PUT", "/sessions/s", content=hello)
    assert answer.status_code == 400
    assert words in answer.json()["error"]


@pytest.mark.parametrize("other", [{"protocol": PROTOCOL + 1, "slots": "of another form"}, {"code": "0123456789ab"}])
def test_other_versions_are_refused_with_both(ask, other):
    answer = ask("PUT", "/sessions/s", json=HELLO | other)
    assert answer.status_code == 409
    assert VERSION in answer.json()["error"]
    assert str((HELLO | other)["protocol"]) in answer.json()["error"]
    assert (HELLO | other)["code"] in answer.json()["error"]


def test_what_is_long_is_not_read(ask, session, monkeypatch):
    monkeypatch.setattr(server, "MAX_POSTED_BYTES", 1000)
    monkeypatch.setattr(server, "MAX_BLOB_BYTES", 1000)
    assert ask("PUT", "/sessions/long", content=b" " * 10_000).status_code == 413
    assert ask("PUT", "/sessions/s/batches/1", content=b" " * 2000).status_code == 413
    in_pieces = (b" " * 100 for _ in range(20))
    assert ask("PUT", "/sessions/s/batches/1", content=in_pieces).status_code == 413
    assert ask("PUT", f"/blobs/{'0' * 64}", content=b" " * 2000).status_code == 413


@pytest.mark.parametrize(
    ("content", "status", "words"),
    [
        (b"not compressed", 400, "decompressed"),
        (zlib.compress(b"something else"), 400, "not those of this digest"),
        (zlib.compress(LINES)[:-3], 400, "not those of this digest"),
        (zlib.compress(bytes(2_000_000)), 413, "more than 1000000 bytes"),
    ],
)
def test_cases_that_are_not_what_they_say(ask, monkeypatch, content, status, words):
    monkeypatch.setattr(intake, "MAX_BLOB_BYTES", 1_000_000)
    answer = ask("PUT", f"/blobs/{DIGEST}", content=content)
    assert (answer.status_code, words in answer.json()["error"]) == (status, True)


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (pickle.dumps(print), "a frame"),
        (b"", "too short"),
        (WORDS.encode(1), "not Posted"),
        (posted(check=by_line).replace(b"by_line", b"xx_line"), "not registered"),
        (posted(limits=Limits(cpu_s=-1)), "not a positive number"),
        (posted(limits=Limits(output_bytes=2**40)), "output limit"),
        (posted(program=Program(source=b"", function="f")), "function"),
        (posted(digest=5), "digest cannot be"),
        (posted(check=5), "check cannot be"),
    ],
)
def test_batches_that_are_none(ask, session, content, words):
    answer = ask("PUT", "/sessions/s/batches/1", content=content)
    assert (answer.status_code, words in answer.json()["error"]) == (400, True), answer.text


@pytest.mark.parametrize("path", ["/sessions/.hidden", "/sessions/a b", "/sessions/" + "x" * 200, "/sessions/%2e%2e"])
def test_names_that_are_none(ask, path):
    assert ask("PUT", path, json=HELLO).status_code in (400, 404)


def test_unknown_sessions_are_told_to_say_hello(ask):
    for method, path in (
        ("PUT", "/sessions/x/batches/1"),
        ("POST", "/sessions/x/results"),
        ("GET", "/sessions/x/info"),
    ):
        answer = ask(method, path, content=b"{}")
        assert (answer.status_code, answer.json()["session"]) == (404, "unknown")
    assert ask("DELETE", "/sessions/x").status_code == 204
    assert "session" not in ask("GET", "/nowhere").json()


def test_a_batch_said_twice_runs_once_and_its_result_waits_until_it_was_seen(ask, session, sandboxes):
    for _ in range(3):
        assert ask("PUT", "/sessions/s/batches/1", content=posted()).status_code == 202
    [(key, done)] = results(ask).items()
    assert (key, [one.printed for one in done.result.checked]) == ("1", [b"one", b"two"])
    assert ask("PUT", "/sessions/s/batches/1", content=posted()).status_code == 202
    assert results(ask) == {key: done}
    assert ask("PUT", "/sessions/s/batches/2", content=posted()).status_code == 202
    assert results(ask, "1").keys() == {"2"}
    assert ask("PUT", "/sessions/s/batches/1", content=posted()).status_code == 202
    assert results(ask, "2") == {"1": done}, "the stored answer"
    assert sandboxes.script.ran == [b"one", b"two"] * 2


def test_a_key_is_one_batch_s(ask, session):
    assert ask("PUT", "/sessions/s/batches/1", content=posted()).status_code == 202
    refused = ask("PUT", "/sessions/s/batches/1", content=posted(stop_at_failure=False))
    assert (refused.status_code, refused.json()["key"]) == (409, "other")


def test_an_answer_that_is_not_stored_any_more_is_not_made_again(open_gateway, sandboxes):
    gateway = open_gateway(rules=SessionRules(stored_bytes=1))
    with httpx.Client(base_url=gateway.url, headers={"Authorization": f"Bearer {TOKEN}"}, timeout=60) as client:
        client.put("/sessions/s", json=HELLO)
        client.put(f"/blobs/{DIGEST}", content=zlib.compress(LINES))
        assert client.put("/sessions/s/batches/1", content=posted()).status_code == 202
        assert results(client.request).keys() == {"1"}
        assert client.post("/sessions/s/seen", json={"seen": ["1"]}).status_code == 204
        gone = client.put("/sessions/s/batches/1", content=posted())
        assert (gone.status_code, gone.json()["key"]) == (410, "gone")
        assert sandboxes.script.ran == [b"one", b"two"]


def test_a_stream_brings_each_result_as_it_comes_and_once(ask, gateway, session, sandboxes):
    headers = {"Authorization": f"Bearer {TOKEN}"}
    ask("PUT", "/sessions/s/batches/1", content=posted())
    with httpx.stream(
        "POST", f"{gateway.url}/sessions/s/stream", json={"seen": []}, headers=headers, timeout=60
    ) as answer:
        came = blocks(answer)
        assert next(came).keys() == {"1"}
        for key in ("2", "3"):
            ask("PUT", f"/sessions/s/batches/{key}", content=posted())
            assert next(came).keys() == {key}
        ask("POST", "/sessions/s/seen", json={"seen": ["2"]})
        ask("PUT", "/sessions/s/batches/2", content=posted())
        assert next(came).keys() == {"2"}, "the stored one"
    assert results(ask, "1", "2").keys() == {"3"}, "what was sent waits until it was seen"
    assert len(sandboxes.script.ran) == 6
    assert ask("POST", "/sessions/x/stream", json={}).status_code == 404


def blocks(answer):
    """What a stream brings, one answer after the other."""
    text = b""
    for part in answer.iter_raw():
        text += part
        while len(text) >= BLOCK.size and len(text) >= BLOCK.size + BLOCK.unpack_from(text)[0]:
            [size] = BLOCK.unpack_from(text)
            _, frames = read_ended(text[BLOCK.size : BLOCK.size + size])
            text = text[BLOCK.size + size :]
            yield frames


def test_one_domain_sees_nothing_of_another(ask, gateway, session, sandboxes):
    assert ask("PUT", "/sessions/s/batches/1", content=posted()).status_code == 202
    assert results(ask).keys() == {"1"}
    with httpx.Client(base_url=gateway.url, headers={"Authorization": f"Bearer {OTHER_TOKEN}"}, timeout=60) as other:
        assert other.get("/status").json()["clients"] == {}
        for method, path in (
            ("POST", "/sessions/s/results"), ("GET", "/sessions/s/info"), ("DELETE", "/sessions/s/batches/1"),
            ("POST", "/sessions/s/stream"), ("POST", "/sessions/s/seen"),
        ):  # fmt: skip
            assert other.request(method, path, json={}).status_code == 404
        assert other.delete("/sessions/s").status_code == 204, "nothing, of nobody"
        assert other.put("/sessions/s", json=HELLO).status_code == 200, "the name is free there"
        answer = other.put("/sessions/s/batches/1", content=posted(stop_at_failure=False))
        assert (answer.status_code, answer.json()["need"]) == (409, DIGEST), "neither the key nor the cases are known"
    assert results(ask).keys() == {"1"}


def test_a_domain_that_is_too_fast_is_told_when_to_come_again(open_gateway):
    gateway = open_gateway(rules=SessionRules(requests_per_s=1))
    with httpx.Client(base_url=gateway.url, headers={"Authorization": f"Bearer {TOKEN}"}, timeout=60) as client:
        answers = [client.put(f"/sessions/s{number}", json=HELLO) for number in range(10)]
        refused = [answer for answer in answers if answer.status_code == 429]
        assert refused
        assert all(0 < float(answer.headers["Retry-After"]) <= 1 for answer in refused)
        client.headers["Authorization"] = f"Bearer {OTHER_TOKEN}"
        assert client.put("/sessions/s", json=HELLO).status_code == 200, "another domain has its own"


def test_cases_that_are_not_here_are_asked_for(ask, session):
    other = hashlib.sha256(b"x").hexdigest()
    answer = ask("PUT", "/sessions/s/batches/1", content=posted(digest=other))
    assert (answer.status_code, answer.json()["need"]) == (409, other)


def test_cases_that_were_not_packed(ask, session):
    frame = WORDS.encode(CaseList((Case(b"x"),)))
    digest = hashlib.sha256(frame).hexdigest()
    assert ask("PUT", f"/blobs/{digest}", content=zlib.compress(frame)).status_code == 201
    assert ask("PUT", "/sessions/s/batches/1", content=posted(digest=digest, unpack=None)).status_code == 202
    assert isinstance(results(ask)["1"], Done)


def test_cases_that_cannot_be_unpacked_are_an_error(ask, session):
    assert ask("PUT", "/sessions/s/batches/1", content=posted(unpack=None)).status_code == 202
    failed = results(ask)["1"]
    assert isinstance(failed, Failed)
    assert failed.message.startswith("CodecError: a frame")


def test_what_is_cancelled_is_among_the_results(ask, session, sandboxes):
    waiting = WORDS.encode(CaseList((Case(WAIT),)))
    digest = hashlib.sha256(waiting).hexdigest()
    ask("PUT", f"/blobs/{digest}", content=zlib.compress(waiting))
    assert ask("PUT", "/sessions/s/batches/1", content=posted(digest=digest, unpack=None)).status_code == 202
    assert ask("DELETE", "/sessions/s/batches/1").status_code == 202
    assert ask("DELETE", "/sessions/s/batches/never").status_code == 202
    assert results(ask) == {"1": Failed(cancelled=True)}


def test_there_is_a_bound_on_batches_and_on_clients(open_gateway):
    gateway = open_gateway(rules=SessionRules(sessions=1, batches=1))
    with httpx.Client(base_url=gateway.url, headers={"Authorization": f"Bearer {TOKEN}"}, timeout=60) as client:
        assert client.put("/sessions/s", json=HELLO).json()["window"] == 1
        client.put(f"/blobs/{DIGEST}", content=zlib.compress(LINES))
        assert client.put("/sessions/s/batches/1", content=posted()).status_code == 202
        for refused in (client.put("/sessions/s/batches/2", content=posted()), client.put("/sessions/t", json=HELLO)):
            assert refused.status_code == 429
            assert float(refused.headers["Retry-After"]) > 0
        assert results(client.request).keys() == {"1"}
        results_seen = client.post("/sessions/s/results", json={"seen": ["other"]})
        assert results_seen.status_code == 200
        client.delete("/sessions/s")
        assert client.put("/sessions/t", json=HELLO).status_code == 200


def test_there_is_a_bound_on_cases(open_gateway):
    gateway = open_gateway(blob_bytes=10)
    with httpx.Client(base_url=gateway.url, headers={"Authorization": f"Bearer {TOKEN}"}, timeout=60) as client:
        client.put("/sessions/s", json=HELLO)
        held = WAIT + b"\n" + WAIT
        digest, other = hashlib.sha256(held).hexdigest(), hashlib.sha256(LINES).hexdigest()
        assert client.put(f"/blobs/{digest}", content=zlib.compress(held)).status_code == 201
        assert client.put("/sessions/s/batches/1", content=posted(digest=digest)).status_code == 202
        refused = client.put(f"/blobs/{other}", content=zlib.compress(LINES))
        assert (refused.status_code, "Retry-After" in refused.headers) == (429, True)
        client.delete("/sessions/s/batches/1")
        assert results(client.request).keys() == {"1"}
        assert client.put(f"/blobs/{other}", content=zlib.compress(LINES)).status_code == 201


def test_people_see_what_goes_on(ask, gateway, sandboxes):
    hello = Hello(protocol=PROTOCOL, code=VERSION, slots=3, pool_size=2, pool="other", label="me \x1b[31m pid 1")
    assert ask("PUT", "/sessions/s", content=hello.text()).status_code == 200
    assert sandboxes.asked == [{"slots": 3, "pool_size": 2, "priority": "evaluation", "name": "other"}]
    status = ask("GET", "/status").json()
    assert (status["protocol"], status["code"]) == (PROTOCOL, VERSION)
    assert status["clients"]["s"]["label"] == "me ?[31m pid 1"
    assert TOKEN not in json.dumps(status)


def test_a_gateway_that_is_to_be_replaced_takes_nothing_on(ask, gateway, session):
    assert ask("PUT", "/sessions/s/batches/1", content=posted()).status_code == 202
    draining = asyncio.run_coroutine_threadsafe(gateway.desk.drain(60), gateway._loop)
    results(ask)
    refused = ask("PUT", "/sessions/s/batches/2", content=posted())
    assert (refused.status_code, "Retry-After" in refused.headers) == (503, True)
    ask("DELETE", "/sessions/s")
    draining.result(60)
