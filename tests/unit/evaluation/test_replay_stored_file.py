"""Generations files as the replay server reads them, and what is said of bad ones."""

import gzip
import json

import pytest

from livecodebench.answers.completion import Completion
from livecodebench.errors import InputError
from livecodebench.replay.stored_file import read_stored


def write(tmp_path, *rows):
    path = tmp_path / "generations.jsonl"
    path.write_text("".join(json.dumps(row) + "\n" for row in rows))
    return path


def test_rows_are_joined_in_order(tmp_path):
    path = write(
        tmp_path,
        {
            "question_id": "a",
            "model": "m",
            "output_list": ["one", "two"],
            "code_list": ["1", "2"],
            "graded_list": [True],
        },
        {"question_id": "a", "output_list": ["nobody's"]},
        {"question_id": "a", "model": "m", "output_list": ["three"]},
    )
    stored = read_stored(path)
    assert [completion.text for completion in stored.samples("m", "a")] == ["one", "two", "three"]
    assert [completion.text for completion in stored.samples("other", "a")] == ["nobody's"]
    assert stored.models == ["default", "m"]
    assert len(stored) == 4
    assert stored.samples("m", "b") == ()


def test_what_evaluate_writes_beside_the_text(tmp_path):
    row = {
        "question_id": "a",
        "output_list": ["x", ""],
        "reasoning_list": ["because", ""],
        "finish_reasons": ["length", None],
        "prompt_tokens": [5, None],
        "completion_tokens": [7, 0],
    }
    assert list(read_stored(write(tmp_path, row)).samples("any", "a")) == [
        Completion(text="x", reasoning="because", finish_reason="length", prompt_tokens=5, completion_tokens=7),
        Completion(text="", reasoning="", finish_reason=None, prompt_tokens=None, completion_tokens=0),
    ]


def test_programs_without_words_are_fenced(tmp_path):
    stored = read_stored(write(tmp_path, {"question_id": "a", "code_list": ["print(1)"]}))
    assert stored.samples("any", "a")[0].text == "```python\nprint(1)\n```"


def test_a_list_packed(tmp_path):
    path = tmp_path / "answers.json"
    path.write_bytes(gzip.compress(json.dumps([{"question_id": "a", "output_list": ["x"]}]).encode()))
    assert len(read_stored(path)) == 1


@pytest.mark.parametrize(
    ("row", "said"),
    [
        ({"output_list": ["x"]}, "question_id: missing"),
        ({"question_id": 7, "output_list": ["x"]}, "question_id: must be a string, is a number"),
        ({"question_id": "a", "model": 7, "output_list": ["x"]}, "model: must be a string"),
        ({"question_id": "a"}, "output_list: missing, and code_list too"),
        ({"question_id": "a", "output_list": "x"}, "output_list: must be a list of strings, is a string"),
        ({"question_id": "a", "output_list": ["x", None]}, r"output_list\[1\]: must be a string, is null"),
        ({"question_id": "a", "output_list": ["x"], "finish_reasons": []}, "finish_reasons: must be a list with one"),
        ({"question_id": "a", "output_list": ["x"], "prompt_tokens": ["7"]}, r"prompt_tokens\[0\]: cannot be a string"),
        (["a"], "a JSON object is expected"),
    ],
)
def test_bad_rows_are_named(tmp_path, row, said):
    path = write(tmp_path, {"question_id": "a", "output_list": []}, row)
    with pytest.raises(InputError, match=f"generations.jsonl:2: {said}"):
        read_stored(path)
