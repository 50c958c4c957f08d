"""A problem as a row of verifiers' dataset: the prompt and the problem's id, no tests.

verifiers copies rows into every rollout and every line of results: what is large, or secret from the model, stays out.
"""

from __future__ import annotations

from typing import Any

from livecodebench.problem import Problem
from livecodebench.prompts import Style


def row_of(problem: Problem, style: Style, system_prompt: str | None = None) -> dict[str, Any]:
    """The row of a problem.

    Args:
        problem: The problem.
        style: How it is put to the model; a raw text becomes one user message.
        system_prompt: Instead of the style's system message; "" for none. None keeps the style's.
    """
    messages = style.build(problem).chat_messages()
    if system_prompt is not None:
        messages = [message for message in messages if message["role"] != "system"]
        if system_prompt:
            messages.insert(0, {"role": "system", "content": system_prompt})
    return {"prompt": messages, "info": {"question_id": problem.question_id}}
