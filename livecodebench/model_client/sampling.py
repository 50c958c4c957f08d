"""How a model is asked to answer, and the request that says so."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from livecodebench.errors import InputError

REASONING_STYLES = frozenset({"OpenAIReason", "OpenAIReasonPreview"})
"""Prompt styles of models that refuse a temperature and want `max_completion_tokens`."""

# One request is one sample, answered whole: that is what is stored, counted and resumed.
_OURS = frozenset({"messages", "model", "n", "prompt", "stream", "stream_options"})


@dataclass(frozen=True, slots=True, kw_only=True)
class Sampling:
    """The sampling parameters; what is None is not sent, and the API's own default holds.

    Attributes:
        temperature: 0 for the likeliest answer; LiveCodeBench's own runs use 0.2.
        top_p: LiveCodeBench's own runs use 0.95.
        max_tokens: The most tokens of an answer, a model's reasoning included; LiveCodeBench's own runs use 2000.
        seed: Of sample 0; sample k is asked for with seed + k, lest all samples of a problem be the same.
        stop: Texts that end an answer.
        reasoning: The limit is sent as `max_completion_tokens`, as OpenAI's reasoning models want it.
        extra_body: More fields for the request, for what only some APIs know; they win over the ones above.
    """

    temperature: float | None = None
    top_p: float | None = None
    max_tokens: int | None = None
    seed: int | None = None
    stop: tuple[str, ...] = ()
    reasoning: bool = False
    extra_body: Mapping[str, Any] = field(default_factory=dict)

    def __post_init__(self) -> None:
        for name in sorted(_OURS & self.extra_body.keys()):
            fix = "ask for several samples with -n" if name == "n" else "leave it out"
            raise InputError(f"extra-body: {name!r} is set by the command itself; {fix}")

    def body(self, question: Mapping[str, Any], *, model: str, sample: int) -> dict[str, Any]:
        """The body of the request for one sample; `question` has the prompt or the messages."""
        limit = "max_completion_tokens" if self.reasoning else "max_tokens"
        options = {
            "temperature": self.temperature,
            "top_p": self.top_p,
            limit: self.max_tokens,
            "seed": None if self.seed is None else self.seed + sample,
            "stop": list(self.stop) or None,
        }
        sent = {name: value for name, value in options.items() if value is not None}
        return {"model": model, **question, **sent, **self.extra_body}

    def as_json(self) -> dict[str, Any]:
        """For run.json: everything that changes what the model answers."""
        return {
            "temperature": self.temperature,
            "top_p": self.top_p,
            "max_tokens": self.max_tokens,
            "seed": self.seed,
            "stop": list(self.stop),
            "reasoning": self.reasoning,
            "extra_body": dict(self.extra_body),
        }


def parse_extra_body(text: str) -> dict[str, Any]:
    """Read --extra-body. Raises InputError."""
    try:
        value = json.loads(text)
    except (ValueError, RecursionError) as error:
        raise InputError(f"extra-body is not JSON: {error}; give an object such as '{{\"top_k\": 20}}'") from None
    if not isinstance(value, dict):
        raise InputError("extra-body must be a JSON object, such as '{\"top_k\": 20}'")
    return value
