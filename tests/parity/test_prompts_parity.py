"""Every official prompt in the corpus, byte for byte."""

import gzip
import json
from datetime import datetime
from pathlib import Path

import pytest

from livecodebench.errors import InputError
from livecodebench.problem import Difficulty, Platform, Problem
from livecodebench.prompts import STYLES, Prompt, build_prompt

pytestmark = pytest.mark.parity


@pytest.fixture(scope="module")
def golden(corpus: Path) -> list[dict]:
    return json.loads((corpus / "golden_prompts.json").read_text(encoding="utf-8"))


@pytest.fixture(scope="module")
def problems(corpus: Path, golden: list[dict]) -> dict[str, Problem]:
    wanted = {entry["question_id"] for entry in golden}
    found = {}
    with gzip.open(corpus / "dev" / "problems.jsonl.gz", "rt", encoding="utf-8") as lines:
        for line in lines:
            row = json.loads(line)
            if row["question_id"] in wanted:
                found[row["question_id"]] = problem_of(row)
    return found


def problem_of(row: dict) -> Problem:
    return Problem(
        question_id=row["question_id"],
        title=row["question_title"],
        content=row["question_content"],
        platform=Platform(row["platform"]),
        difficulty=Difficulty(row["difficulty"]),
        contest_id=row["contest_id"],
        contest_date=datetime.fromisoformat(row["contest_date"]),
        starter_code=row["starter_code"],
        func_name=json.loads(row["metadata"]).get("func_name"),
        public_tests=(),
        private_tests=lambda: (),
    )


def official_form(prompt: Prompt) -> object:
    """What the official function returns: a text, a list of messages, or the system text and a list of messages."""
    if prompt.text is not None:
        return prompt.text
    messages = [{"role": message.role, "content": message.content} for message in prompt.messages]
    return messages if prompt.system is None else [prompt.system, messages]


def test_prompts_are_the_official_ones(golden: list[dict], problems: dict[str, Problem]):
    compared = {}
    for entry in golden:
        if "prompt" not in entry:
            continue
        built = official_form(build_prompt(problems[entry["question_id"]], entry["style"]))
        assert built == entry["prompt"], (entry["style"], entry["question_id"])
        compared.setdefault(entry["style"], set()).add(entry["question_id"])

    # LLaMa3 has no stored text: the official function needs the model's tokenizer.
    assert set(compared) == set(STYLES) - {"LLaMa3"}
    assert all(ids == set(problems) for ids in compared.values())


def test_styles_without_an_official_prompt_are_refused(golden: list[dict], problems: dict[str, Problem]):
    refused = {entry["style"] for entry in golden if "NotImplementedError" in entry.get("error", "")}

    assert refused == {"CodeLLaMaInstruct", "DataBricks", "StarCoderInstruct"}
    for style in refused:
        with pytest.raises(InputError, match="no code generation prompt"):
            build_prompt(next(iter(problems.values())), style)
