"""The bundled answers, and what each is worth: for tests that every way in gives the same rewards."""

from __future__ import annotations

import json
from dataclasses import dataclass
from importlib.resources import files
from pathlib import Path

MINI = Path(str(files("livecodebench") / "data" / "mini"))


@dataclass(frozen=True)
class Answer:
    """A stored answer.

    Attributes:
        passed: Whether its program passes every test.
    """

    model: str
    question_id: str
    sample: int
    text: str
    passed: bool

    @property
    def key(self) -> tuple[str, str]:
        return (self.question_id, self.text)


def every_answer() -> list[Answer]:
    """All 56."""
    verdicts = {
        (row["model"], row["question_id"], row["sample"]): row["verdict"]
        for row in json.loads((MINI / "expected.json").read_text())["verdicts"]
    }
    return [
        Answer(
            row["model"],
            row["question_id"],
            sample,
            text,
            verdicts[row["model"], row["question_id"], sample] == "accepted",
        )
        for row in map(json.loads, (MINI / "generations.jsonl").read_text().splitlines())
        for sample, text in enumerate(row["output_list"])
    ]


def expected_rewards() -> dict[tuple[str, str], float]:
    """By problem and text; the reward that every way in has to give."""
    return {answer.key: float(answer.passed) for answer in every_answer()}


def copied(times: int, path: Path) -> Path:
    """Write all of them, each so many times over: for work that lasts. Returns the file."""
    rows = map(json.loads, (MINI / "generations.jsonl").read_text().splitlines())
    path.write_text("".join(json.dumps(row | {"output_list": times * row["output_list"]}) + "\n" for row in rows))
    return path
