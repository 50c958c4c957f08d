"""Google's models: one plain text, sent as the user's turn. The texts are LiveCodeBench's (MIT)."""

from __future__ import annotations

from livecodebench.problem import Problem
from livecodebench.prompts.prompt import Prompt, Style
from livecodebench.prompts.question import SYSTEM, generic_question

_FIRST_BLOCK_COUNTS = (
    " Do NOT use system calls like `exit` in the generated program. Ensure that the first code block contains the"
    " solution."
)


def _plain(problem: Problem) -> Prompt:
    return Prompt(text=f"{SYSTEM}{_FIRST_BLOCK_COUNTS}\n{generic_question(problem)}")


def _thinking(problem: Problem) -> Prompt:
    return Prompt(text=f"{SYSTEM}\n{generic_question(problem)}")


STYLES = (Style("Gemini", _plain), Style("GeminiThinking", _thinking))
