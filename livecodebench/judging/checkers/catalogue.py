"""The data file that says which problem has which checker, read and validated once.

    {"problems": {"abc374_d": {"checker": "tolerance", "parameters": {"error": 1e-6},
                               "reason": "...", "source": "...", "known_issue": "..."}}}

A key is a question_id, or for LeetCode the slug (the dataset's question_title), as LiveCodeBench's ERRATA names it.
`checker` is a name of the registry or "standard"; `parameters` and `known_issue` may be left out.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from typing import Any

from livecodebench.judging.checkers.registry import CHECKERS, STANDARD

_FIELDS = {"checker", "parameters", "reason", "source", "known_issue"}
Parameter = str | int | float | bool


class CatalogueError(ValueError):
    """The data file is not as it should be: a bug of ours. The message names the entry."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """What is known of one problem.

    Attributes:
        checker: A name of the registry, or "standard".
        parameters: For the checker.
        reason: Why it has this checker: what the statement says.
        source: Where that was read.
        known_issue: What is wrong with the problem for any grader; empty where nothing is known.
    """

    checker: str
    parameters: Mapping[str, Parameter]
    reason: str
    source: str
    known_issue: str = ""


@cache
def catalogue() -> Mapping[str, Entry]:
    """All entries of the package's data file."""
    return parse_catalogue(files("livecodebench").joinpath("data/checkers.json").read_text(encoding="utf-8"))


def parse_catalogue(text: str) -> Mapping[str, Entry]:
    """Parse and validate the data file. Raises CatalogueError, naming the entry."""
    try:
        document = json.loads(text, object_pairs_hook=_without_duplicates)
    except json.JSONDecodeError as error:
        raise CatalogueError(f"not JSON: {error}") from None
    if not isinstance(document, dict) or set(document) != {"problems"} or not isinstance(document["problems"], dict):
        raise CatalogueError('expected one object with the one field "problems", an object')
    return {key: _entry(key, fields) for key, fields in document["problems"].items()}


def _without_duplicates(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) != len(pairs):
        raise CatalogueError(f"a key is given twice among {[key for key, _ in pairs]}")
    return found


def _entry(key: str, fields: object) -> Entry:
    if not isinstance(fields, dict) or set(fields) - _FIELDS:
        raise CatalogueError(f"{key}: expected an object with the fields {sorted(_FIELDS)}")
    if key.isdecimal():
        raise CatalogueError(f"{key}: name a LeetCode problem by its slug: other datasets number theirs as well")
    texts = {name: fields.get(name, "") for name in ("checker", "reason", "source", "known_issue")}
    for name, value in texts.items():
        if not isinstance(value, str) or (not value.strip() and name != "known_issue"):
            raise CatalogueError(f"{key}: {name} must be a text")
    parameters = fields.get("parameters", {})
    _check_parameters(key, texts["checker"], parameters)
    return Entry(**texts, parameters=parameters)


def _check_parameters(key: str, checker: str, parameters: object) -> None:
    if checker != STANDARD and checker not in CHECKERS:
        raise CatalogueError(f"{key}: there is no checker {checker!r}; there are {STANDARD}, {', '.join(CHECKERS)}")
    expected = {} if checker == STANDARD else CHECKERS[checker].parameters
    if not isinstance(parameters, dict) or {name: type(value) for name, value in parameters.items()} != expected:
        described = {name: type_.__name__ for name, type_ in expected.items()}
        raise CatalogueError(f"{key}: {checker} takes exactly the parameters {described}, not {parameters!r}")
