"""The programs of a few submissions, found again in the file of answers that was judged."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection
from pathlib import Path
from typing import Any

from livecodebench.answers.extraction import extract
from livecodebench.errors import InputError
from livecodebench.files.json_rows import json_rows
from livecodebench.files.jsonl import open_input
from livecodebench.results.record import Key


def find_programs(path: Path, wanted: Collection[Key], *, rule: str, sha256: str | None = None) -> dict[Key, str]:
    """Read the file once and keep what is wanted.

    Args:
        path: As `grade` reads it, or generations.jsonl of `evaluate`.
        wanted: Submissions.
        rule: How programs are found in completions.
        sha256: Of the file that was judged; None where the folder does not say.

    Raises:
        InputError: It cannot be read, or is another file.
    """
    found: dict[Key, str] = {}
    wanted = frozenset(wanted)
    problems = {(model, question_id) for model, question_id, _ in wanted}
    numbers: Counter[tuple[str | None, str]] = Counter()
    with open_input(path) as file:
        for _, row in json_rows(file, path):
            owner = (row.get("model"), row.get("question_id"))
            if not isinstance(owner[1], str) or not (owner[0] is None or isinstance(owner[0], str)):
                continue
            if owner in problems:
                found |= _of_row(row, owner, numbers, wanted, rule)
        actual = file.sha256()
    if sha256 is not None and actual != sha256:
        raise InputError(
            f"{path}: is not the file that was judged (its hash differs): pass that one with --generations"
        )
    return found


def _of_row(
    row: dict[str, Any],
    owner: tuple[str | None, str],
    numbers: Counter[tuple[str | None, str]],
    wanted: frozenset[Key],
    rule: str,
) -> dict[Key, str]:
    coded = row.get("code_list") is not None
    answers = row.get("code_list") if coded else row.get("output_list")
    if not isinstance(answers, list):
        return {}
    first = numbers[owner]
    numbers[owner] += len(answers)
    samples = row.get("samples")  # only where some are missing in between
    if not isinstance(samples, list) or len(samples) != len(answers):
        samples = range(first, first + len(answers))
    found: dict[Key, str] = {}
    for sample, answer in zip(samples, answers, strict=True):
        if isinstance(sample, int) and isinstance(answer, str) and (*owner, sample) in wanted:
            found[*owner, sample] = answer if coded else extract(answer, rule).code
    return found
