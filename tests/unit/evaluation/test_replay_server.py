"""The replay server, over real HTTP: what an OpenAI-compatible API answers, and what goes wrong when it is told to."""

import json
from collections import Counter

import httpx
import pytest

from livecodebench.answers.completion import Completion
from livecodebench.errors import InputError
from livecodebench.replay.answering import Answerer
from livecodebench.replay.faults import Faults
from livecodebench.replay.server import ReplayServer
from livecodebench.replay.stored import StoredCompletions

MODEL = "tiny-1"


@pytest.fixture
def http():
    with httpx.Client(trust_env=False, timeout=20) as client:
        yield client


def ask(http, server, body, **headers):
    return http.post(f"{server.base_url}/chat/completions", json=body, headers=headers)


def text_of(response):
    assert response.status_code == 200, response.text
    return response.json()["choices"][0]["message"]["content"]


def test_an_answer_has_openais_shape(http, serve, stored, chat):
    server = serve()
    answer = ask(http, server, chat()).json()
    assert answer["object"] == "chat.completion"
    assert answer["model"] == MODEL
    assert answer["choices"] == [
        {
            "index": 0,
            "finish_reason": "stop",
            "logprobs": None,
            "message": {"role": "assistant", "content": stored.samples(MODEL, "own_a")[0].text},
        }
    ]
    usage = answer["usage"]
    assert usage["prompt_tokens"] > 10
    assert usage["completion_tokens"] == -(-len(answer["choices"][0]["message"]["content"]) // 4)
    assert usage["total_tokens"] == usage["prompt_tokens"] + usage["completion_tokens"]


def test_samples_come_in_turn_until_they_are_used_up(http, serve, stored, chat, problems):
    server = serve()
    expected = [completion.text for completion in stored.samples(MODEL, "own_a")]
    assert [text_of(ask(http, server, chat())) for _ in range(3)] == expected
    refused = ask(http, server, chat())
    assert refused.status_code == 410
    assert "All 3 stored completions of problem own_a were handed out; --cycle" in refused.json()["error"]["message"]
    assert text_of(ask(http, server, chat(problems[1]))) == stored.samples(MODEL, "own_b")[0].text


def test_cycle_starts_over(http, serve, stored, chat):
    server = serve(cycle=True)
    texts = [text_of(ask(http, server, chat())) for _ in range(7)]
    assert texts == [stored.samples(MODEL, "own_a")[n % 3].text for n in range(7)]


def test_several_choices(http, serve, stored, chat):
    server = serve()
    first = ask(http, server, chat(n=2)).json()
    assert [choice["index"] for choice in first["choices"]] == [0, 1]
    texts = [choice["message"]["content"] for choice in first["choices"]]
    assert texts == [completion.text for completion in stored.samples(MODEL, "own_a")[:2]]
    assert ask(http, server, chat(n=2)).status_code == 410
    assert text_of(ask(http, server, chat())) == stored.samples(MODEL, "own_a")[2].text, "none was lost by the refusal"


def test_a_request_can_name_its_sample(http, serve, stored, chat):
    server = serve()
    for sample in (2, 0, 2):
        text = text_of(ask(http, server, chat(), **{"X-Client-Request-Id": f"own%5Fa/{sample}"}))
        assert text == stored.samples(MODEL, "own_a")[sample].text
    assert ask(http, server, chat(), **{"X-Client-Request-Id": "own_a/3"}).status_code == 410
    # Another problem's name, or none at all, is no request for a sample.
    assert (
        text_of(ask(http, server, chat(), **{"X-Client-Request-Id": "own_b/2"}))
        == stored.samples(MODEL, "own_a")[0].text
    )
    assert server.stats()["served"] == {MODEL: {"own_a": {"0": 2, "2": 2}}}


def events_of(response):
    lines = [line for line in response.text.split("\n\n") if line]
    assert all(line.startswith("data: ") for line in lines)
    assert lines[-1] == "data: [DONE]"
    return [json.loads(line.removeprefix("data: ")) for line in lines[:-1]]


def test_streaming(http, serve, stored, chat):
    server = serve()
    response = ask(http, server, chat(stream=True, n=2, stream_options={"include_usage": True}))
    assert response.headers["content-type"].startswith("text/event-stream")
    *pieces, last = events_of(response)
    assert {piece["object"] for piece in pieces} == {"chat.completion.chunk"}
    assert last["choices"] == []
    assert last["usage"]["completion_tokens"] > 20
    for index in (0, 1):
        choices = [choice for piece in pieces for choice in piece["choices"] if choice["index"] == index]
        assert choices[0]["delta"] == {"role": "assistant", "content": ""}
        text = "".join(choice["delta"].get("content", "") for choice in choices)
        assert text == stored.samples(MODEL, "own_a")[index].text
        assert [choice["finish_reason"] for choice in choices] == [None] * (len(choices) - 1) + ["stop"]
    assert len(pieces) > 6


def test_streaming_without_usage(http, serve, chat):
    assert all("usage" not in event for event in events_of(ask(http, serve(), chat(stream=True))))


def test_reasoning_is_kept_apart(http, serve, chat):
    thought = Completion(text="print(2)", reasoning="Twice, so two. " * 20, finish_reason="stop", completion_tokens=77)
    server = serve(completions=StoredCompletions({MODEL: {"own_a": [thought]}}), cycle=True)
    answer = ask(http, server, chat()).json()
    message = {"role": "assistant", "content": "print(2)", "reasoning_content": thought.reasoning}
    assert answer["choices"][0]["message"] == message
    assert answer["usage"]["completion_tokens"] == 77
    deltas = [event["choices"][0]["delta"] for event in events_of(ask(http, server, chat(stream=True)))]
    assert "".join(delta.get("reasoning_content", "") for delta in deltas) == thought.reasoning
    assert "".join(delta.get("content", "") for delta in deltas) == "print(2)"


def test_raw_prompts(http, serve, stored, problems):
    server = serve()
    body = {"model": MODEL, "prompt": f"<|user|>{problems[1].content}<|model|>"}
    answer = http.post(f"{server.base_url}/completions", json=body).json()
    assert answer["object"] == "text_completion"
    assert answer["choices"][0]["text"] == stored.samples(MODEL, "own_b")[0].text
    pieces = events_of(http.post(f"{server.base_url}/completions", json={**body, "stream": True}))
    assert "".join(piece["choices"][0]["text"] for piece in pieces) == stored.samples(MODEL, "own_b")[1].text


def test_models(http, serve):
    listed = http.get(f"{serve().base_url}/models").json()
    assert [model["id"] for model in listed["data"]] == [MODEL]


def test_completions_without_a_model_serve_every_model(http, serve, chat):
    server = serve(completions=StoredCompletions({None: {"own_a": [Completion(text="x")]}}))
    assert text_of(ask(http, server, chat() | {"model": "whatever"})) == "x"
    assert http.get(f"{server.base_url}/models").json()["data"][0]["id"] == "default"


@pytest.mark.parametrize(
    ("change", "status", "said"),
    [
        ({"model": "other"}, 404, "The model 'other' is not stored here; there is: tiny-1."),
        ({"messages": [{"role": "user", "content": "Write a haiku."}]}, 400, "No statement of this dataset's problems"),
        ({"messages": []}, 400, "'messages' must be a non-empty list"),
        ({"messages": "hello"}, 400, "'messages' must be a non-empty list"),
        ({"model": None}, 400, "'model' must be a string"),
        ({"n": 0}, 400, "'n' must be a whole number from 1"),
        ({"n": True}, 400, "'n' must be a whole number from 1"),
        ({"n": "2"}, 400, "'n' must be a whole number from 1"),
    ],
)
def test_refusals(http, serve, chat, change, status, said):
    response = ask(http, serve(), chat() | change)
    assert response.status_code == status
    assert said in response.json()["error"]["message"]


def test_a_body_that_is_not_json(http, serve):
    server = serve()
    for body in (b"{", b"[1]", b"\xff", b"[" * 100_000, b"1" * 5000):
        response = http.post(f"{server.base_url}/chat/completions", content=body)
        assert response.status_code == 400
        assert response.json()["error"]["type"] == "invalid_request_error"
    assert server.stats()["outcomes"] == {"bad_request": 5}


def test_a_body_that_is_too_large(http, serve):
    response = http.post(f"{serve().base_url}/chat/completions", content=b" " * (9 * 2**20))
    assert response.status_code == 413


def test_errors_cost_no_sample(http, serve, stored, chat):
    server = serve(Faults(error_rate=0.5, seed=3))
    texts, statuses = [], Counter()
    while len(texts) < 3:
        response = ask(http, server, chat())
        statuses[response.status_code] += 1
        if response.status_code == 200:
            texts.append(text_of(response))
    assert texts == [completion.text for completion in stored.samples(MODEL, "own_a")]
    assert statuses[500] > 0
    assert server.stats()["outcomes"] == {"served": 3, "server_error": statuses[500]}


def test_dropped_connections_cost_no_sample(http, serve, stored, chat):
    server = serve(Faults(drop_rate=0.5, seed=3))
    texts, dropped = [], 0
    while len(texts) < 3:
        try:
            texts.append(text_of(ask(http, server, chat())))
        except httpx.RemoteProtocolError:
            dropped += 1
    assert texts == [completion.text for completion in stored.samples(MODEL, "own_a")]
    assert dropped > 0
    assert server.stats()["outcomes"]["drop"] == dropped


def test_a_client_that_goes_away_costs_no_sample(http, serve, stored, chat):
    server = serve(Faults(latency_s=(1.0, 1.0)))
    with pytest.raises(httpx.ReadTimeout):
        http.post(f"{server.base_url}/chat/completions", json=chat(), timeout=0.2)
    assert text_of(ask(http, server, chat())) == stored.samples(MODEL, "own_a")[0].text
    assert server.stats()["outcomes"] == {"aborted": 1, "served": 1}


def test_truncated_answers(http, serve, stored, chat):
    server = serve(Faults(truncate_rate=1.0))
    choice = ask(http, server, chat()).json()["choices"][0]
    assert choice["finish_reason"] == "length"
    whole = stored.samples(MODEL, "own_a")[0].text
    assert 0 < len(choice["message"]["content"]) < len(whole)
    assert whole.startswith(choice["message"]["content"])


def test_empty_answers(http, serve, chat):
    choice = ask(http, serve(Faults(empty_rate=1.0)), chat()).json()["choices"][0]
    assert (choice["finish_reason"], choice["message"]["content"]) == ("stop", "")


def test_rate_limit(http, serve, chat):
    server = serve(Faults(rate_limit=2), cycle=True)
    answers = [ask(http, server, chat()) for _ in range(4)]
    limited = [answer for answer in answers if answer.status_code == 429]
    assert len(limited) == 2
    assert limited[0].headers["retry-after"] == "1"
    assert 0 < int(limited[0].headers["retry-after-ms"]) <= 500
    assert limited[0].json()["error"]["type"] == "rate_limit_error"
    assert server.stats()["outcomes"] == {"rate_limited": 2, "served": 2}


def test_key(http, serve, chat):
    server = serve(key="let-me-in")
    assert ask(http, server, chat()).status_code == 401
    assert ask(http, server, chat(), Authorization="Bearer let-me-inn").status_code == 401
    assert ask(http, server, chat(), Authorization="Bearer let-me-in").status_code == 200
    assert server.stats()["with_key"] == 2


def test_stats_over_http(http, serve, chat):
    server = serve()
    ask(http, server, chat())
    assert http.get(f"{server.root_url}/stats").json() == server.stats()
    assert server.stats()["requests"] == 1


def test_a_port_that_is_taken(serve, stored, problems):
    taken = int(serve().root_url.rpartition(":")[2])
    with pytest.raises(InputError, match=f"cannot listen on 127.0.0.1:{taken}: .*; give another --host or --port"):
        ReplayServer(Answerer(stored, problems), port=taken).start()
