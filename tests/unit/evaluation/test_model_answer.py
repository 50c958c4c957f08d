"""Responses of APIs, read: the shapes that are about, and every kind of nonsense."""

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from livecodebench.model_client.answer import UnreadableAnswer, error_code, error_message, read_completion


def response(message=None, *, finish_reason="stop", **fields):
    choice = {
        "index": 0,
        "finish_reason": finish_reason,
        "message": {"role": "assistant", "content": "x", **(message or {})},
    }
    return json.dumps({"model": "m-2026", "choices": [choice], **fields}).encode()


def test_plain():
    usage = {"prompt_tokens": 11, "completion_tokens": 22, "total_tokens": 33}
    completion = read_completion(response(usage=usage))
    assert (completion.text, completion.reasoning, completion.finish_reason) == ("x", "", "stop")
    assert (completion.prompt_tokens, completion.completion_tokens) == (11, 22)
    assert completion.served_model == "m-2026"
    assert not completion.truncated
    assert not completion.empty


@pytest.mark.parametrize("field", ["reasoning_content", "reasoning"])
def test_reasoning_is_apart(field):
    completion = read_completion(response({field: "```python\nwrong\n```", "content": "right"}))
    assert (completion.text, completion.reasoning) == ("right", "```python\nwrong\n```")


@pytest.mark.parametrize(
    "message", [{"content": None}, {"content": ""}, {"content": " \n"}, {"content": None, "refusal": "No."}]
)
def test_empty(message):
    assert read_completion(response(message | {"reasoning_content": "Hm."})).empty


@pytest.mark.parametrize(
    ("reason", "truncated"), [("length", True), ("max_tokens", True), ("stop", False), (None, False)]
)
def test_truncated(reason, truncated):
    assert read_completion(response(finish_reason=reason)).truncated is truncated


def test_content_in_parts():
    parts = [{"type": "thinking", "text": "hm"}, {"type": "text", "text": "a"}, {"type": "text", "text": "b"}]
    assert read_completion(response({"content": parts})).text == "ab"


def test_text_completion():
    body = {"choices": [{"text": "the rest", "finish_reason": "length"}]}
    completion = read_completion(json.dumps(body).encode())
    assert (completion.text, completion.truncated, completion.prompt_tokens) == ("the rest", True, None)


@pytest.mark.parametrize("count", ["7", -1, 1.5, True, 10**15, None, [7]])
def test_counts_that_are_none(count):
    assert read_completion(response(usage={"prompt_tokens": count})).prompt_tokens is None


@pytest.mark.parametrize(
    ("body", "said"),
    [
        (b"", "not JSON"),
        (b"<html>502 Bad Gateway</html>", "not JSON"),
        (b"\xff\xfe", "not JSON"),
        (b"[" * 200_000, "not JSON"),
        (b"[]", "not a JSON object"),
        (b"{}", "no choices"),
        (b'{"choices": []}', "no choices"),
        (b'{"choices": ["x"]}', "no choices"),
        (b'{"error": {"message": "upstream is down", "code": 502}}', "upstream is down"),
        (response(finish_reason="error"), "broke the answer off"),
    ],
)
def test_no_answer(body, said):
    with pytest.raises(UnreadableAnswer, match=said):
        read_completion(body)


@pytest.mark.parametrize(
    ("body", "message", "code"),
    [
        (b'{"error": {"message": "bad", "type": "t", "code": "c"}}', "bad", "c"),
        (b'{"error": {"message": "bad", "type": "t", "code": null}}', "bad", "t"),
        (b'{"error": "model not found"}', "model not found", ""),
        (b'{"object": "error", "message": "too long", "code": 400}', "too long", ""),
        (b'{"detail": "Unauthorized"}', "Unauthorized", ""),
        (b'{"detail": [{"loc": 1}]}', '{"detail": [{"loc": 1}]}', ""),
        (b"<h1>Bad Gateway</h1>\n", "<h1>Bad Gateway</h1>", ""),
        (b"\xff", "�", ""),
        (b"", "", ""),
    ],
)
def test_errors(body, message, code):
    assert error_message(body) == message
    assert error_code(body) == code


_JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(),
    lambda inner: (
        st.lists(inner) | st.dictionaries(st.sampled_from(["choices", "message", "content", "usage", "error"]), inner)
    ),
)


@given(_JSON)
def test_any_json_is_an_answer_or_is_refused(value):
    body = json.dumps(value).encode()
    try:
        completion = read_completion(body)
    except UnreadableAnswer:
        pass
    else:
        assert isinstance(completion.text, str)
    assert isinstance(error_message(body), str)
    assert isinstance(error_code(body), str)
