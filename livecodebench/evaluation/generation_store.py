"""The completions of a run, kept so that a model is never asked again for what it has answered.

    DIR/completions.jsonl   a line per completion, appended as it arrives; what a resumed run reads
    DIR/generations.jsonl   a line per problem, made from it at the end; what `grade` and `replay` read

A line is one write, so that a killed process can tear the last one only; that one is dropped. Memory holds where each
completion lies in the file, not what it says: the reasoning of a long run may not fit.
"""

from __future__ import annotations

import json
import os
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any, BinaryIO, NamedTuple, Self

from livecodebench.answers.completion import Completion
from livecodebench.answers.extraction import extract
from livecodebench.evaluation.generation_totals import GenerationTotals
from livecodebench.files.durable import replacing, writing
from livecodebench.results.journal import Journal

COMPLETIONS = "completions.jsonl"
GENERATIONS = "generations.jsonl"

Key = tuple[str, int]
"""A question_id and the number of a sample."""


class _Place(NamedTuple):
    start: int
    length: int


class GenerationStore:
    """The completions of one model, by problem and sample. Not safe for threads or several processes.

    Attributes:
        totals: What the stored completions took.
        torn: Whether the last line had no end, and was dropped.
        damaged: Lines that cannot be used, as "FILE:LINE: why"; these completions are asked for again.
    """

    def __init__(self, folder: Path) -> None:
        """Open the store of a results folder, and find what an earlier session left. Raises OutputError."""
        self._folder = folder
        self._path = folder / COMPLETIONS
        self._places: dict[Key, _Place] = {}
        self.totals = GenerationTotals()
        self.torn = False
        self.damaged: list[str] = []
        with writing(self._path):
            self._end = self._recover() if self._path.exists() else 0
        self._journal = Journal(self._path)
        with writing(self._path):
            self._file = self._path.open("rb")

    def __contains__(self, key: Key) -> bool:
        return key in self._places

    def __len__(self) -> int:
        return len(self._places)

    def add(self, key: Key, completion: Completion) -> None:
        """Keep a completion: its line is in the file when this returns. Raises OutputError."""
        self._journal.append(_to_json(key, completion))
        with writing(self._path):
            end = self._path.stat().st_size
        self._places[key] = _Place(self._end, end - self._end)
        self._end = end
        self.totals.add(completion)

    def get(self, key: Key) -> Completion:
        """A stored completion. Raises KeyError, OutputError."""
        with writing(self._path):
            line = _read(self._file, self._places[key])
        return _from_json(json.loads(line))[1]

    def write_generations(self, model: str, question_ids: Iterable[str], *, rule: str) -> None:
        """Write generations.jsonl, problem by problem, replacing an earlier one whole. Raises OutputError.

        Problems without a completion have no line. Where samples are missing in between, "samples" has the numbers of
        those that are there.
        """
        by_problem: dict[str, list[int]] = {}
        for question_id, sample in sorted(self._places):
            by_problem.setdefault(question_id, []).append(sample)
        with replacing(self._folder / GENERATIONS) as file:
            for question_id in question_ids:
                if samples := by_problem.get(question_id):
                    completions = [self.get((question_id, sample)) for sample in samples]
                    row = {"question_id": question_id, "model": model, **_row(completions, rule)}
                    if samples != list(range(len(samples))):
                        row["samples"] = samples
                    file.write(json.dumps(row).encode("ascii") + b"\n")

    def close(self) -> None:
        """Put everything on the disk. May be called twice. Raises OutputError."""
        self._file.close()
        self._journal.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def _recover(self) -> int:
        """Find the completions in the file, drop a torn last line; returns the length of the file after that."""
        with self._path.open("rb") as file:
            for number, (place, line) in enumerate(_lines(file), start=1):
                if not line.endswith(b"\n"):
                    self.torn = True
                    os.truncate(self._path, place.start)
                    return place.start
                try:
                    key, completion = _from_json(json.loads(line))
                except (ValueError, KeyError, TypeError, AttributeError, RecursionError) as error:
                    self.damaged.append(f"{self._path}:{number}: cannot be used ({error!r})")
                    continue
                if key not in self._places:
                    self._places[key] = place
                    self.totals.add(completion)
            return file.tell()


def _lines(file: BinaryIO) -> Iterator[tuple[_Place, bytes]]:
    start = 0
    while line := file.readline():
        yield _Place(start, len(line)), line
        start += len(line)


def _read(file: BinaryIO, place: _Place) -> bytes:
    file.seek(place.start)
    return file.read(place.length)


def _to_json(key: Key, completion: Completion) -> dict[str, Any]:
    return {
        "question_id": key[0],
        "sample": key[1],
        "output": completion.text,
        "reasoning": completion.reasoning,
        "finish_reason": completion.finish_reason,
        "prompt_tokens": completion.prompt_tokens,
        "completion_tokens": completion.completion_tokens,
        "served_model": completion.served_model,
    }


def _from_json(value: dict[str, Any]) -> tuple[Key, Completion]:
    """Raises KeyError, TypeError or ValueError where it is not what `_to_json` makes."""
    kinds: dict[str, tuple[type, ...]] = {
        "question_id": (str,),
        "sample": (int,),
        "output": (str,),
        "reasoning": (str,),
        "finish_reason": (str, type(None)),
        "prompt_tokens": (int, type(None)),
        "completion_tokens": (int, type(None)),
        "served_model": (str,),
    }
    for name, kind in kinds.items():
        if not isinstance(value[name], kind):
            raise TypeError(name)
    completion = Completion(
        text=value["output"],
        **{name: value[name] for name in kinds if name not in {"question_id", "sample", "output"}},
    )
    return (value["question_id"], value["sample"]), completion


def _row(completions: list[Completion], rule: str) -> dict[str, Any]:
    row: dict[str, Any] = {
        "output_list": [completion.text for completion in completions],
        "code_list": [extract(completion.text, rule).code for completion in completions],
        "finish_reasons": [completion.finish_reason for completion in completions],
        "prompt_tokens": [completion.prompt_tokens for completion in completions],
        "completion_tokens": [completion.completion_tokens for completion in completions],
    }
    if any(completion.reasoning for completion in completions):
        row["reasoning_list"] = [completion.reasoning for completion in completions]
    return row
