"""A completion: what a model answered to one prompt, as its API gave it. Nothing is extracted or judged here."""

from __future__ import annotations

from dataclasses import dataclass

# "length" is OpenAI's word; gateways in front of other models pass "max_tokens" through.
_CUT_SHORT = frozenset({"length", "max_tokens"})


@dataclass(frozen=True, slots=True, kw_only=True)
class Completion:
    """One answer of a model.

    Attributes:
        text: The answer proper; code is extracted from it.
        reasoning: What a reasoning model's API gives apart from the answer; never searched for code.
        finish_reason: Why the model stopped, in the API's words: "stop", "length", …; None where it does not say.
        prompt_tokens: As counted by the API; None where it does not say.
        completion_tokens: The same, reasoning included.
        served_model: The model that the API says answered, often more exact than the name asked for; else empty.
    """

    text: str
    reasoning: str = ""
    finish_reason: str | None = None
    prompt_tokens: int | None = None
    completion_tokens: int | None = None
    served_model: str = ""

    @property
    def truncated(self) -> bool:
        """True where the model ran into its token limit."""
        return self.finish_reason in _CUT_SHORT

    @property
    def empty(self) -> bool:
        """True where there is no answer, whatever reasoning there was."""
        return not self.text.strip()
