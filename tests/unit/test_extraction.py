"""Extraction: the official rule with its surprises, and the two others."""

import gzip
import json
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from livecodebench.answers.extraction import Extraction, ExtractionRule, extract
from livecodebench.errors import InputError


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("Here:\n```python\nprint(1)\n```\nDone.", "print(1)"),
        ("```python\nfirst\n```\nand\n```python\nsecond\n```", "second"),
        ("```python\nprint(1)\n```\nprints\n```\n1\n```", "1"),  # the last block, whatever it holds
        ("```\na\n```\nbetween\n```\nb", "between"),  # the last two lines with backticks, paired or not
        ("  - x ```py\ncode\n text``` end", "code"),
        ("```python\r\nprint(1)\r\n```", "print(1)\r"),
        ("```python\nprint(1)", ""),
        ("~~~python\nprint(1)\n~~~", ""),
        ("print(1)", ""),
        ("", ""),
    ],
)
def test_the_official_rule_takes_what_stands_between_the_last_two_lines_with_backticks(text, code):
    assert extract(text).code == code


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("```python\nprint(1)\n```\nprints\n```\n1\n```", "print(1)"),
        ("```python\na\n```\n```py3\nb\n```\n```text\nc\n```", "b"),
        ("```\na\n```\nbetween\n```cpp\nb\n```", "b"),
        ("```python\na\n```\ncut off:\n```python\nb = ", "a"),
        ("````markdown\n```python\na\n```\n````", "```python\na\n```"),
        ("1. x\n   ```Python\n   if a:\n       b\n   ```", "if a:\n    b"),
        ("~~~python\na\n~~~", "a"),
        ("```python print(1)```\n```python\na\n```", "a"),
        ("```python\r\na\r\n```\r\n", "a\r"),
        ("```python\na\n~~~\nb\n```", "a\n~~~\nb"),
        ("no code", ""),
    ],
)
def test_last_fenced_pairs_fences_and_prefers_python(text, code):
    assert extract(text, "last_fenced").code == code


def test_whole_takes_everything_but_the_white_space_around_it():
    assert extract("\n  x = 1\n```\n ", "whole").code == "x = 1\n```"


@pytest.mark.parametrize("text", ["", "no fence", "```python\n```", "```\n \n\t\n```"])
def test_no_code_is_told(text):
    assert not extract(text).found


def test_the_rule_that_was_used_is_told():
    assert extract("```\nx\n```", "last_fenced") == Extraction("x", ExtractionRule.LAST_FENCED, found=True)


def test_an_unknown_rule_names_the_known_ones():
    with pytest.raises(InputError, match="'last' is not known: use one of official, last_fenced, whole"):
        extract("", "last")


@given(st.text(alphabet="`~ \n\rpython1x-"), st.sampled_from(ExtractionRule))
def test_any_text_gives_a_part_of_it(text, rule):
    extraction = extract(text, rule)
    assert extraction.found == bool(extraction.code.strip())
    assert all(line in text for line in extraction.code.split("\n"))


@pytest.mark.parity
def test_the_corpus_quirks_are_extracted_as_officially(corpus: Path):
    rows = [json.loads(line) for line in (corpus / "dev" / "extraction_quirks.jsonl").read_text().splitlines()]
    assert rows
    for row in rows:
        assert extract(row["output"]).code == row["extracted"], row["id"]
        assert extract(row["output"], "whole").code == row["extracted_base_style"], row["id"]


@pytest.mark.parity
def test_all_stored_answers_are_extracted_as_officially(corpus: Path):
    compared = 0
    with gzip.open(corpus / "dev" / "solutions.jsonl.gz", "rt", encoding="utf-8") as rows:
        for row in map(json.loads, rows):
            assert [extract(text).code for text in row["output_list"]] == row["code_list"], row["question_id"]
            compared += len(row["code_list"])
    assert compared > 1800
