"""The table of styles, and the one function that most callers need."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

from livecodebench.errors import InputError
from livecodebench.problem import Problem
from livecodebench.prompts import base_model, chat, claude, gemini, markup
from livecodebench.prompts.prompt import Prompt, Style

STYLES: Mapping[str, Style] = MappingProxyType(
    {style.name: style for family in (chat, claude, gemini, markup, base_model) for style in family.STYLES}
)

# Named by LiveCodeBench for its other scenarios; for code generation the official prompt module refuses them.
_WITHOUT_PROMPT = frozenset({"CodeLLaMaInstruct", "DataBricks", "StarCoderInstruct"})


def find_style(name: str) -> Style:
    """The style of that name.

    Raises:
        InputError: There is none, or LiveCodeBench has no code generation prompt for it; the message lists the others.
    """
    try:
        return STYLES[name]
    except KeyError:
        why = "has no code generation prompt in LiveCodeBench" if name in _WITHOUT_PROMPT else "is unknown"
        raise InputError(f"prompt style {name!r} {why}; choose one of {', '.join(sorted(STYLES))}") from None


def build_prompt(problem: Problem, style: str) -> Prompt:
    """The official prompt of a problem.

    Args:
        problem: The problem; its statement and starter code are used as they are.
        style: LiveCodeBench's name of the style, a key of STYLES.

    Raises:
        InputError: The style is unknown, or has no code generation prompt.
    """
    return find_style(style).build(problem)
