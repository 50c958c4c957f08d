"""The client against servers on loopback: retries, waits, refusals, bounds, and a key that nobody sees."""

import asyncio
import json
import logging
import random
import traceback

import pytest
from aiohttp import web

from livecodebench.errors import InputError
from livecodebench.model_client import client as client_module
from livecodebench.model_client.client import ModelClient
from livecodebench.model_client.connection import Connection, checked_base_url
from livecodebench.model_client.errors import ModelError, ModelRefused
from livecodebench.model_client.key import ApiKey, key_from_environment
from livecodebench.model_client.retry import RetryPolicy
from livecodebench.replay.faults import Faults

KEY = "sk-test-0123456789abcdef"
NO_KEY = ApiKey(None)
ANSWER = (200, {}, b'{"choices": [{"finish_reason": "stop", "message": {"content": "x"}}]}')


def ask(base_url, time, body=None, *, key=NO_KEY, name="own_a/0", **settings):
    """One completion, in an event loop of its own."""

    async def run():
        connection = Connection(base_url=base_url, key=key, use_proxy=False, **settings)
        async with ModelClient(connection, sleep=time.sleep, clock=time, draw=random.Random(1)) as client:
            return await client.complete(body or {"model": "m"}, path="chat/completions", name=name)

    return asyncio.run(run())


def test_an_answer(serve, time, chat, stored):
    completion = ask(serve().base_url, time, chat())
    assert completion.text == stored.samples("tiny-1", "own_a")[0].text
    assert completion.finish_reason == "stop"
    assert completion.completion_tokens > 0
    assert time.slept == []


def test_what_is_sent(script, time):
    server = script(ANSWER)
    ask(server.base_url, time, {"model": "m", "top_k": 3}, key=ApiKey(KEY), name="abc 1/2")
    ((headers, body),) = server.requests
    assert json.loads(body) == {"model": "m", "top_k": 3}
    assert headers["Authorization"] == f"Bearer {KEY}"
    assert headers["X-Client-Request-Id"] == "abc%201/2"
    assert headers["User-Agent"].startswith("livecodebench/")


def test_without_a_key_none_is_sent(script, time):
    server = script(ANSWER)
    ask(server.base_url, time)
    assert "Authorization" not in server.requests[0][0]


def test_server_errors_are_tried_again(script, time):
    server = script((500, {}, b""), (502, {}, b"<html>"), (503, {}, b"{}"), (408, {}, b""), ANSWER)
    assert ask(server.base_url, time).text == "x"
    assert len(server.requests) == 5
    for number, slept in enumerate(time.slept):
        assert 0.5 * 2**number <= slept <= 2**number


def test_errors_and_drops_of_the_replay_server(serve, time, chat):
    server = serve(Faults(error_rate=0.4, drop_rate=0.4, seed=2))
    for _ in range(3):
        ask(server.base_url, time, chat(), name="-")
    outcomes = server.stats()["outcomes"]
    assert outcomes["served"] == 3
    assert outcomes["drop"] > 0
    assert outcomes["server_error"] > 0
    assert len(time.slept) == outcomes["drop"] + outcomes["server_error"]


def test_attempts_end(script, time):
    server = script((500, {}, b'{"error": {"message": "out of order"}}'))
    with pytest.raises(ModelError, match="status 500: out of order") as raised:
        ask(server.base_url, time, retry=RetryPolicy(attempts=4))
    assert raised.value.attempts == len(server.requests) == 4


@pytest.mark.parametrize("status", [429, 503])
def test_retry_after_is_kept(script, time, status):
    server = script((status, {"Retry-After": "40"}, b"{}"), ANSWER)
    ask(server.base_url, time)
    assert 40 <= sum(time.slept) <= 44.1


def test_rate_limits_are_no_attempts(script, time):
    server = script(*[(429, {"Retry-After": "2"}, b"{}")] * 30, ANSWER)
    assert ask(server.base_url, time, retry=RetryPolicy(attempts=2)).text == "x"
    assert len(server.requests) == 31
    assert sum(time.slept) >= 60


def test_a_rate_limit_that_never_ends(script, time):
    server = script((429, {"Retry-After": "50"}, b'{"error": {"message": "slow down"}}'))
    with pytest.raises(ModelError, match="status 429: slow down"):
        ask(server.base_url, time, retry=RetryPolicy(total_s=200))
    assert sum(time.slept) <= 200
    assert len(server.requests) == 4


def test_a_wait_beyond_all_patience_is_not_begun(script, time):
    server = script((429, {"Retry-After": "86400"}, b"{}"))
    with pytest.raises(ModelError):
        ask(server.base_url, time)
    assert time.slept == []


