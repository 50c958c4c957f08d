"""What verifiers copies into every rollout and every line of results."""

import json

import pytest

from livecodebench.dataset.opening import open_dataset
from livecodebench.environment.rows import row_of
from livecodebench.prompts import find_style


@pytest.fixture
def problem(problems_file):
    return open_dataset(problems_file)["own_a"]


def test_a_row_is_the_prompt_and_the_id(problem):
    row = row_of(problem, find_style("OpenAIChat"))
    assert row == {
        "prompt": [
            {"role": message.role, "content": message.content}
            for message in find_style("OpenAIChat").build(problem).messages
        ],
        "info": {"question_id": "own_a"},
    }
    assert [message["role"] for message in row["prompt"]] == ["system", "user"]


def test_no_test_is_in_a_row(write, data):
    secret = [{"input": "hidden-input", "output": "hidden-output", "testtype": "stdin"}]
    path = write([data.row("own_s", private_test_cases=data.packed(secret), public_test_cases=json.dumps(secret))])
    assert "hidden" not in json.dumps(row_of(open_dataset(path)["own_s"], find_style("OpenAIChat")))


def test_a_raw_text_becomes_a_user_message(problem):
    style = find_style("GenericBase")
    assert row_of(problem, style)["prompt"] == [{"role": "user", "content": style.build(problem).text}]


@pytest.mark.parametrize("style", ["OpenAIChat", "Claude3", "OpenAIReason"])
def test_a_system_prompt_of_ones_own_replaces_the_styles(problem, style):
    official = row_of(problem, find_style(style))["prompt"]
    own = row_of(problem, find_style(style), "Answer in Python.")["prompt"]
    assert own[0] == {"role": "system", "content": "Answer in Python."}
    assert own[1:] == [message for message in official if message["role"] != "system"]
    assert row_of(problem, find_style(style), "")["prompt"] == own[1:], "an empty one leaves it out"
