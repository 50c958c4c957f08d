"""From a model's answer to the program in it. Says by which rule, and whether there was one.

An answer without a program is not an error: it gets the verdict `no_code`. What the program is worth is not asked here.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from enum import StrEnum

from livecodebench.errors import InputError

_FENCE = "```"
# A fence of CommonMark: indentation, three or more backticks or tildes, and what follows them.
_FENCE_LINE = re.compile(r"(?P<indent>[ \t]*)(?P<mark>`{3,}|~{3,})(?P<info>.*)", re.DOTALL)
_PYTHON = re.compile(r"(?:python|py)[0-9.]*", re.IGNORECASE)


class ExtractionRule(StrEnum):
    """How the program is found.

    Attributes:
        OFFICIAL: LiveCodeBench's rule for chat models: the lines between the last two lines that contain three
            backticks, whatever else is on these lines; nothing where there are fewer than two. It takes the text
            between two blocks, or a block of sample output, where that comes last.
        LAST_FENCED: The last complete fenced block marked as Python, else the last complete one; fences are paired
            as CommonMark pairs them. An unclosed block (a cut answer) is not taken.
        WHOLE: The whole text without the white space around it: LiveCodeBench's rule for base models.
    """

    OFFICIAL = "official"
    LAST_FENCED = "last_fenced"
    WHOLE = "whole"


@dataclass(frozen=True, slots=True)
class Extraction:
    """What was taken from an answer.

    Attributes:
        code: The program; empty where there is none.
        rule: The rule that was used.
        found: False where the code is empty or only white space: the verdict is then `no_code`.
    """

    code: str
    rule: ExtractionRule
    found: bool


def extract(text: str, rule: str = ExtractionRule.OFFICIAL) -> Extraction:
    """Take the program from a model's answer.

    Args:
        text: The answer as the model gave it.
        rule: A member of ExtractionRule, or its name.

    Raises:
        InputError: There is no such rule.
    """
    try:
        known = ExtractionRule(rule)
    except ValueError:
        raise InputError(f"extraction rule {rule!r} is not known: use one of {', '.join(ExtractionRule)}") from None
    code = _RULES[known](text)
    return Extraction(code=code, rule=known, found=bool(code.strip()))


def _official(text: str) -> str:
    lines = text.split("\n")
    fences = [number for number, line in enumerate(lines) if _FENCE in line]
    return "\n".join(lines[fences[-2] + 1 : fences[-1]]) if len(fences) >= 2 else ""


def _last_fenced(text: str) -> str:
    last = last_python = None
    for language, code in _blocks(text.split("\n")):
        last = code
        if _PYTHON.fullmatch(language):
            last_python = code
    return (last if last_python is None else last_python) or ""


def _blocks(lines: list[str]) -> Iterator[tuple[str, str]]:
    """Yield language and content of each complete fenced block."""
    opening: re.Match[str] | None = None
    start = 0
    for number, line in enumerate(lines):
        fence = _FENCE_LINE.match(line)
        if fence is None:
            continue
        if opening is None:
            if fence["mark"][0] not in fence["info"]:  # otherwise it is code within a line: ```x```
                opening, start = fence, number + 1
        elif fence["mark"].startswith(opening["mark"]) and not fence["info"].strip():
            language = (opening["info"].split() or [""])[0]
            yield language, "\n".join(_without(opening["indent"], lines[start:number]))
            opening = None


def _without(indent: str, lines: list[str]) -> list[str]:
    """Take the opening fence's indentation from each line that has it: blocks stand indented in lists."""
    return [line.removeprefix(indent) for line in lines] if indent else lines


_RULES: dict[ExtractionRule, Callable[[str], str]] = {
    ExtractionRule.OFFICIAL: _official,
    ExtractionRule.LAST_FENCED: _last_fenced,
    ExtractionRule.WHOLE: str.strip,
}
