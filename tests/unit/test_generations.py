"""Stored answers become submissions."""

from __future__ import annotations

import hashlib
import json
from collections import defaultdict

import pytest
from hypothesis import given
from hypothesis import strategies as st

from livecodebench.answers.generations import AnswerKind, Generation, open_generations
from livecodebench.errors import InputError
from livecodebench.submission import Submission

PROBLEMS = ("a", "b", "c")
FENCED = "Here:\n```python\nprint(1)\n```\n"


def read(path, **options):
    return open_generations(path, problems=PROBLEMS, **options)


@pytest.mark.parametrize("name", ["g.jsonl", "g.jsonl.gz"])
def test_samples_are_counted_over_the_whole_file(write, name):
    path = write(
        [
            {"question_id": "b", "model": "m", "code_list": ["b0", "b1"], "graded_list": "ignored"},
            {"question_id": "a", "code_list": ["a0"]},
            {"question_id": "b", "model": None, "code_list": ["b0"]},
            {"question_id": "b", "model": "m", "code_list": [], "output_list": ["not taken"]},
            {"question_id": "b", "model": "m", "output_list": [FENCED]},
        ],
        name,
    )
    generations = read(path)
    code, words = AnswerKind.CODE, AnswerKind.COMPLETION
    assert list(generations) == [
        Generation(Submission("b", "b0", "m", 0), code, f"{path}:1: code_list[0]"),
        Generation(Submission("b", "b1", "m", 1), code, f"{path}:1: code_list[1]"),
        Generation(Submission("a", "a0", None, 0), code, f"{path}:2: code_list[0]"),
        Generation(Submission("b", "b0", None, 0), code, f"{path}:3: code_list[0]"),
        Generation(Submission("b", "print(1)", "m", 2), words, f"{path}:5: output_list[0]"),
    ]
    assert list(generations) == list(generations)
    assert len(generations) == 5
    assert generations.models == ("m", None)
    assert generations.question_ids == {"a", "b"}
    assert generations.sha256 == hashlib.sha256(path.read_bytes()).hexdigest()


def test_a_json_list_gives_the_same(tmp_path, write):
    rows = [{"question_id": "a", "code_list": ["1"]}, {"question_id": "a", "output_list": [FENCED, "none"]}]
    listed = tmp_path / "list"
    listed.write_text(json.dumps(rows, indent=4))
    assert [g.submission for g in read(listed)] == [g.submission for g in read(write(rows))]
    assert [g.place for g in read(listed)] == [
        f"{listed}:2: code_list[0]",
        f"{listed}:8: output_list[0]",
        f"{listed}:8: output_list[1]",
    ]


def test_code_is_taken_as_it_is_and_extraction_applies_to_completions_only(write):
    path = write([{"question_id": "a", "code_list": [FENCED], "output_list": ["print(2)"]}])
    assert [generation.submission.code for generation in read(path)] == [FENCED]
    path = write([{"question_id": "a", "code_list": None, "output_list": [FENCED, "no code", "```py\nx"]}])
    assert [generation.submission.code for generation in read(path)] == ["print(1)", "", ""]
    assert [generation.submission.code for generation in read(path, rule="whole")][1] == "no code"
    with pytest.raises(InputError, match="extraction rule 'nope' is not known"):
        read(path, rule="nope")


@given(
    st.lists(
        st.fixed_dictionaries(
            {
                "question_id": st.sampled_from(PROBLEMS),
                "model": st.sampled_from([None, "m", "n"]),
                "code_list": st.lists(st.text(max_size=3), max_size=3),
            }
        ),
        min_size=1,
    )
)
def test_numbering_property(tmp_path_factory, rows):
    path = tmp_path_factory.getbasetemp() / "generations"
    path.write_text(json.dumps(rows))
    expected = defaultdict(list)
    for row in rows:
        expected[row["model"], row["question_id"]] += row["code_list"]
    expected = {key: codes for key, codes in expected.items() if codes}
    if not expected:
        with pytest.raises(InputError, match="holds no answer"):
            read(path)
        return
    found = defaultdict(list)
    generations = read(path)
    for generation in generations:
        submission = generation.submission
        assert submission.sample == len(found[submission.model, submission.question_id])
        found[submission.model, submission.question_id].append(submission.code)
    assert found == expected
    assert len(generations) == sum(map(len, expected.values()))
    assert set(generations.models) == {model for model, _ in expected}
    assert generations.question_ids == {question_id for _, question_id in expected}


def test_unknown_problems_are_listed_unless_skipped(write):
    path = write([{"question_id": name, "code_list": ["x"]} for name in ("a", "zz", "yy", "zz")])
    with pytest.raises(InputError, match=r"question_id: the dataset has no problem yy, zz: .* --skip-unknown"):
        read(path)
    generations = read(path, skip_unknown=True)
    assert [generation.submission.question_id for generation in generations] == ["a"]
    assert generations.unknown_ids == {"yy", "zz"}
    with pytest.raises(InputError, match="holds no answer to a problem of the dataset"):
        open_generations(path, problems=(), skip_unknown=True)


def test_problems_that_the_filters_left_out_are_not_unknown(write):
    path = write([{"question_id": name, "code_list": ["x", "y"]} for name in ("a", "filtered")])
    generations = read(path, known={"a", "filtered"})
    assert len(list(generations)) == len(generations) == 2
    assert generations.filtered == 2
    assert generations.unknown_ids == frozenset()


@pytest.mark.parametrize(
    ("row", "message"),
    [
        ({"code_list": ["x"]}, "question_id: missing"),
        ({"question_id": 2727, "code_list": ["x"]}, "question_id: must be a string, is a number: put it in quotes"),
        ({"question_id": None, "code_list": ["x"]}, "question_id: must be a string, is null"),
        ({"question_id": "\ud800", "code_list": ["x"]}, "question_id: holds half of a surrogate pair"),
        ({"question_id": "a", "model": 1, "code_list": ["x"]}, "model: must be a string, is a number"),
        ({"question_id": "a"}, "code_list: missing, and output_list too"),
        ({"question_id": "a", "code_list": "x"}, "code_list: must be a list of strings, is a string"),
        ({"question_id": "a", "code_list": ["x", None]}, "code_list[1]: must be a string, is null"),
        ({"question_id": "a", "code_list": [["x"]]}, "code_list[0]: must be a string, is a list"),
        ({"question_id": "a", "output_list": {}}, "output_list: must be a list of strings, is an object"),
        ({"question_id": "a", "output_list": [1]}, "output_list[0]: must be a string, is a number"),
    ],
)
def test_a_wrong_row_is_named_before_anything_is_handed_out(write, row, message):
    path = write([{"question_id": "a", "code_list": ["x"]}, row])
    with pytest.raises(InputError) as caught:
        read(path, skip_unknown=True)
    assert str(caught.value).startswith(f"{path}:2: {message}")


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (b"", "the file is empty"),
        (b"\n\n", "holds no answer"),
        (b"[]", "holds no answer"),
        (b'{"question_id": "a", "code_list": []}', "holds no answer"),
    ],
)
def test_empty_files(write, content, message):
    with pytest.raises(InputError, match=message):
        read(write(content))


def test_a_file_that_changes_while_it_is_judged_is_noticed(write):
    path = write([{"question_id": "a", "code_list": ["x"]}])
    generations = read(path)
    write([{"question_id": "a", "code_list": ["y"]}])
    with pytest.raises(InputError, match="has changed since it was checked"):
        list(generations)
