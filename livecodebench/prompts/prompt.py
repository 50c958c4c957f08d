"""The types: a prompt as it is sent, and a style that builds one. No texts here."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from enum import StrEnum
from typing import Literal

from livecodebench.answers.extraction import ExtractionRule
from livecodebench.problem import Problem


class Endpoint(StrEnum):
    """Where the official runner sends a style's prompt."""

    CHAT = "chat"
    COMPLETIONS = "completions"


@dataclass(frozen=True, slots=True)
class Message:
    """One message of a conversation."""

    role: Literal["system", "user"]
    content: str


@dataclass(frozen=True, slots=True)
class Prompt:
    """A prompt in the form its style has officially: messages, messages with the system text apart, or one raw text.

    Attributes:
        messages: The conversation; empty where the prompt is raw text.
        system: The system text of an API that wants it beside the messages (Anthropic's); else None.
        text: The raw text; None where the prompt is a conversation.
    """

    messages: tuple[Message, ...] = ()
    system: str | None = None
    text: str | None = None

    def chat_messages(self) -> list[dict[str, str]]:
        """The prompt for an OpenAI-compatible chat API, whatever its official form.

        A system text apart becomes the first message. A raw text becomes one user message: right for Gemini's plain
        text; a text with a model's own chat markup in it gets the server's markup around it as well, so that the model
        does not see what it saw officially.
        """
        if self.text is not None:
            return [{"role": "user", "content": self.text}]
        apart = () if self.system is None else (Message("system", self.system),)
        return [{"role": message.role, "content": message.content} for message in (*apart, *self.messages)]


@dataclass(frozen=True, slots=True)
class Style:
    """One of LiveCodeBench's prompt styles.

    Attributes:
        name: LiveCodeBench's name for it.
        build: Makes the prompt of a problem.
        endpoint: The kind of API that takes it as it is.
        stop: The strings that end an answer in the official run: `###` (its default) for the models that it runs itself
            by vLLM, none for models behind an API.
        extraction: The official rule for its answers.
    """

    name: str
    build: Callable[[Problem], Prompt]
    endpoint: Endpoint = Endpoint.CHAT
    stop: tuple[str, ...] = ()
    extraction: ExtractionRule = ExtractionRule.OFFICIAL
