"""From problems to the files: the official columns, the official encoding of private tests, answers and verdicts."""

from __future__ import annotations

import base64
import json
import pickle  # noqa: TID251 - written only, as the official files have it; reading is the restricted reader's
import zlib
from collections.abc import Iterable
from pathlib import Path

from tools.mini.model import MiniProblem
from tools.mini.problems import PROBLEMS

_PICKLE_PROTOCOL = 4  # the official files'


def write_dataset(folder: Path) -> None:
    """Write problems.jsonl, generations.jsonl and expected.json."""
    folder.mkdir(parents=True, exist_ok=True)
    _write_rows(folder / "problems.jsonl", map(_problem_row, PROBLEMS))
    _write_rows(folder / "generations.jsonl", _generation_rows())
    _write_rows(folder / "expected.json", [{"verdicts": list(_verdict_rows())}], indent=1)


def encode_private_tests(tests: list[dict[str, str]]) -> str:
    """base64(zlib(pickle(JSON))), the encoding of the official dataset."""
    pickled = pickle.dumps(json.dumps(tests), protocol=_PICKLE_PROTOCOL)
    return base64.b64encode(zlib.compress(pickled, 9)).decode("ascii")


def _write_rows(path: Path, rows: Iterable[dict[str, object]], indent: int | None = None) -> None:
    path.write_text("".join(json.dumps(row, indent=indent) + "\n" for row in rows), encoding="utf-8")


def _problem_row(problem: MiniProblem) -> dict[str, object]:
    return {
        "question_title": problem.title,
        "question_content": problem.statement + _samples(problem),
        "platform": problem.platform,
        "question_id": problem.question_id,
        "contest_id": problem.contest_id,
        "contest_date": problem.contest_date,
        "starter_code": problem.starter_code,
        "difficulty": problem.difficulty,
        "public_test_cases": json.dumps(_tests(problem, problem.public_inputs)),
        "private_test_cases": encode_private_tests(_tests(problem, problem.private_inputs)),
        "metadata": json.dumps({} if problem.func_name is None else {"func_name": problem.func_name}),
    }


def _tests(problem: MiniProblem, inputs: tuple[str, ...]) -> list[dict[str, str]]:
    kind = "stdin" if problem.func_name is None else "functional"
    return [{"input": given, "output": problem.solve(given), "testtype": kind} for given in inputs]


def _samples(problem: MiniProblem) -> str:
    parts = []
    for number, given in enumerate(problem.public_inputs, start=1):
        output = problem.solve(given).rstrip("\n")
        if problem.func_name is None:
            parts.append(f"\n\nSample Input {number}\n\n{given.rstrip()}\n\nSample Output {number}\n\n{output}")
        else:
            pairs = zip(problem.parameters, given.split("\n"), strict=True)
            arguments = ", ".join(f"{name} = {value}" for name, value in pairs)
            parts.append(f"\n\nExample {number}:\n\nInput: {arguments}\nOutput: {output}")
    return "".join(parts) + "\n"


def _generation_rows() -> Iterable[dict[str, object]]:
    for problem in PROBLEMS:
        for model, answers in problem.answers.items():
            texts = [answer.text for answer in answers]
            yield {"question_id": problem.question_id, "model": model, "output_list": texts}


def _verdict_rows() -> Iterable[dict[str, object]]:
    for problem in PROBLEMS:
        for model, answers in problem.answers.items():
            for sample, answer in enumerate(answers):
                key = {"model": model, "question_id": problem.question_id, "sample": sample}
                yield key | {"verdict": answer.verdict}