def test_everybody_waits_when_one_is_told_to(script, time):
    server = script((429, {"Retry-After": "10"}, b"{}"), ANSWER)

    async def run():
        connection = Connection(base_url=server.base_url, key=NO_KEY, use_proxy=False)
        async with ModelClient(connection, sleep=time.sleep, clock=time, draw=random.Random(1)) as client:
            first = asyncio.create_task(client.complete({}, path="x", name="a/0"))
            await time.sleeping.wait()
            began = time.now
            time.now -= 10  # the first still sleeps
            await client.complete({}, path="x", name="b/0")
            await first
            return began

    began = asyncio.run(run())
    assert time.slept[1] >= 10
    assert time.now >= began


def test_the_rate_limit_of_the_replay_server(serve, time, chat):
    """Real time here, a third of a second: the server's clock is real."""
    server = serve(Faults(rate_limit=10), cycle=True)

    async def run():
        connection = Connection(base_url=server.base_url, key=NO_KEY, use_proxy=False)
        async with ModelClient(connection) as client:
            asked = [client.complete(chat(), path="chat/completions", name="-") for _ in range(13)]
            return await asyncio.gather(*asked)

    assert len(asyncio.run(run())) == 13
    assert server.stats()["outcomes"]["rate_limited"] > 0


@pytest.mark.parametrize(
    ("status", "for_all", "fix"),
    [
        (400, False, "check the sampling options and --extra-body"),
        (401, True, "put it into OPENAI_API_KEY, or name another variable with --api-key-env"),
        (402, True, "no credit left"),
        (403, True, "put it into OPENAI_API_KEY"),
        (404, True, "check the model's name, and --base-url: it usually ends in /v1"),
        (405, True, "check the model's name"),
        (410, False, "it does not have this answer"),
        (422, False, "check the sampling options"),
        (307, True, "give that address as --base-url"),
    ],
)
def test_refusals_are_told_at_once(script, time, status, for_all, fix):
    server = script(
        (status, {"Location": "https://elsewhere.example/"}, b'{"error": {"message": "no \\u001b[2J way"}}')
    )
    with pytest.raises(ModelRefused) as raised:
        ask(server.base_url, time)
    assert len(server.requests) == 1
    assert raised.value.for_all is for_all
    assert isinstance(raised.value, InputError)
    message = str(raised.value)
    assert f"status {status}: no \\x1b[2J way" in message
    assert fix in message
    assert f"{server.base_url}/chat/completions" in message
    assert "--endpoint" not in message


def test_an_api_without_completions_is_told_of_the_other_endpoint(script, time):
    server = script((404, {}, b'{"detail": "Not Found"}'))

    async def run():
        async with ModelClient(Connection(base_url=server.base_url, key=NO_KEY, use_proxy=False)) as client:
            await client.complete({}, path="completions", name="a/0")

    with pytest.raises(ModelRefused, match="an API without /completions needs --endpoint chat"):
        asyncio.run(run())


def test_an_account_without_credit_is_not_a_rate_limit(script, time):
    server = script((429, {}, b'{"error": {"message": "You exceeded your quota", "code": "insufficient_quota"}}'))
    with pytest.raises(ModelRefused, match=r"You exceeded your quota.*no credit left") as raised:
        ask(server.base_url, time)
    assert raised.value.for_all


def test_a_long_message_is_cut(script, time):
    with pytest.raises(ModelRefused) as raised:
        ask(script((400, {}, b"x" * 5000)).base_url, time)
    assert len(str(raised.value)) < 700


def test_an_answer_that_is_none_is_tried_again(script, time):
    server = script((200, {}, b"<html>"), (200, {}, b'{"error": {"message": "overloaded"}}'), ANSWER)
    assert ask(server.base_url, time).text == "x"


def test_a_response_without_end_is_bounded(script, time, monkeypatch):
    monkeypatch.setattr(client_module, "MAX_RESPONSE_BYTES", 1000)
    server = script((200, {}, b"x" * 1001))
    with pytest.raises(ModelError, match="larger than 1000 bytes"):
        ask(server.base_url, time, retry=RetryPolicy(attempts=1))
    assert ask(script((200, {}, ANSWER[2] + b" " * 900)).base_url, time).text == "x"


def test_a_time_out(serve, time, chat):
    server = serve(Faults(latency_s=(30, 30)))
    with pytest.raises(ModelError, match=r"no answer within 0\.1 s"):
        ask(server.base_url, time, chat(), timeout_s=0.1, retry=RetryPolicy(attempts=2))
    assert len(time.slept) == 1


