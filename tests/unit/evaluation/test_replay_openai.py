"""OpenAI's own client, which verifiers uses, takes the replay server for an API."""

import asyncio

import openai
import pytest

from livecodebench.replay.faults import Faults

MODEL = "tiny-1"


def connected(server, **settings):
    return openai.AsyncOpenAI(base_url=server.base_url, api_key="any", **settings)


def test_answers(serve, stored, chat):
    server = serve()

    async def run():
        async with connected(server) as client:
            answer = await client.chat.completions.create(**chat(), n=2, temperature=0.2, max_completion_tokens=100)
            models = await client.models.list()
        return answer, models

    answer, models = asyncio.run(run())
    texts = [choice.message.content for choice in answer.choices]
    assert texts == [completion.text for completion in stored.samples(MODEL, "own_a")[:2]]
    assert answer.usage.total_tokens == answer.usage.prompt_tokens + answer.usage.completion_tokens
    assert [model.id for model in models.data] == [MODEL]


def test_streams(serve, stored, chat):
    server = serve()

    async def run():
        async with connected(server) as client:
            stream = await client.chat.completions.create(**chat(), stream=True, stream_options={"include_usage": True})
            return [event async for event in stream]

    *events, last = asyncio.run(run())
    text = "".join(event.choices[0].delta.content or "" for event in events)
    assert text == stored.samples(MODEL, "own_a")[0].text
    assert events[-1].choices[0].finish_reason == "stop"
    assert last.usage.completion_tokens > 0


def test_its_retries(serve, stored, chat):
    server = serve(Faults(error_rate=0.5, seed=4))

    async def run():
        async with connected(server, max_retries=8) as client:
            client._calculate_retry_timeout = lambda *_: 0.0
            return [await client.chat.completions.create(**chat()) for _ in range(3)]

    texts = [answer.choices[0].message.content for answer in asyncio.run(run())]
    assert texts == [completion.text for completion in stored.samples(MODEL, "own_a")]
    assert server.stats()["outcomes"]["server_error"] > 0


def test_errors_have_their_class(serve, chat):
    server = serve(key="right")

    async def run():
        async with connected(server, max_retries=0) as client:
            await client.chat.completions.create(**chat())

    with pytest.raises(openai.AuthenticationError, match="Incorrect API key provided"):
        asyncio.run(run())
