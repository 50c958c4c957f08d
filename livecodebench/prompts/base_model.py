"""Base models: one solved example, then the question, for the model to continue.

The texts and the examples are LiveCodeBench's (MIT).
"""

from __future__ import annotations

import json
from functools import cache
from importlib.resources import files
from typing import TypedDict

from livecodebench.answers.extraction import ExtractionRule
from livecodebench.problem import Problem
from livecodebench.prompts.prompt import Endpoint, Prompt, Style


class _Example(TypedDict):
    question: str
    starter_code: str
    answer: str


@cache
def _examples() -> dict[str, _Example]:
    """The first official example of each kind, `functional` and `stdin`; the official prompt uses no other."""
    text = files("livecodebench.prompts").joinpath("examples.json").read_text(encoding="utf-8")
    examples: dict[str, _Example] = json.loads(text)
    return examples


def _part(question: str, starter_code: str, answer: str) -> str:
    stub = f"### Starter Code\n{starter_code}\n\n" if starter_code else ""
    return f"### Question\n{question}\n\n{stub}### Answer\n\n" + (f"{answer}\n\n" if answer else "")


def _one_shot(problem: Problem) -> Prompt:
    example = _examples()["functional" if problem.starter_code else "stdin"]
    solved = _part(example["question"], example["starter_code"], example["answer"])
    return Prompt(text=solved + _part(problem.content, problem.starter_code, ""))


STYLES = (
    Style(
        "GenericBase",
        _one_shot,
        endpoint=Endpoint.COMPLETIONS,
        stop=("###",),  # the heading of the next question: a base model goes on with one
        extraction=ExtractionRule.WHOLE,
    ),
)
