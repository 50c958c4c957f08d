"""What `evaluate` takes for a client, and what verifiers takes."""

from __future__ import annotations

import os
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import TypeAlias

import verifiers as vf
from openai import AsyncOpenAI, OpenAI

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
        TypeError: A synchronous client of a kind that cannot be turned into an asynchronous one.
    """
    if isinstance(client, (vf.Client, vf.ClientConfig)):
        yield client
    elif isinstance(client, AsyncOpenAI):
        yield vf.OpenAIChatCompletionsClient(client)
    else:
        # An unused key must not be empty: "EMPTY" is what servers without keys are given.
        own = (
            _asynchronous(client)
            if isinstance(client, OpenAI)
            else AsyncOpenAI(base_url=client, api_key=os.environ.get("OPENAI_API_KEY") or "EMPTY")
        )
        async with own:
            yield vf.OpenAIChatCompletionsClient(own)


def _asynchronous(client: OpenAI) -> AsyncOpenAI:
    """The same API, key, headers and patience; an HTTP client given to it cannot be taken along."""
    if type(client) is not OpenAI:
        kind = type(client).__name__
        raise TypeError(f"client: {kind} cannot be used asynchronously: give its asynchronous twin, Async{kind}")
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
