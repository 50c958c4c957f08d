"""Reading stored completions from a generations file: the kind that `evaluate` writes and `grade` reads."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from livecodebench.answers.completion import Completion
from livecodebench.errors import InputError
from livecodebench.files.json_rows import json_rows
from livecodebench.files.jsonl import json_type, open_input
from livecodebench.replay.stored import StoredCompletions


def read_stored(path: Path) -> StoredCompletions:
    """Read a file of completions: a JSON list or JSONL, gzip or not.

    A row is an object with `question_id`, `output_list` or else `code_list` (then each program is put between fences),
    and perhaps `model`, `reasoning_list`, `finish_reasons`, `prompt_tokens` and `completion_tokens`, which `evaluate`
    writes. Several rows for a problem are joined in the order of the file. All of it is kept in memory.

    Raises:
        InputError: Naming file, line and field.
    """
    by_model: dict[str | None, dict[str, list[Completion]]] = {}
    with open_input(path) as file:
        for place, row in json_rows(file, path):
            question_id, model = _name(row, "question_id", place), _name(row, "model", place)
            if question_id is None:
                raise InputError(f"{place}: question_id: missing: a row needs it, to tell which problem is answered")
            by_model.setdefault(model, {}).setdefault(question_id, []).extend(_completions(row, place))
        sha256 = file.sha256()
    return StoredCompletions(by_model, sha256=sha256)


def _completions(row: dict[str, Any], place: str) -> list[Completion]:
    texts = _texts(row, place)
    reasonings = _beside(row, "reasoning_list", texts, (str,), place)
    reasons = _beside(row, "finish_reasons", texts, (str, type(None)), place)
    prompts = _beside(row, "prompt_tokens", texts, (int, type(None)), place)
    answers = _beside(row, "completion_tokens", texts, (int, type(None)), place)
    return [
        Completion(
            text=text,
            reasoning=reasoning or "",
            finish_reason=finish_reason,
            prompt_tokens=prompt_tokens,
            completion_tokens=completion_tokens,
        )
        for text, reasoning, finish_reason, prompt_tokens, completion_tokens in zip(
            texts, reasonings, reasons, prompts, answers, strict=True
        )
    ]


def _texts(row: dict[str, Any], place: str) -> list[str]:
    field = "code_list" if row.get("output_list") is None else "output_list"
    texts = row.get(field)
    if texts is None:
        raise InputError(f"{place}: output_list: missing, and code_list too: a row needs one of them")
    if not isinstance(texts, list):
        raise InputError(f"{place}: {field}: must be a list of strings, is {json_type(texts)}")
    for index, text in enumerate(texts):
        if not isinstance(text, str):
            raise InputError(f"{place}: {field}[{index}]: must be a string, is {json_type(text)}")
    return [f"```python\n{code}\n```" for code in texts] if field == "code_list" else texts


def _beside(row: dict[str, Any], field: str, texts: list[str], kinds: tuple[type, ...], place: str) -> list[Any]:
    """A list with one entry per completion; all None where the row has no such field."""
    entries = row.get(field)
    if entries is None:
        return [None] * len(texts)
    if not isinstance(entries, list) or len(entries) != len(texts):
        raise InputError(f"{place}: {field}: must be a list with one entry per completion, or be left out")
    for index, entry in enumerate(entries):
        if not isinstance(entry, kinds):
            raise InputError(f"{place}: {field}[{index}]: cannot be {json_type(entry)}")
    return entries


def _name(row: dict[str, Any], field: str, place: str) -> str | None:
    value = row.get(field)
    if value is not None and not isinstance(value, str):
        raise InputError(f"{place}: {field}: must be a string, is {json_type(value)}: put it in quotes")
    return value
