"""Anthropic's models: 1 and 2 by the Human/Assistant text, 3 and later with the system text apart.

The texts are LiveCodeBench's (MIT).
"""

from __future__ import annotations

from livecodebench.problem import Problem
from livecodebench.prompts.prompt import Endpoint, Message, Prompt, Style
from livecodebench.prompts.question import SYSTEM, generic_question

_HUMAN = "\n\nHuman:"
_ASSISTANT = "\n\nAssistant:"


def _turns_as_text(problem: Problem) -> Prompt:
    return Prompt(text=f"{_HUMAN}\n{SYSTEM}\n\n{generic_question(problem).rstrip()}\n{_ASSISTANT}")


def _system_apart(problem: Problem) -> Prompt:
    return Prompt(system=SYSTEM, messages=(Message("user", generic_question(problem).rstrip()),))


STYLES = (
    Style("Claude", _turns_as_text, endpoint=Endpoint.COMPLETIONS),
    Style("Claude3", _system_apart),
    Style("Claude3Thinking", _system_apart),
)
