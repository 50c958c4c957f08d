"""Going on with a run of verifiers that was stopped: what verifiers leaves out of the check.

verifiers goes on by counting lines: a rollout that ended in an error counts as done, and a line of another dataset or
prompt as one of this.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from livecodebench.errors import InputError
from livecodebench.files.durable import replacing

# Where programs run decides no verdict; a run may be finished elsewhere.
_ELSEWHERE = frozenset({"backend", "pool_size", "slots"})


def prepare_resume(
    folder: Path,
    *,
    env_args: Mapping[str, Any],
    sampling_args: Mapping[str, Any],
    question_ids: Sequence[str] | None,
) -> int:
    """Check that a folder holds an earlier part of this run, and take the rollouts with errors out: they run again.

    Args:
        folder: Of verifiers' results; nothing is done where there are none.
        env_args: The environment's arguments.
        sampling_args: The sampling arguments, the environment's included.
        question_ids: Of the dataset, by example_id; None where examples have none.

    Returns:
        How many were taken out.

    Raises:
        InputError: The folder holds another run; the message names the difference.
        OutputError: It cannot be written.
    """
    results, metadata = folder / "results.jsonl", folder / "metadata.json"
    if not results.is_file() or not metadata.is_file():
        return 0
    _check_metadata(metadata, env_args=env_args, sampling_args=sampling_args)
    kept, failed = [], 0
    for number, line in enumerate(results.read_bytes().splitlines(), start=1):
        output = _parsed(line)
        if output is None:
            continue
        if question_ids is not None:
            _check_question(output, question_ids, place=f"{results}:{number}")
        if output.get("error") is None:
            kept.append(line)
        else:
            failed += 1
    if failed:
        with replacing(results) as file:
            file.writelines(line + b"\n" for line in kept)
    return failed


def _parsed(line: bytes) -> dict[str, Any] | None:
    """A line's rollout; None for the torn line of a killed run, which verifiers passes over too."""
    try:
        output = json.loads(line)
    except ValueError:
        return None
    return output if isinstance(output, dict) else None


def _check_metadata(path: Path, *, env_args: Mapping[str, Any], sampling_args: Mapping[str, Any]) -> None:
    try:
        stored = json.loads(path.read_bytes())
    except ValueError:
        return  # verifiers says so itself
    if not isinstance(stored, dict):
        return
    for field, asked in (("env_args", env_args), ("sampling_args", sampling_args)):
        before, now = (_comparable(value) for value in (stored.get(field), asked))
        for name in sorted(before.keys() | now.keys()):
            if before.get(name) != now.get(name):
                raise InputError(
                    f"{path}: {field}.{name}: {before.get(name)!r} there, {now.get(name)!r} now: these results are of"
                    " another run; give another results_path, or the same arguments"
                )


def _comparable(arguments: object) -> dict[str, Any]:
    """Arguments as they are read back, without those that decide nothing."""
    if not isinstance(arguments, Mapping):
        return {}
    values = json.loads(json.dumps(dict(arguments), default=str))
    return {name: value for name, value in values.items() if name not in _ELSEWHERE and value is not None}


def _check_question(output: Mapping[str, Any], question_ids: Sequence[str], *, place: str) -> None:
    info, example_id = output.get("info"), output.get("example_id")
    stored = info.get("question_id") if isinstance(info, Mapping) else None
    asked = question_ids[example_id] if isinstance(example_id, int) and 0 <= example_id < len(question_ids) else None
    if stored != asked:
        raise InputError(
            f"{place}: info.question_id: {stored!r} there, example {example_id} is {asked!r} now: these results are of"
            " another dataset; give another results_path"
        )
