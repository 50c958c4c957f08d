"""Conversations: OpenAI's chat and reasoning models, and the many that are asked alike.

The texts are LiveCodeBench's (MIT).
"""

from __future__ import annotations

from livecodebench.problem import Problem
from livecodebench.prompts.prompt import Message, Prompt, Style
from livecodebench.prompts.question import SYSTEM, generic_question

_WITH_MAIN = (
    "Implement a function called `main()` which orchastrates the solution by reading inputs from stdin and writing the"
    " answer to stdout. Feel free to use additional functions as necessary. Next do NOT forget to call `main` function"
    " at the end of the program otherwise you will not be awarded any points."
)


def _system_and_user(problem: Problem) -> Prompt:
    return Prompt(messages=(Message("system", SYSTEM), Message("user", generic_question(problem))))


def _user_only(problem: Problem) -> Prompt:
    """For models that took no system message when the style was made."""
    return Prompt(messages=(Message("user", f"{SYSTEM}\n\n{generic_question(problem)}"),))


def _user_only_with_main(problem: Problem) -> Prompt:
    question = generic_question(problem, with_stdin=_WITH_MAIN)
    return Prompt(messages=(Message("user", f"{SYSTEM}\n\n{question}"),))


STYLES = (
    Style("OpenAIChat", _system_and_user),
    Style("DeepSeekAPI", _system_and_user),
    Style("TogetherAI", _system_and_user),
    Style("CohereCommand", _system_and_user),
    Style("MistralWeb", _system_and_user),
    # Officially these messages, rendered by Meta-Llama-3-8B-Instruct's chat template: that is the server's part here,
    # so no tokenizer is downloaded. The template of Llama 3.1 and later also puts a date into the system message.
    Style("LLaMa3", _system_and_user, stop=("###",)),
    Style("OpenAIReasonPreview", _user_only),
    Style("Grok", _user_only),
    Style("OpenAIReason", _user_only_with_main),
)
