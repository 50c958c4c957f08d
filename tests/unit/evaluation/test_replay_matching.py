"""The problem is found in every style of prompt, however its statement is re-wrapped; where there is none, none is."""

from dataclasses import replace
from datetime import datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from livecodebench.errors import InputError
from livecodebench.problem import Difficulty, Platform, Problem
from livecodebench.prompts import STYLES
from livecodebench.replay.matching import ProblemIndex, text_of


@pytest.mark.parametrize("style", STYLES)
def test_every_style(problems, style):
    index = ProblemIndex(problems)
    for problem in problems:
        prompt = STYLES[style].build(problem)
        assert index.find(text_of(prompt.chat_messages())) == problem.question_id
        if prompt.text is not None:
            assert index.find(prompt.text) == problem.question_id


def test_the_last_statement_counts(problems):
    first, second, short, _ = problems
    index = ProblemIndex(problems)
    assert index.find(f"{first.content}\n\nAnswer: 1\n\n{second.content}") == second.question_id
    assert index.find(f"{second.content}\n\nAnswer: 1\n\n{first.content}") == first.question_id
    assert index.find(f"{first.content}\n\nAnswer: 1\n\n{short.content}") == short.question_id


def test_the_longer_of_two_that_begin_alike(problems):
    short = replace(problems[0], question_id="short")
    longer = replace(problems[0], question_id="longer", content=f"{problems[0].content} You must not multiply.")
    for order in ([short, longer], [longer, short]):
        index = ProblemIndex(order)
        assert index.find(f"Solve this: {longer.content} Thanks.") == "longer"
        assert index.find(f"Solve this: {short.content} Thanks.") == "short"


def test_a_statement_within_another(problems):
    whole = replace(problems[0], question_id="whole", content=f"Once upon a time. {problems[1].content} The end of it.")
    index = ProblemIndex([*problems, whole])
    assert index.find(whole.content) == "whole"
    assert index.find(problems[1].content) == problems[1].question_id


def test_the_same_beginning_is_not_enough(problems):
    index = ProblemIndex(problems)
    assert index.find(problems[0].content.rstrip()[:-3]) is None
    assert index.find("") is None
    assert index.find("Write a haiku about the number two.") is None


@given(
    space=st.lists(st.sampled_from([" ", "\n", "\r\n", "\t", "  \n    "]), min_size=40, max_size=40), before=st.text()
)
def test_white_space_does_not_matter(problems_for_property, space, before):
    index = ProblemIndex(problems_for_property)
    for problem in problems_for_property:
        words = problem.content.split()
        text = "".join(word + space[number % len(space)] for number, word in enumerate(words))
        assert index.find(f"{before} {text}") == problem.question_id


@pytest.fixture(scope="module")
def problems_for_property():
    contents = (
        "A string of zeros and ones is given; print how often it changes.",
        "Print the sum of two whole numbers a and b.",
    )
    return [
        Problem(str(n), "", text, Platform.ATCODER, Difficulty.EASY, "", datetime(2024, 1, 1), "", None, (), lambda: ())
        for n, text in enumerate(contents)
    ]


def test_a_problem_without_a_statement_is_named(problems):
    with pytest.raises(InputError, match="own_a: question_content is empty"):
        ProblemIndex([replace(problems[0], content=" \n")])


def test_content_in_parts():
    messages = [
        {"role": "system", "content": "one"},
        {"role": "user", "content": [{"type": "text", "text": "two"}, {"type": "image_url"}, "no part", {"text": 3}]},
        {"role": "user", "content": None},
        {"role": "user", "content": "three"},
    ]
    assert text_of(messages) == "one\ntwo\nthree"
