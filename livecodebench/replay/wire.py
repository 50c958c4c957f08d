"""The API's shapes: requests read and bounded, answers and errors built. No state, no network.

What is left out of OpenAI's API: tools, log-probabilities, images, token limits (a stored completion is served whole).
"""

from __future__ import annotations

import itertools
import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from livecodebench.answers.completion import Completion
from livecodebench.replay.matching import text_of

MAX_CHOICES = 128  # OpenAI's own limit for n
_PIECE = 48  # characters in a streamed piece: several pieces even for a short program


class BadRequest(Exception):
    """The request is not one of this API; the message says what is wrong with it."""


@dataclass(frozen=True, slots=True)
class Ask:
    """A request, read.

    Attributes:
        chat: True for /chat/completions, False for /completions.
        prompts: Where the problem is looked for, in this order: the last user message, then all of them.
        choices: How many answers are wanted: n.
    """

    chat: bool
    model: str
    prompts: tuple[str, ...]
    choices: int
    stream: bool
    include_usage: bool

    @property
    def object(self) -> str:
        """What the API calls the answer."""
        return "chat.completion" if self.chat else "text_completion"


def read_ask(body: object, *, chat: bool) -> Ask:
    """Read the body of a request, decoded from JSON. Raises BadRequest."""
    if not isinstance(body, dict):
        raise BadRequest("the body must be a JSON object")
    model, choices, stream = body.get("model"), body.get("n"), body.get("stream")
    if not isinstance(model, str):
        raise BadRequest("'model' must be a string")
    if choices is None:
        choices = 1
    if not isinstance(choices, int) or isinstance(choices, bool) or not 1 <= choices <= MAX_CHOICES:
        raise BadRequest(f"'n' must be a whole number from 1 to {MAX_CHOICES}")
    options = body.get("stream_options")
    return Ask(
        chat=chat,
        model=model,
        prompts=_chat_prompts(body.get("messages")) if chat else _text_prompts(body.get("prompt")),
        choices=choices,
        stream=stream is True,
        include_usage=isinstance(options, dict) and options.get("include_usage") is True,
    )


def _chat_prompts(messages: object) -> tuple[str, ...]:
    if not isinstance(messages, list) or not messages or not all(isinstance(message, dict) for message in messages):
        raise BadRequest("'messages' must be a non-empty list of objects")
    last_user = [message for message in messages if message.get("role") == "user"][-1:]
    return (text_of(last_user), text_of(messages))


def _text_prompts(prompt: object) -> tuple[str, ...]:
    if not isinstance(prompt, str):
        raise BadRequest("'prompt' must be a string; lists and token ids are not replayed")
    return (prompt,)


def answer(ask: Ask, completions: Sequence[Completion], *, ident: str, created: int) -> dict[str, Any]:
    """The body of an answer that is not streamed."""
    return {
        **_envelope(ask, ask.object, ident, created),
        "choices": [
            {"index": index, "finish_reason": completion.finish_reason, "logprobs": None, **_content(ask, completion)}
            for index, completion in enumerate(completions)
        ],
        "usage": usage(ask, completions),
    }


def events(ask: Ask, completions: Sequence[Completion], *, ident: str, created: int) -> Iterator[dict[str, Any]]:
    """The pieces of a streamed answer: choices side by side, then usage where it was asked for."""
    name = "chat.completion.chunk" if ask.chat else "text_completion"
    envelope = _envelope(ask, name, ident, created)
    streams = [_choice_events(ask, index, completion) for index, completion in enumerate(completions)]
    for round_ in itertools.zip_longest(*streams):
        for choice in round_:
            if choice is not None:
                yield {**envelope, "choices": [choice]}
    if ask.include_usage:
        yield {**envelope, "choices": [], "usage": usage(ask, completions)}


def _choice_events(ask: Ask, index: int, completion: Completion) -> Iterator[dict[str, Any]]:
    def choice(finish_reason: str | None = None, **said: str) -> dict[str, Any]:
        content: dict[str, Any] = {"delta": said} if ask.chat else {"text": said.get("content", "")}
        return {"index": index, **content, "logprobs": None, "finish_reason": finish_reason}

    if ask.chat:
        yield choice(role="assistant", content="")
        for piece in _pieces(completion.reasoning):
            yield choice(reasoning_content=piece)
    for piece in _pieces(completion.text):
        yield choice(content=piece)
    yield choice(finish_reason=completion.finish_reason or "stop")


def _pieces(text: str) -> Iterator[str]:
    return (text[start : start + _PIECE] for start in range(0, len(text), _PIECE))


def _content(ask: Ask, completion: Completion) -> dict[str, Any]:
    if not ask.chat:
        return {"text": completion.text}
    message = {"role": "assistant", "content": completion.text}
    if completion.reasoning:
        message["reasoning_content"] = completion.reasoning
    return {"message": message}


def _envelope(ask: Ask, name: str, ident: str, created: int) -> dict[str, Any]:
    return {"id": ident, "object": name, "created": created, "model": ask.model}


def usage(ask: Ask, completions: Sequence[Completion]) -> dict[str, int]:
    """Token counts: as stored, else a quarter of the characters, which is near the truth for English and code."""
    prompt = next((c.prompt_tokens for c in completions if c.prompt_tokens is not None), None)
    if prompt is None:
        prompt = tokens_in(ask.prompts[-1])
    completion = sum(
        tokens_in(c.reasoning + c.text) if c.completion_tokens is None else c.completion_tokens for c in completions
    )
    return {"prompt_tokens": prompt, "completion_tokens": completion, "total_tokens": prompt + completion}


def tokens_in(text: str) -> int:
    """About how many tokens a text has."""
    return -(-len(text) // 4)


def error(message: str, *, kind: str, code: str | None = None) -> dict[str, Any]:
    """The body of an error, as OpenAI's API has it."""
    return {"error": {"message": message, "type": kind, "param": None, "code": code}}


def model_list(models: Sequence[str]) -> dict[str, Any]:
    """The body of GET /v1/models."""
    entries = [{"id": model, "object": "model", "created": 0, "owned_by": "livecodebench-replay"} for model in models]
    return {"object": "list", "data": entries}


def sse(event: Mapping[str, Any] | None) -> bytes:
    """One server-sent event; None is the end of the stream."""
    return b"data: " + (b"[DONE]" if event is None else json.dumps(event).encode()) + b"\n\n"
