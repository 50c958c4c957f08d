from __future__ import annotations

import pytest

from lcb_ray.errors import SandboxUnusable
from lcb_ray.gateway.tokens import Tokens

A, B, C = "a" * 16, "b" * 16, "c" * 16


def test_a_token_for_each_domain():
    tokens = Tokens.read(f"# who\n\none {A}\ntwo {B}\none {C}\n")
    assert [tokens.domain_of(token) for token in (A, B, C)] == ["one", "two", "one"]
    assert tokens.domain_of("") is tokens.domain_of(f"one {A}") is tokens.domain_of("\udcff") is None
    assert A not in repr(vars(tokens))


def test_a_token_alone_is_of_the_default_domain():
    assert Tokens.read(f"{A}\n").domain_of(A) == "default"


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("", "at least 16"),
        ("one short", "at least 16"),
        (f"one {A}\nb/d {B}", "line 2"),
        (f"one {A} {B}", "line 1"),
        (f"one {A}\ntwo {A}", "line 2"),
    ],
)
def test_tokens_that_are_none(text, words):
    with pytest.raises(SandboxUnusable, match=words):
        Tokens.read(text)
