"""From a request to what is sent back: key, rate limit, model, problem, sample, faults, in this order. No sockets."""

from __future__ import annotations

import hmac
import math
from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from urllib.parse import unquote

from livecodebench.answers.completion import Completion
from livecodebench.model_client.key import ApiKey
from livecodebench.problem import Problem
from livecodebench.replay.faults import Fault, Faults, Plan, RateLimit
from livecodebench.replay.matching import ProblemIndex
from livecodebench.replay.stored import StoredCompletions
from livecodebench.replay.tally import Tally
from livecodebench.replay.turns import Turns
from livecodebench.replay.wire import Ask, tokens_in


class Refusal(Exception):
    """A request that gets no completion: an answer like any other, raised to end the steps early.

    Attributes:
        status: Of HTTP.
        outcome: How it is counted.
        message: For the client.
        kind: The error's type, in the API's words.
        headers: To send with it.
    """

    def __init__(
        self,
        status: int,
        outcome: str,
        message: str,
        *,
        kind: str = "invalid_request_error",
        headers: Mapping[str, str] | None = None,
    ) -> None:
        super().__init__(message)
        self.status = status
        self.outcome = outcome
        self.message = message
        self.kind = kind
        self.headers = headers


@dataclass(frozen=True, slots=True)
class Order:
    """Completions taken for a request; they are served, or given back."""

    ask: Ask
    question_id: str
    samples: list[int]
    in_turn: bool
    completions: Sequence[Completion]
    plan: Plan


class Answerer:
    """Decides what a request gets. Not thread-safe: one event loop owns it."""

    def __init__(
        self,
        stored: StoredCompletions,
        problems: Iterable[Problem],
        *,
        faults: Faults | None = None,
        cycle: bool = False,
        key: ApiKey | None = None,
        rate_limit: Callable[[float], RateLimit] = RateLimit,
    ) -> None:
        self.stored = stored
        self.tally = Tally()
        self._index = ProblemIndex(problems)
        self._faults = faults or Faults()
        self._key = key
        self._cycle = cycle
        self._turns = Turns(cycle=cycle)
        self._attempts: Counter[str] = Counter()
        self._limit = None if self._faults.rate_limit is None else rate_limit(self._faults.rate_limit)

    def admit(self, authorization: str | None) -> None:
        """Let a request in, by its key and the rate limit. Raises Refusal."""
        wanted = "" if self._key is None else self._key.headers().get("Authorization", "")
        if wanted and not hmac.compare_digest(wanted.encode(), (authorization or "").encode()):
            raise Refusal(401, "unauthorized", "Incorrect API key provided.", kind="authentication_error")
        wait_s = 0.0 if self._limit is None else self._limit.take()
        if wait_s > 0:
            # The standard header has whole seconds only; OpenAI's own, beside it, milliseconds.
            headers = {"Retry-After": str(math.ceil(wait_s)), "retry-after-ms": str(math.ceil(wait_s * 1000))}
            raise Refusal(429, "rate_limited", "Rate limit reached.", kind="rate_limit_error", headers=headers)

    def order(self, ask: Ask, request_id: str | None) -> Order:
        """Take the completions for a request. Raises Refusal.

        Args:
            ask: The request.
            request_id: The client's name for it, percent-encoded. `QUESTION_ID/N` asks for sample N, so that a request
                whose answer was lost can be repeated; without it, samples are handed out in turn.
        """
        question_id = self._question(ask)
        stored = self.stored.samples(ask.model, question_id)
        first = _numbered_sample(request_id, question_id)
        if first is None:
            samples = self._turns.take(ask.model, question_id, count=ask.choices, stored=len(stored))
        else:
            samples = self._from(first, count=ask.choices, stored=len(stored))
        name = f"{ask.model}/{question_id}/{samples[0] if samples else None}"
        plan = self._faults.plan(name, self._attempts[name])
        self._attempts[name] += 1
        order = Order(ask, question_id, samples, first is None, [_spoiled(stored[n], plan) for n in samples], plan)
        if len(samples) < ask.choices:
            self.give_back(order)
            raise Refusal(410, "exhausted", _used_up(ask, question_id, len(stored)))
        return order

    def served(self, order: Order) -> None:
        """The completions of this order are being sent."""
        self.tally.serve(order.ask.model, order.question_id, order.samples)

    def give_back(self, order: Order) -> None:
        """They did not arrive."""
        if order.in_turn:
            self._turns.give_back(order.ask.model, order.question_id, order.samples)

    def _from(self, first: int, *, count: int, stored: int) -> list[int]:
        if self._cycle and stored:
            return [number % stored for number in range(first, first + count)]
        return list(range(first, min(first + count, stored)))

    def _question(self, ask: Ask) -> str:
        if not self.stored.knows(ask.model):
            there = ", ".join(self.stored.models)
            raise Refusal(404, "unknown_model", f"The model {ask.model!r} is not stored here; there is: {there}.")
        for prompt in ask.prompts:
            question_id = self._index.find(prompt)
            if question_id is not None:
                return question_id
        raise Refusal(
            400, "unknown_problem", "No statement of this dataset's problems is in the prompt; is it the same dataset?"
        )


def _numbered_sample(request_id: str | None, question_id: str) -> int | None:
    named, _, number = unquote(request_id or "").rpartition("/")
    return int(number) if named == question_id and number.isdecimal() and len(number) < 9 else None


def _used_up(ask: Ask, question_id: str, stored: int) -> str:
    if stored == 0:
        return f"Nothing is stored for problem {question_id} and model {ask.model!r}."
    return f"All {stored} stored completions of problem {question_id} were handed out; --cycle starts over."


def _spoiled(completion: Completion, plan: Plan) -> Completion:
    if plan.fault is Fault.EMPTY:
        return replace(completion, text="", finish_reason="stop", completion_tokens=None)
    if plan.fault is Fault.TRUNCATE:
        text = completion.text[: int(len(completion.text) * plan.keep)]
        return replace(completion, text=text, finish_reason="length", completion_tokens=tokens_in(text))
    return completion if completion.finish_reason else replace(completion, finish_reason="stop")
