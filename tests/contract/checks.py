"""The check functions of these tests, and what they make: all that travels to a pool, wherever that is.

Imports nothing but what runs there, too.
"""

from __future__ import annotations

from dataclasses import dataclass

from lcb_ray.agent.protocol import ExecutionResult
from lcb_ray.batch import Case
from lcb_ray.gateway.codec import Codec


@dataclass(frozen=True)
class Seen:
    """A verdict that keeps what it was made of."""

    result: ExecutionResult
    passed: bool


def see(result: ExecutionResult, case: Case) -> Seen:
    """A check: right where the output is the expected one, or nothing is expected."""
    return Seen(result, case.expected is None or result.stdout == case.expected)


def raises_key_error(result: ExecutionResult, case: Case) -> Seen:
    """A check with a bug."""
    raise KeyError("of the judge")


def contract_codec() -> Codec:
    """For these."""
    return Codec(types=[Seen], functions=[see, raises_key_error])
