"""What is tried again, how often, and what is raised then."""

from __future__ import annotations

import pytest

from lcb_ray.errors import PoolClosed, ProtocolError, SandboxLost, SandboxOverloaded, SandboxUnusable
from lcb_ray.retry import MAX_ATTEMPTS, retried


def failing(times, error):
    tried = []

    def attempt(number):
        tried.append(number)
        if len(tried) <= times:
            raise error
        return "done"

    return attempt, tried


@pytest.mark.parametrize("error", [SandboxLost("gone"), SandboxOverloaded("busy"), ProtocolError("nonsense")])
def test_a_lost_sandbox_is_tried_again(error):
    attempt, tried = failing(MAX_ATTEMPTS - 1, error)
    assert retried(attempt) == "done"
    assert tried == list(range(1, MAX_ATTEMPTS + 1))


def test_not_for_ever_and_the_error_says_how_often():
    attempt, tried = failing(99, SandboxLost("gone"))
    with pytest.raises(SandboxLost, match=f"gone .tried {MAX_ATTEMPTS} times") as caught:
        retried(attempt)
    assert caught.value.attempts == MAX_ATTEMPTS == len(tried)


@pytest.mark.parametrize("error", [SandboxUnusable("no"), PoolClosed("closed"), KeyError("a bug")])
def test_nothing_else_is(error):
    attempt, tried = failing(1, error)
    with pytest.raises(type(error)):
        retried(attempt)
    assert tried == [1]
