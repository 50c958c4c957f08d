"""What `evaluate` takes for a client, and what verifiers takes."""

from __future__ import annotations

import os
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import TypeAlias

import verifiers as vf
from openai import AsyncOpenAI, OpenAI

from livecodebench.model_client.connection import checked_base_url
from livecodebench.model_client.key import key_from_environment

ClientLike: TypeAlias = OpenAI | AsyncOpenAI | vf.Client | vf.ClientConfig | str
"""Of a string: the base URL of an OpenAI-compatible API; its key is OPENAI_API_KEY's, if that is set."""

KINDS = "an OpenAI or AsyncOpenAI client, a verifiers Client or ClientConfig, or a base URL (http://…)"


def is_client(value: object) -> bool:
    """Whether this can be a client."""
    if isinstance(value, str):
        return value.startswith(("http://", "https://"))
    return isinstance(value, (OpenAI, AsyncOpenAI, vf.Client, vf.ClientConfig))


@asynccontextmanager
async def opened(client: ClientLike) -> AsyncIterator[vf.Client | vf.ClientConfig]:
    """The client for verifiers; what had to be made for it is closed at the end, what was given is not.

    Raises:
        InputError: A string that is no base URL.
        TypeError: A synchronous client of a kind that cannot be turned into an asynchronous one.
    """
    if isinstance(client, (vf.Client, vf.ClientConfig)):
        yield client
    elif isinstance(client, AsyncOpenAI):
        yield vf.OpenAIChatCompletionsClient(client)
    else:
        async with _asynchronous(client) if isinstance(client, OpenAI) else _at(client) as own:
            yield vf.OpenAIChatCompletionsClient(own)


def _at(base_url: str) -> AsyncOpenAI:
    # An unused key must not be empty: "EMPTY" is what servers without keys are given.
    key = key_from_environment()
    return AsyncOpenAI(base_url=checked_base_url(base_url, key), api_key=os.environ[key.variable] if key else "EMPTY")


def _asynchronous(client: OpenAI) -> AsyncOpenAI:
    """The same API, key, headers and patience; an HTTP client given to it cannot be taken along."""
    kind = type(client).__name__
    if type(client) is not OpenAI or not client.api_key:  # the key of others is not at hand, or not all there is to it
        raise TypeError(f"client: this {kind} cannot be used asynchronously: give its asynchronous twin, Async{kind}")
    return AsyncOpenAI(
        api_key=client.api_key,
        organization=client.organization,
        project=client.project,
        base_url=client.base_url,
        timeout=client.timeout,
        max_retries=client.max_retries,
        default_headers=client._custom_headers,
        default_query=client._custom_query,
    )
