"""Nothing that a program prints reaches a terminal as it is: escapes, titles, directions, C1 controls."""

from __future__ import annotations

import json

import pytest

pytestmark = pytest.mark.jail

HOSTILE = "\x1b[2J\x1b]0;title\x07\x1b]8;;http://x\x1b\\ \u202e\u2066 \x9b31m\x85\x90 \r\x08 \u2028 \U000e0041"
PRINTS = f"import sys\nprint({HOSTILE!r})\nprint({HOSTILE!r}, file=sys.stderr)\n"
RAISES = f"raise ValueError({HOSTILE!r})\n"
DOES_NOT_COMPILE = f"x = = 1  # {HOSTILE}\n".replace("\r", " ").replace("\x85", " ")


def harmless(text):
    return all(char.isprintable() or char == "\n" for char in text)


@pytest.mark.parametrize("source", [PRINTS, RAISES, DOES_NOT_COMPILE])
def test_run_shows_it_as_text(cli, tmp_path, source):
    program = tmp_path / "solution.py"
    program.write_text(source, encoding="utf-8", newline="")
    ended = cli("run", program, "--problem", "mini_countdown", "--dataset", "mini", "--verbose")
    assert ended.status == 1
    assert harmless(ended.out), ascii(ended.out)
    assert harmless(ended.err), ascii(ended.err)


def test_grade_shows_names_as_text(cli, tmp_path):
    answers = tmp_path / "answers.jsonl"
    row = {"question_id": "mini_countdown", "model": f"m{HOSTILE}", "code_list": [PRINTS, RAISES]}
    answers.write_text(json.dumps(row) + "\n")
    ended = cli("grade", answers, "--dataset", "mini", "--output", tmp_path / "out")
    assert ended.status == 0
    assert harmless(ended.out), ascii(ended.out)
    assert harmless(ended.err), ascii(ended.err)
    shown = cli("report", tmp_path / "out")
    assert harmless(shown.out + shown.err)
    assert "x1b" in shown.out
