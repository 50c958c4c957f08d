"""The request: what is sent, under which name, and what may not be changed in it."""

import pytest

from livecodebench.errors import InputError
from livecodebench.model_client.sampling import Sampling, parse_extra_body

QUESTION = {"messages": [{"role": "user", "content": "?"}]}


def body(sample=0, **settings):
    return Sampling(**settings).body(QUESTION, model="m", sample=sample)


def test_only_what_is_set_is_sent():
    assert body() == {"model": "m", **QUESTION}


def test_all():
    assert body(temperature=0.0, top_p=0.95, max_tokens=7, seed=5, stop=("a", "b")) == {
        "model": "m",
        **QUESTION,
        "temperature": 0.0,
        "top_p": 0.95,
        "max_tokens": 7,
        "seed": 5,
        "stop": ["a", "b"],
    }


def test_samples_have_different_seeds():
    assert [body(sample, seed=5)["seed"] for sample in range(3)] == [5, 6, 7]


def test_reasoning_models():
    assert body(reasoning=True, max_tokens=7) == {"model": "m", **QUESTION, "max_completion_tokens": 7}


def test_extra_body_wins():
    sent = body(temperature=0.5, extra_body={"temperature": 1, "top_k": 20, "chat_template_kwargs": {"thinking": True}})
    assert sent["temperature"] == 1
    assert sent["top_k"] == 20
    assert sent["chat_template_kwargs"] == {"thinking": True}


@pytest.mark.parametrize("name", ["messages", "model", "n", "prompt", "stream"])
def test_what_is_not_for_extra_body(name):
    with pytest.raises(InputError, match=f"extra-body: '{name}' is set by the command itself"):
        Sampling(extra_body={name: 1})


def test_extra_body_is_an_object():
    assert parse_extra_body('{"top_k": 20}') == {"top_k": 20}
    for text in ("", "{", "[]", "1", "[" * 100_000):
        with pytest.raises(InputError, match="extra-body"):
            parse_extra_body(text)
