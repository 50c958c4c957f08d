"""Results in the official files' form, for tools that read those: `_eval.json` and `_eval_all.json` for each model.

Of an official grading they have the official grader's results and metadata. Of the standard grading they say what that
found, in the official codes; the official metadata also quotes the first failing test, these name it by its number.
"""

from __future__ import annotations

import hashlib
import json
import tempfile
from collections.abc import Iterable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any, BinaryIO, NamedTuple
from urllib.parse import quote

from livecodebench.answers.extraction import extract
from livecodebench.files.durable import replacing, writing
from livecodebench.files.json_rows import json_rows
from livecodebench.files.jsonl import open_input
from livecodebench.problem import Problem, TestKind
from livecodebench.results.plan import UNNAMED, Plan
from livecodebench.results.summary import STANDARD_K, pass_at_k
from livecodebench.verdict import Verdict

_CODES = {
    Verdict.WRONG_ANSWER: (-2, "Wrong Answer"),
    Verdict.TIME_LIMIT: (-3, "Time Limit Exceeded"),
    Verdict.MEMORY_LIMIT: (-4, "Memory Limit Exceeded"),
    Verdict.OUTPUT_LIMIT: (-4, "Output Limit Exceeded"),
    Verdict.RUNTIME_ERROR: (-4, "Runtime Error"),
    Verdict.COMPILE_ERROR: (-4, "Compile Error"),
    Verdict.NO_CODE: (-4, "No Code"),
}
_NAME_BYTES = 200  # of a folder's name; file systems allow 255

Key = tuple[str | None, str]
"""Model and question_id."""


class _Graded(NamedTuple):
    """A judgement, as little of it as the files need.

    Attributes:
        accepted_tests: How many were passed before the first that was not.
        verdict: Of the whole.
        wall_s: Seconds over all tests.
        official: Results and metadata as the official grader gives them, in an official grading.
    """

    accepted_tests: int
    verdict: Verdict
    wall_s: float
    official: tuple[list[int | bool], str] | None = None

    def results(self, kind: TestKind) -> list[int | bool]:
        """The official list of results, which ends at the first failure."""
        if self.official is not None:
            return self.official[0]
        passed: list[int | bool] = [True] * self.accepted_tests
        if self.verdict is Verdict.ACCEPTED:
            return passed
        if self.verdict is Verdict.WRONG_ANSWER and kind is TestKind.FUNCTIONAL:
            return [*passed, False]
        return [*passed, _CODES[self.verdict][0]]

    def metadata(self) -> str:
        """The official metadata, a JSON text."""
        if self.official is not None:
            return self.official[1]
        if self.verdict is Verdict.ACCEPTED:
            return json.dumps({"execution time": round(self.wall_s, 4)})
        code, message = _CODES[self.verdict]
        return json.dumps({"error_code": code, "error_message": message, "failed_test": self.accepted_tests})


def write_official_files(
    folder: Path,
    *,
    plan: Plan,
    problems: Mapping[str, Problem],
    judgements: Iterable[Mapping[str, Any]],
    generations: Path,
    rule: str,
) -> None:
    """Write FOLDER/MODEL/_eval.json and _eval_all.json for every model of the plan.

    Args:
        folder: Made where it does not exist.
        plan: What was judged; all of it must have a verdict.
        problems: By question_id.
        judgements: The lines of judgements.jsonl, in any order.
        generations: The file that was graded.
        rule: How code was extracted from it.

    Raises:
        OutputError: The files cannot be written.
        InputError: The generations cannot be read any more.
    """
    graded: dict[Key, list[_Graded | None]] = {
        (model, question_id): [None] * count
        for model, counts in plan.samples.items()
        for question_id, count in counts.items()
    }
    for line in judgements:
        graded[line["model"], line["question_id"]][line["sample"]] = _graded(line)
    with writing(folder):
        folder.mkdir(exist_ok=True)
    with _Answers(generations, rule, wanted=graded.keys(), folder=folder) as answers:
        for model, counts in plan.samples.items():
            rows = {question_id: _complete(graded[model, question_id]) for question_id in sorted(counts)}
            place = folder / folder_name(model)
            with writing(place):
                place.mkdir(exist_ok=True)
            _write_list(place / "_eval_all.json", _eval_all(rows, model, problems, answers))
            with replacing(place / "_eval.json") as file:
                file.write(json.dumps(_eval(rows, problems), indent=4).encode())


def folder_name(model: str | None) -> str:
    """A model's name as one part of a path, whatever it holds: no separators, not too long, never "..".

    Different models get different names.
    """
    name = UNNAMED if model is None else model
    raw = name.encode("utf-8", "surrogatepass")
    quoted = quote(raw, safe=" ()+=,@:")
    if quoted.startswith("."):
        quoted = "%2E" + quoted[1:]
    if len(quoted) > _NAME_BYTES:
        digest = hashlib.sha256(raw).hexdigest()[:16]
        quoted = f"{quoted[: _NAME_BYTES - 17]}%{digest}"
    return quoted or "%"