def test_nobody_there(time, serve):
    server = serve()
    server.close()
    with pytest.raises(ModelError, match="ConnectError") as raised:
        ask(server.base_url, time, retry=RetryPolicy(attempts=3))
    assert raised.value.attempts == 3


def echo_the_key(request, body):
    said = request.headers["Authorization"]
    return web.json_response({"error": {"message": f"Bad header {said!r} {json.dumps(said)}"}}, status=401)


def answer_the_key(request, body):
    said = request.headers["Authorization"]
    message = {"content": f"print({said!r})", "reasoning_content": said}
    return web.json_response({"model": said, "choices": [{"finish_reason": said, "message": message}]})


def test_the_key_is_never_shown(script, time, caplog, capfd):
    caplog.set_level(logging.DEBUG)
    key = ApiKey(KEY)
    with pytest.raises(ModelRefused) as raised:
        ask(script(echo_the_key).base_url, time, key=key)
    with pytest.raises(ModelError) as failed:
        ask(script((500, {}, KEY.encode())).base_url, time, key=key, retry=RetryPolicy(attempts=1))
    completion = ask(script(answer_the_key).base_url, time, key=key)
    told = [*traceback.format_exception(raised.value), *traceback.format_exception(failed.value), repr(completion)]
    told += [repr(key), str(key), caplog.text, *capfd.readouterr()]
    assert "[API key]" in str(raised.value)
    assert "[API key]" in str(failed.value)
    assert all(KEY not in text for text in told)
    assert Connection(base_url="http://x/v1", key=key).__repr__().count("sk-") == 0


def test_the_key_does_not_belong_into_the_request(script, time):
    server = script(ANSWER)
    with pytest.raises(InputError, match="take it out of --extra-body") as raised:
        ask(server.base_url, time, {"api_key": KEY}, key=ApiKey(KEY))
    assert KEY not in str(raised.value)
    assert server.requests == []


@pytest.mark.parametrize("value", ["two words", "line\nend", "schlüssel", "\x7f"])
def test_what_cannot_be_a_key(value):
    with pytest.raises(InputError, match="the API key in MY_KEY has white space") as raised:
        ApiKey(value, variable="MY_KEY")
    assert value not in str(raised.value)


def test_the_key_comes_from_the_environment(monkeypatch):
    monkeypatch.delenv("OPENAI_API_KEY", raising=False)
    assert not key_from_environment()
    monkeypatch.setenv("OPENAI_API_KEY", f" {KEY}\n")
    assert key_from_environment().headers() == {"Authorization": f"Bearer {KEY}"}
    monkeypatch.setenv("OPENAI_API_KEY", "")
    assert not key_from_environment()
    with pytest.raises(InputError, match="--api-key-env OTHER: this variable is not set"):
        key_from_environment("OTHER")
    monkeypatch.setenv("OTHER", "EMPTY")
    other = key_from_environment("OTHER")
    assert other.headers() == {"Authorization": "Bearer EMPTY"}
    assert other.redact("EMPTY") == "EMPTY", "too short to be a secret"


@pytest.mark.parametrize(
    ("url", "said"),
    [
        ("", "give one such as"),
        ("localhost:8000/v1", "give one such as"),
        ("ftp://host/v1", "give one such as"),
        ("http:///v1", "give one such as"),
        ("http://host:99999/v1", "give one such as"),
        ("http://host\x1b/v1", "give one such as"),
        ("http://host/v1?key=a", "leave out what follows the path"),
        ("http://host/v1#a", "leave out what follows the path"),
        ("http://me:secret@host/v1", "holds a password or key"),
        (f"http://host/{KEY}/v1", "holds a password or key"),
    ],
)
def test_bad_base_urls(url, said):
    with pytest.raises(InputError, match=said) as raised:
        checked_base_url(url, ApiKey(KEY))
    assert "secret" not in str(raised.value)
    assert KEY not in str(raised.value)


@pytest.mark.parametrize(
    "url", ["http://127.0.0.1:8000/v1", "https://api.example/v1", "http://[::1]:80/v1", "http://h"]
)
def test_good_base_urls(url):
    assert checked_base_url(f"{url}/", NO_KEY) == url


def test_a_proxy_is_left_out_where_told(serve, time, chat, monkeypatch):
    monkeypatch.setenv("HTTP_PROXY", "http://127.0.0.1:1")
    monkeypatch.setenv("NO_PROXY", "")
    monkeypatch.delenv("no_proxy", raising=False)
    assert ask(serve().base_url, time, chat()).text
