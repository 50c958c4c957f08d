"""Reading what an API sends back: a completion, or the reason in an error. Untrusted: checked field by field."""

from __future__ import annotations

import json

from livecodebench.answers.completion import Completion

MAX_TOKEN_COUNT = 10**12  # a larger count is nonsense, and would spoil the totals


class UnreadableAnswer(Exception):
    """The response is not an answer of this API; the message says in what."""


def read_completion(body: bytes) -> Completion:
    """Read a response of status 200. Raises UnreadableAnswer."""
    value = _json(body)
    if not isinstance(value, dict):
        raise UnreadableAnswer("the response is not a JSON object")
    choices = value.get("choices")
    if not isinstance(choices, list) or not choices or not isinstance(choices[0], dict):
        # Some gateways report an upstream failure with status 200.
        reason = error_message(body) if "error" in value else "the response has no choices"
        raise UnreadableAnswer(reason)
    choice = choices[0]
    message = choice.get("message")
    said = message if isinstance(message, dict) else {"content": choice.get("text")}
    finish_reason, usage = choice.get("finish_reason"), value.get("usage")
    counts = usage if isinstance(usage, dict) else {}
    model = value.get("model")
    if finish_reason == "error":
        raise UnreadableAnswer("the API broke the answer off with an error")
    return Completion(
        text=_text(said.get("content")),
        reasoning=_text(said.get("reasoning_content") or said.get("reasoning")),
        finish_reason=finish_reason if isinstance(finish_reason, str) else None,
        prompt_tokens=_count(counts.get("prompt_tokens")),
        completion_tokens=_count(counts.get("completion_tokens")),
        served_model=model if isinstance(model, str) else "",
    )


def error_message(body: bytes) -> str:
    """What an error response says, as far as it can be found; else its beginning, or nothing."""
    return _said(body) or body[:1000].decode("utf-8", "replace").strip()


def error_code(body: bytes) -> str:
    """The `code` (or `type`) of an error response; empty where there is none."""
    value = _error_object(body)
    code = (value.get("code") or value.get("type")) if isinstance(value, dict) else None
    return code if isinstance(code, str) else ""


def _said(body: bytes) -> str:
    value = _error_object(body)
    said = (value.get("message") or value.get("detail")) if isinstance(value, dict) else value
    return said if isinstance(said, str) else ""


def _error_object(body: bytes) -> object:
    try:
        value = _json(body)
    except UnreadableAnswer:
        return None
    return value.get("error", value) if isinstance(value, dict) else None


def _json(body: bytes) -> object:
    try:
        value: object = json.loads(body)
    except (ValueError, RecursionError):  # UnicodeDecodeError is a ValueError
        raise UnreadableAnswer("the response is not JSON") from None
    return value


def _text(content: object) -> str:
    if isinstance(content, str):
        return content
    if not isinstance(content, list):
        return ""  # null: a refusal, or nothing but reasoning
    parts = [part.get("text") for part in content if isinstance(part, dict) and part.get("type", "text") == "text"]
    return "".join(part for part in parts if isinstance(part, str))


def _count(value: object) -> int | None:
    is_count = isinstance(value, int) and not isinstance(value, bool) and 0 <= value <= MAX_TOKEN_COUNT
    return value if is_count and isinstance(value, int) else None
