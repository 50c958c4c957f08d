"""Prompts by style, on problems written for these tests. The comparison with the official texts is tests/parity's."""

import json
from dataclasses import replace
from datetime import datetime
from importlib.resources import files

import pytest

from livecodebench.answers.extraction import ExtractionRule
from livecodebench.errors import InputError
from livecodebench.problem import Difficulty, Platform, Problem
from livecodebench.prompts import (
    GENERIC_STYLE,
    STYLES,
    Endpoint,
    Message,
    Prompt,
    build_prompt,
    find_style,
    style_for,
)

STDIN = Problem(
    question_id="own_a",
    title="Double",
    content="Read n.\r\nPrint 2n.  ",
    platform=Platform.ATCODER,
    difficulty=Difficulty.EASY,
    contest_id="own",
    contest_date=datetime(2024, 1, 2),
    starter_code="",
    func_name=None,
    public_tests=(),
    private_tests=lambda: (),
)
STARTER = "class Solution:\n    def double(self, n: int) -> int:\n        "
FUNCTIONAL = replace(STDIN, question_id="9001", starter_code=STARTER, func_name="double")


def whole_text(prompt: Prompt) -> str:
    """All that the model is shown."""
    return "\n".join(message["content"] for message in prompt.chat_messages())


def test_the_generic_style_in_full():
    system, user = build_prompt(STDIN, GENERIC_STYLE).messages

    assert system == Message(
        "system",
        "You are an expert Python programmer. You will be given a question (problem specification) and will generate a "
        "correct Python program that matches the specification and passes all tests.",
    )
    assert user == Message(
        "user",
        "### Question:\nRead n.\r\nPrint 2n.  \n\n### Format: Read the inputs from stdin solve the problem and write "
        "the answer to stdout (do not directly test on the sample inputs). Enclose your code within delimiters as "
        "follows. Ensure that when the python program runs, it reads the inputs, runs the algorithm and writes output "
        "to STDOUT.\n"
        "```python\n# YOUR CODE HERE\n```\n\n### Answer: (use the provided format with backticks)\n\n",
    )


def test_starter_code_is_shown_as_it_is_in_every_style():
    for style in STYLES:
        text = whole_text(build_prompt(FUNCTIONAL, style))

        assert STARTER in text, style
        assert "stdin" not in text, style


def test_every_style_shows_the_statement_and_nothing_of_the_tests():
    for style in STYLES:
        text = whole_text(build_prompt(STDIN, style))

        assert "Read n.\r\nPrint 2n.  " in text, style
        assert STARTER not in text, style


def test_a_prompt_has_exactly_one_official_form():
    for style in STYLES:
        prompt = build_prompt(STDIN, style)

        assert (prompt.text is None) == bool(prompt.messages), style
        assert prompt.text is None or prompt.system is None, style


def test_claude_3_keeps_the_system_text_apart_and_a_chat_api_gets_it_first():
    prompt = build_prompt(STDIN, "Claude3")

    assert prompt.system is not None
    assert [message.role for message in prompt.messages] == ["user"]
    assert prompt.chat_messages()[0] == {"role": "system", "content": prompt.system}
    assert prompt.messages[0].content.endswith("(use the provided format with backticks)")


def test_a_raw_text_is_one_user_message_for_a_chat_api():
    prompt = build_prompt(STDIN, "Gemini")

    assert prompt.chat_messages() == [{"role": "user", "content": prompt.text}]


def test_the_llama_3_style_leaves_the_template_to_the_server():
    assert build_prompt(STDIN, "LLaMa3") == build_prompt(STDIN, GENERIC_STYLE)


def test_the_base_model_style_shows_one_solved_example_of_the_same_kind():
    examples = json.loads(files("livecodebench.prompts").joinpath("examples.json").read_text(encoding="utf-8"))
    for problem, kind in ((STDIN, "stdin"), (FUNCTIONAL, "functional")):
        text = build_prompt(problem, "GenericBase").text

        assert text is not None
        assert text.startswith(f"### Question\n{examples[kind]['question']}\n\n")
        assert text.count(examples[kind]["answer"]) == 1
        assert text.count("### Question\n") == 2
        assert text.count("### Starter Code\n") == (2 if problem.starter_code else 0)
        assert text.endswith("### Answer\n\n")


def test_only_the_base_model_style_takes_the_whole_answer_as_code():
    assert [name for name, style in STYLES.items() if style.extraction is ExtractionRule.WHOLE] == ["GenericBase"]


def test_raw_texts_with_markup_go_to_a_completions_api():
    completions = {name for name, style in STYLES.items() if style.endpoint is Endpoint.COMPLETIONS}

    assert completions == {"Claude", "DeepSeekCodeInstruct", "CodeQwenInstruct", "QwQ", "DeepSeekR1", "GenericBase"}


def test_stop_strings_are_for_the_models_that_livecodebench_runs_itself():
    stopped = {name for name, style in STYLES.items() if style.stop}

    assert stopped == {"LLaMa3", "DeepSeekCodeInstruct", "CodeQwenInstruct", "QwQ", "DeepSeekR1", "GenericBase"}


@pytest.mark.parametrize(
    ("name", "why"),
    [("StarCoderInstruct", "has no code generation prompt"), ("openaichat", "is unknown"), ("", "is unknown")],
)
def test_a_style_that_does_not_exist_is_refused_with_the_list(name: str, why: str):
    with pytest.raises(InputError, match=why) as caught:
        build_prompt(STDIN, name)

    assert "OpenAIChat" in str(caught.value)


@pytest.mark.parametrize(
    ("model", "style"),
    [
        ("gpt-4o-2024-08-06", "OpenAIChat"),
        ("o1-mini-2024-09-12", "OpenAIReasonPreview"),
        ("o3-mini-2025-01-31__high", "OpenAIReason"),
        ("o3-mini-2025-01-31", "OpenAIReason"),
        ("Qwen/Qwen2.5-7B-Instruct", "CodeQwenInstruct"),
        ("meta-llama/Meta-Llama-3-8B", "GenericBase"),
        ("meta-llama/Meta-Llama-3-8B-Instruct", "LLaMa3"),
        ("grok-3-mini-beta_high", "Grok"),
    ],
)
def test_a_listed_model_has_its_official_style(model: str, style: str):
    assert style_for(model) == (style, False)


def test_an_unknown_model_gets_the_generic_style_and_is_said_to_be_a_guess():
    assert style_for("my-own-model") == (GENERIC_STYLE, True)


def test_every_listed_model_has_a_style_with_a_prompt():
    from livecodebench.prompts import models

    for style in models._OFFICIAL:
        assert find_style(style).name == style
