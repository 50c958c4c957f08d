"""A request that the gateway does not carry out, and why."""

from __future__ import annotations

from typing import Any


class Refusal(Exception):
    """What the gateway does not do. The words are for a person.

    Attributes:
        status: Of HTTP.
        fields: What else to say.
        again_s: When to ask again; None where it will be no different then.
    """

    def __init__(self, status: int, words: str, *, again_s: float | None = None, **fields: Any) -> None:  # noqa: ANN401
        super().__init__(words)
        self.status = status
        self.fields = fields
        self.again_s = again_s
