"""A request that the API will not take: whether the others can still succeed, and what the user can mend."""

from __future__ import annotations

from livecodebench.model_client.answer import error_code
from livecodebench.model_client.errors import ModelRefused
from livecodebench.model_client.key import ApiKey

_NO_CREDIT = frozenset({"insufficient_quota", "billing_hard_limit_reached"})
# The key, the account, the model's name or the address: the same for every request.
_FOR_ALL = frozenset({401, 402, 403, 404, 405, 429})
_TRANSIENT = frozenset({408, 409, 425})


def is_rate_limit(status: int, body: bytes) -> bool:
    """Whether the API asks to come back later; status 429 also means an account without credit."""
    return status == 429 and error_code(body) not in _NO_CREDIT


def may_pass(status: int) -> bool:
    """Whether the same request may succeed later."""
    return status >= 500 or status in _TRANSIENT


def refusal(said: str, *, status: int, url: str, key: ApiKey) -> ModelRefused:
    """The error for a refused request. `said` is what the API answered, fit to be shown."""
    message = f"the API at {url} refuses: {said}; {_fix(status, url, key)}"
    return ModelRefused(message, status=status, for_all=status in _FOR_ALL or status < 400)


def _fix(status: int, url: str, key: ApiKey) -> str:
    if status < 400:
        return "it answers from somewhere else: give that address as --base-url"
    if status in {401, 403} and not key:
        return f"it wants a key: put it into {key.variable}, or name another variable with --api-key-env"
    if status in {401, 403}:
        return f"check the key in {key.variable}, and that it may use this model"
    if status in {402, 429}:
        return "the account has no credit left: add some, then start the same command again"
    if status in {404, 405}:
        raw = "" if url.endswith("/chat/completions") else "; an API without /completions needs --endpoint chat"
        return f"check the model's name, and --base-url: it usually ends in /v1{raw}"
    if status == 410:
        return "it does not have this answer"
    return "check the sampling options and --extra-body; OpenAI's reasoning models need --reasoning"
