"""`evaluate`, through HTTP, gives real models' answers the verdicts that `grade` gives them.

50 problems of each of two models by default, LeetCode's and AtCoder's alternating; LCB_EVALUATE=all takes every problem
and every model of the corpus (some minutes).
"""

import gzip
import json
import os
import subprocess
import sys
from collections import Counter

import pytest

pytestmark = [pytest.mark.parity, pytest.mark.jail, pytest.mark.timeout(3600)]

EVERYTHING = os.environ.get("LCB_EVALUATE") == "all"
MODELS = ("O1-Mini-2024-09-12 (N=1)", "Qwen2.5-Ins-7B", *(("O1-Preview-2024-09-12 (N=1)",) if EVERYTHING else ()))


def livecodebench(*arguments):
    done = subprocess.run(
        [sys.executable, "-m", "livecodebench", *map(str, arguments)], capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout)


def verdicts(folder):
    rows = [json.loads(line) for line in (folder / "judgements.jsonl").read_text().splitlines()]
    return {row["question_id"]: row["verdict"] for row in rows}


def chosen(corpus, model):
    """The model's answers: all, or 50 of both platforms."""
    with gzip.open(corpus / "dev" / "solutions.jsonl.gz", "rt") as file:
        rows = [row for row in map(json.loads, file) if row["model"] == model]
    if EVERYTHING:
        return rows
    leetcode = [row for row in rows if row["question_id"].isdecimal()]
    others = [row for row in rows if not row["question_id"].isdecimal()]
    return leetcode[:: len(leetcode) // 25][:25] + others[:: len(others) // 25][:25]


@pytest.mark.parametrize("model", MODELS)
def test_the_verdicts_of_grade(corpus, tmp_path, model):
    rows = chosen(corpus, model)
    answers, ids = tmp_path / "answers.jsonl", tmp_path / "ids"
    keep = ("question_id", "model", "output_list")
    answers.write_text("".join(json.dumps({name: row[name] for name in keep}) + "\n" for row in rows))
    ids.write_text("\n".join(row["question_id"] for row in rows))
    common = ("--dataset", corpus / "dev" / "problems.jsonl.gz", "--ids", f"@{ids}", "--json")
    graded = livecodebench("grade", answers, *common, "--output", tmp_path / "graded")
    evaluated = livecodebench("evaluate", model, "--replay", answers, *common, "--output", tmp_path / "evaluated")
    assert evaluated["judged"] == graded["judged"] == len(rows)
    assert set(evaluated["by"]["platform"]) >= {"atcoder", "leetcode"}
    found, expected = verdicts(tmp_path / "evaluated"), verdicts(tmp_path / "graded")
    assert {name: (found[name], expected[name]) for name in expected if found[name] != expected[name]} == {}
    assert evaluated["verdicts"] == graded["verdicts"]
    assert len(Counter(found.values())) > 1, "not all the same: there is something to compare"