def _graded(line: Mapping[str, Any]) -> _Graded:
    verdict = Verdict(line["verdict"])
    accepted = 0
    for test in line["tests"]:
        if test["verdict"] != Verdict.ACCEPTED:
            break
        accepted += 1
    official = None
    if "official_results" in line:
        official = (list(line["official_results"]), json.dumps(line["official_metadata"]))
    return _Graded(accepted, verdict, sum(test["wall_s"] for test in line["tests"]), official)


def _complete(row: Sequence[_Graded | None]) -> list[_Graded]:
    missing = sum(one is None for one in row)
    if missing:
        raise ValueError(f"{missing} submissions have no verdict: official files would call them wrong")
    return [one for one in row if one is not None]


def _eval(rows: Mapping[str, Sequence[_Graded]], problems: Mapping[str, Problem]) -> list[Any]:
    metrics: dict[str, Any] = {}
    detail: dict[str, dict[str, float]] = {}
    for k in STANDARD_K:
        if k > min(len(row) for row in rows.values()):
            break
        rates = [pass_at_k(len(row), _right(row), k) for row in rows.values()]
        metrics[f"pass@{k}"] = float(sum(rates) / len(rates))
        detail[f"pass@{k}"] = {str(index): float(rate) for index, rate in enumerate(rates)}
    metrics["detail"] = detail
    results = {
        str(index): [one.results(problems[question_id].kind) for one in row]
        for index, (question_id, row) in enumerate(rows.items())
    }
    return [metrics, results, [[one.metadata() for one in row] for row in rows.values()]]


def _eval_all(
    rows: Mapping[str, Sequence[_Graded]], model: str | None, problems: Mapping[str, Problem], answers: _Answers
) -> Iterator[dict[str, Any]]:
    for question_id, row in rows.items():
        problem = problems[question_id]
        yield {
            "question_title": problem.title,
            "question_content": problem.content,
            "platform": problem.platform,
            "question_id": question_id,
            "contest_id": problem.contest_id,
            "contest_date": problem.contest_date.isoformat(),
            "starter_code": problem.starter_code,
            "difficulty": problem.difficulty,
            **answers.of((model, question_id)),
            "graded_list": [one.verdict is Verdict.ACCEPTED for one in row],
            "pass@1": float(pass_at_k(len(row), _right(row), 1)),
            "metadata": [one.metadata() for one in row],
        }


def _right(row: Sequence[_Graded]) -> int:
    return sum(one.verdict is Verdict.ACCEPTED for one in row)


def _write_list(path: Path, rows: Iterable[Mapping[str, Any]]) -> None:
    """A JSON list, written row by row: all answers at once may not fit in memory."""
    with replacing(path) as file:
        separator = b"[\n"
        for row in rows:
            file.write(separator + json.dumps(row, indent=4).encode())
            separator = b",\n"
        file.write(b"\n]\n")


class _Answers:
    """The texts of a generations file by model and problem; on the disk meanwhile, not in memory."""

    def __init__(self, path: Path, rule: str, *, wanted: Iterable[Key], folder: Path) -> None:
        self._places: dict[Key, list[tuple[int, int]]] = {key: [] for key in wanted}
        self._rule = rule
        with writing(folder):
            self._spool: BinaryIO = tempfile.TemporaryFile(dir=folder)  # noqa: SIM115 - closed by __exit__
        with open_input(path) as file:
            for _, row in json_rows(file, path):
                self._keep(row, folder)

    def _keep(self, row: Mapping[str, Any], folder: Path) -> None:
        places = self._places.get((row.get("model"), row["question_id"]))
        if places is None:
            return
        codes, outputs = row.get("code_list"), row.get("output_list")
        if codes is None:
            codes = [extract(output, self._rule).code for output in outputs or []]
        elif not isinstance(outputs, list) or len(outputs) != len(codes):
            outputs = codes  # programs without the words around them: the official tool writes them twice, too
        data = json.dumps([outputs, codes]).encode()
        with writing(folder):
            places.append((self._spool.tell(), len(data)))
            self._spool.write(data)

    def of(self, key: Key) -> dict[str, list[str]]:
        """The output_list and code_list of a model for a problem, over all rows of the file."""
        found: dict[str, list[str]] = {"output_list": [], "code_list": []}
        for offset, length in self._places[key]:
            self._spool.seek(offset)
            outputs, codes = json.loads(self._spool.read(length))
            found["output_list"] += outputs
            found["code_list"] += codes
        return found

    def __enter__(self) -> _Answers:
        return self

    def __exit__(self, *_: object) -> None:
        self._spool.close()
