"""From a problem to a request: prompt, sampling and endpoint put together for one model."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Protocol

from livecodebench.answers.completion import Completion
from livecodebench.model_client.sampling import Sampling
from livecodebench.problem import Problem
from livecodebench.prompts import Endpoint, Style


class Client(Protocol):
    """What sends a request: `livecodebench.model_client.client.ModelClient`."""

    async def complete(self, body: dict[str, Any], *, path: str, name: str) -> Completion:
        """Ask until there is a completion. Raises ModelError, ModelRefused."""
        ...


@dataclass(frozen=True, slots=True, kw_only=True)
class Asker:
    """Asks one model in one way.

    Attributes:
        model: Its name, as the API knows it.
        style: LiveCodeBench's prompt style.
        endpoint: CHAT sends a raw text as one user message; COMPLETIONS sends it as it is.
        sampling: The parameters; the style's stop texts are in them.
    """

    client: Client
    model: str
    style: Style
    endpoint: Endpoint
    sampling: Sampling

    async def ask(self, problem: Problem, sample: int) -> Completion:
        """Ask for one sample. Raises ModelError, ModelRefused."""
        prompt = self.style.build(problem)
        if self.endpoint is Endpoint.COMPLETIONS and prompt.text is not None:
            question: dict[str, Any] = {"prompt": prompt.text}
            path = "completions"
        else:
            question = {"messages": prompt.chat_messages()}
            path = "chat/completions"
        body = self.sampling.body(question, model=self.model, sample=sample)
        return await self.client.complete(body, path=path, name=f"{problem.question_id}/{sample}")
