"""The bundled answers, judged for real: each gets the verdict that it was written for."""

import json
from importlib.resources import files

import pytest

from livecodebench.answers.extraction import extract
from livecodebench.dataset.opening import open_dataset
from livecodebench.judging.backend import open_pool
from livecodebench.judging.judge import Judge
from livecodebench.submission import Submission

pytestmark = pytest.mark.jail

FOLDER = files("livecodebench") / "data" / "mini"


def test_every_stored_answer_gets_its_verdict():
    rows = [json.loads(line) for line in (FOLDER / "generations.jsonl").read_text().splitlines()]
    submissions = [
        Submission(row["question_id"], extract(text).code, row["model"], sample)
        for row in rows
        for sample, text in enumerate(row["output_list"])
    ]
    pool = open_pool("local", slots=2)
    try:
        judge = Judge(pool, open_dataset("mini"))
        judged = [(submission.key, judge.submit(submission)) for submission in submissions]
        found = {key: future.result().verdict for key, future in judged}
    finally:
        pool.close()
    expected = json.loads((FOLDER / "expected.json").read_text())["verdicts"]
    assert found == {(row["model"], row["question_id"], row["sample"]): row["verdict"] for row in expected}
