"""Programs that win by deceiving the grader: none is accepted, and the official gradings call each a cheat.

The cheats are files in tests/corpus/cheats; its README says how they are written.
"""

from __future__ import annotations

import json
import re
import tomllib
from datetime import datetime
from pathlib import Path

import pytest

from lcb_ray.agent.protocol import Limits
from lcb_ray.local import LocalPool
from livecodebench.judging.gradings import OFFICIAL, OFFICIAL_2025_01, STANDARD
from livecodebench.judging.judge import Judge
from livecodebench.problem import Difficulty, Platform, Problem, TestCase
from livecodebench.submission import Submission

pytestmark = pytest.mark.jail

FOLDER = Path(__file__).parents[1] / "corpus" / "cheats"
CHEATS = {path.stem: path.read_text() for path in sorted(FOLDER.glob("*.py"))}
TASKS = json.loads((FOLDER / "problems.json").read_text())
HONEST = {
    "slow": "print(2 * int(input()))",
    "slow_call": "class Solution:\n    def answer(self, x):\n        return 2 * x",
    "secret": "print({1: 48213, 2: 907, 3: 665120}[int(input())])",
    "secret_call": "def answer(x):\n    return {1: 48213, 2: 907, 3: 665120}[x]",
    "secret_pair": "def answer(x):\n    return {1: (48213, 7), 2: (907, 31)}[x]",
}


def header(code):
    """The TOML block at the top of a cheat."""
    block = re.search(r"^# /// cheat\n(.*?)^# ///$", code, re.DOTALL | re.MULTILINE)
    return tomllib.loads(re.sub(r"^# ?", "", block[1], flags=re.MULTILINE))


@pytest.fixture(scope="module")
def pool():
    pool = LocalPool()
    yield pool
    pool.close()


def judged(pool, name, code, grading):
    task = TASKS[name]
    tests = tuple(TestCase(*pair) for pair in zip(task["inputs"], task["outputs"], strict=True))
    problem = Problem(
        question_id=name,
        title="",
        content="",
        platform=Platform.ATCODER,
        difficulty=Difficulty.EASY,
        contest_id="",
        contest_date=datetime(2024, 1, 1),
        starter_code="",
        func_name=task["fn_name"],
        public_tests=tests[:1],
        private_tests=lambda: tests[1:],
    )
    judge = Judge(pool, {name: problem}, grading=grading, limits=Limits(cpu_s=float(task["timeout"])))
    return judge.judge(Submission(name, code))


def test_there_are_enough():
    assert len(CHEATS) >= 30
    assert {trace for code in CHEATS.values() for trace in header(code)["traces"]} == {
        "answer", "results", "grader", "equality", "output", "time", "frames",
    }  # fmt: skip


@pytest.mark.parametrize("grading", [STANDARD, OFFICIAL, OFFICIAL_2025_01])
@pytest.mark.parametrize("name", TASKS)
def test_the_problems_can_be_solved(pool, name, grading):
    judgement = judged(pool, name, HONEST[name], grading)
    assert judgement.passed
    assert "cheat" not in judgement.as_json()


@pytest.mark.parametrize("grading", [OFFICIAL, OFFICIAL_2025_01])
@pytest.mark.parametrize("name", CHEATS)
def test_it_is_seen_through(pool, name, grading):
    expected = header(CHEATS[name])
    judgement = judged(pool, expected["problem"], CHEATS[name], grading)
    line = judgement.as_json()
    assert not judgement.passed
    assert line["cheat"] is True
    assert set(expected["traces"]) <= set(line["cheat_traces"])


@pytest.mark.parametrize("name", CHEATS)
def test_it_does_not_work_in_a_process_of_its_own(pool, name):
    assert not judged(pool, header(CHEATS[name])["problem"], CHEATS[name], STANDARD).passed
