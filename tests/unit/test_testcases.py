"""JSON lists of tests."""

from __future__ import annotations

import json

import pytest

from livecodebench.dataset.testcases import parse_testcases
from livecodebench.errors import DatasetError
from livecodebench.problem import TestCase


def test_order_is_kept_and_other_keys_are_ignored():
    text = """[{"input": "", "output": "1", "testtype": "stdin", "note": [1]},
               {"output": "\\u00e9", "testtype": "functional", "input": "\\ud83d\\ude00"}]"""
    assert parse_testcases(text, place="f:1: c") == (TestCase("", "1"), TestCase("😀", "é"))
    assert parse_testcases(" [] ", place="f:1: c") == ()


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"output": ...}, "f:1: c[1].output: must be a string, is missing"),
        ({"input": ...}, "f:1: c[1].input: must be a string, is missing"),
        ({"output": None}, "f:1: c[1].output: must be a string, is null"),
        ({"output": 3}, "f:1: c[1].output: must be a string, is a number"),
        ({"input": ["1"]}, "f:1: c[1].input: must be a string, is a list"),
        ({"testtype": ...}, 'f:1: c[1].testtype: must be "stdin" or "functional"'),
        ({"testtype": "file"}, 'f:1: c[1].testtype: must be "stdin" or "functional"'),
        ({"testtype": ["stdin"]}, 'f:1: c[1].testtype: must be "stdin" or "functional"'),
        ({"output": "\ud800"}, "f:1: c[1].output: holds half of a surrogate pair"),
    ],
)
def test_a_wrong_test_is_named(change, message):
    good = {"input": "1", "output": "2", "testtype": "stdin"}
    wrong = {key: value for key, value in (good | change).items() if value is not ...}
    with pytest.raises(DatasetError) as caught:
        parse_testcases(json.dumps([good, wrong]), place="f:1: c")
    assert str(caught.value).startswith(message)


@pytest.mark.parametrize("text", ["", "{}", "null", "[", "[1]", '["a"]', "[" * 100_000, f"[{'1' * 5000}]"])
def test_what_is_no_list_of_tests(text):
    with pytest.raises(DatasetError, match=r"^f:1: c"):
        parse_testcases(text, place="f:1: c")
