"""What can be a client, and what becomes of it."""

import asyncio

import httpx
import openai
import pytest
import verifiers as vf

from livecodebench.environment.clients import is_client, opened
from livecodebench.errors import InputError

URL = "http://127.0.0.1:9/v1"


def open_and_close(client):
    async def use():
        async with opened(client) as asked:
            return asked

    return asyncio.run(use())


def test_what_verifiers_takes_is_passed_on():
    config = vf.ClientConfig(api_base_url=URL)
    assert open_and_close(config) is config
    client = vf.OpenAIChatCompletionsClient(openai.AsyncOpenAI(base_url=URL, api_key="k"))
    assert open_and_close(client) is client
    assert not client.client.is_closed()


def test_an_asynchronous_client_stays_open():
    client = openai.AsyncOpenAI(base_url=URL, api_key="k")
    assert open_and_close(client).client is client
    assert not client.is_closed()


def test_of_a_synchronous_client_the_settings_are_taken_over():
    client = openai.OpenAI(
        base_url=URL,
        api_key="key-1",
        organization="org",
        project="project",
        timeout=12.0,
        max_retries=7,
        default_headers={"X-Mine": "1"},
        default_query={"version": "2"},
    )
    twin = open_and_close(client).client
    assert isinstance(twin, openai.AsyncOpenAI)
    assert twin.is_closed(), "it was made for the call"
    for name in ("base_url", "api_key", "organization", "project", "timeout", "max_retries"):
        assert getattr(twin, name) == getattr(client, name)
    assert twin.default_headers["X-Mine"] == "1"
    assert twin.default_query == {"version": "2"}


def test_a_url_gets_the_environments_key(monkeypatch):
    monkeypatch.setenv("OPENAI_API_KEY", "key-2")
    assert open_and_close(URL).client.api_key == "key-2"
    monkeypatch.delenv("OPENAI_API_KEY")
    assert open_and_close(URL).client.api_key == "EMPTY"


@pytest.mark.parametrize("url", ["http://me:secret@127.0.0.1/v1", "http://", "http://127.0.0.1/v1?key=secret"])
def test_a_url_that_is_none_or_holds_a_secret_is_refused(url):
    with pytest.raises(InputError) as refusal:
        open_and_close(url)
    assert "me:secret" not in str(refusal.value)


def test_a_client_that_cannot_be_copied_is_refused():
    azure = openai.AzureOpenAI(azure_endpoint="http://127.0.0.1:9", api_version="1", api_key="k")
    with pytest.raises(TypeError, match=r"this AzureOpenAI cannot be used asynchronously: give .* AsyncAzureOpenAI"):
        open_and_close(azure)
    with pytest.raises(TypeError, match=r"this OpenAI cannot be used asynchronously: give .* AsyncOpenAI"):
        open_and_close(openai.OpenAI(base_url=URL, api_key=lambda: "k"))


@pytest.mark.parametrize("value", [None, 3, "gpt-4", "127.0.0.1:8000/v1", httpx.Client, object()])
def test_what_is_no_client(value):
    assert not is_client(value)
