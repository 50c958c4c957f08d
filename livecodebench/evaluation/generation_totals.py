"""What generating took: answers, tokens and money, counted from completions. Pure."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field
from typing import Any

from livecodebench.answers.completion import Completion


@dataclass(frozen=True, slots=True)
class Prices:
    """Money per million tokens, in whatever currency.

    Attributes:
        prompt: For what is sent.
        completion: For what is answered, reasoning included.
    """

    prompt: float
    completion: float


@dataclass(slots=True)
class GenerationTotals:
    """Sums over the completions of a run, earlier sessions included; requests that brought no completion are not here.

    Attributes:
        answered: Completions.
        truncated: Of them, those that ran into the token limit.
        empty: Of them, those without an answer; they get the verdict `no_code`.
        uncounted: Of them, those for which the API told no token counts: the sums lack them.
        finish_reasons: How often the API gave which.
        served_models: How often which model answered, in the API's words.
    """

    answered: int = 0
    truncated: int = 0
    empty: int = 0
    uncounted: int = 0
    prompt_tokens: int = 0
    completion_tokens: int = 0
    finish_reasons: Counter[str] = field(default_factory=Counter)
    served_models: Counter[str] = field(default_factory=Counter)

    def add(self, completion: Completion) -> None:
        """Count a completion."""
        self.answered += 1
        self.truncated += completion.truncated
        self.empty += completion.empty
        self.uncounted += completion.prompt_tokens is None or completion.completion_tokens is None
        self.prompt_tokens += completion.prompt_tokens or 0
        self.completion_tokens += completion.completion_tokens or 0
        self.finish_reasons[completion.finish_reason or "unknown"] += 1
        if completion.served_model:
            self.served_models[completion.served_model] += 1

    def cost(self, prices: Prices | None) -> float | None:
        """What the completions cost; None without prices, and where token counts are missing."""
        if prices is None or self.uncounted:
            return None
        return (self.prompt_tokens * prices.prompt + self.completion_tokens * prices.completion) / 1e6

    def as_json(self, *, samples: int, prices: Prices | None) -> dict[str, Any]:
        """The "generation" of summary.json. `samples` is how many completions the run wants."""
        return {
            "samples": samples,
            "answered": self.answered,
            "truncated": self.truncated,
            "empty": self.empty,
            "finish_reasons": dict(sorted(self.finish_reasons.items())),
            "served_models": dict(sorted(self.served_models.items())),
            "prompt_tokens": self.prompt_tokens,
            "completion_tokens": self.completion_tokens,
            "without_token_counts": self.uncounted,
            "price_per_million": None if prices is None else {"prompt": prices.prompt, "completion": prices.completion},
            "cost": self.cost(prices),
        }
