"""`grade` killed with SIGKILL at named points of reading, judging, writing and ending, and resumed each time.

The process kills itself just before it would do a certain thing for the nth time: the points are the same in every
run of this test, and cover what a kill at random rarely hits.
"""

import json
import os
import signal
import subprocess
import sys
import textwrap
from collections import Counter
from importlib.resources import files

import pytest

from livecodebench.answers.generations import open_generations
from livecodebench.dataset.opening import open_dataset

pytestmark = [pytest.mark.jail, pytest.mark.timeout(300)]

MINI = files("livecodebench") / "data" / "mini"

# (what, name of the file, how often before it kills). "write half" tears a line: half of it is written.
KILLS = [
    ("open", "problems.jsonl", 1),
    ("open", "answers.jsonl", 1),
    ("open", "answers.jsonl", 2),
    ("os.mkdir", "out", 1),
    ("open", ".lock", 1),
    ("os.rename", ".run.json.tmp", 1),
    ("open", "judgements.jsonl", 1),
    ("os.rename", ".run.json.tmp", 2),  # the sandbox has just been started
    ("write", "judgements.jsonl", 1),
    ("write half", "judgements.jsonl", 1),
    ("write", "judgements.jsonl", 4),
    ("write half", "judgements.jsonl", 5),
    ("os.truncate", "judgements.jsonl", 1),  # while it mends what the one before tore
    ("write half", "judgements.jsonl", 6),
    ("open", ".summary.json.tmp", 1),
    ("os.rename", ".summary.json.tmp", 1),
    ("os.mkdir", "official", 1),
    ("os.rename", "._eval_all.json.tmp", 1),
    ("open", "._eval.json.tmp", 1),
    ("os.rename", "._eval.json.tmp", 1),
]

SUICIDAL = """
    import os, signal, sys
    what, name, left = sys.argv[1], sys.argv[2], int(sys.argv[3])
    del sys.argv[1:4]

    def met(event, path):
        global left
        if event == what.removesuffix(" half") and os.path.basename(os.fsdecode(path)) == name:
            left -= 1
        return left == 0

    def die():
        os.kill(os.getpid(), signal.SIGKILL)

    def hook(event, arguments):
        watched = event in ("open", "os.rename", "os.mkdir", "os.truncate")
        if watched and isinstance(arguments[0], (str, bytes, os.PathLike)) and met(event, arguments[0]):
            die()

    def writing(file, data, write=os.write):
        if met("write", os.readlink(f"/proc/self/fd/{file}")):
            if what == "write half":
                write(file, bytes(data)[: len(data) // 2])
            die()
        return write(file, data)

    sys.addaudithook(hook)
    os.write = writing
    from livecodebench.cli import main
    main()
"""


def grade(folder, *killer):
    """Start `grade` in a folder that holds its answers; returns its status and what it printed."""
    program = ["-c", textwrap.dedent(SUICIDAL), *map(str, killer)] if killer else ["-m", "livecodebench"]
    command = [sys.executable, *program, "grade", "answers.jsonl", "--dataset", "mini", "--output", "out", "--json"]
    with subprocess.Popen(
        command, cwd=folder, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, env=dict(os.environ)
    ) as process:
        out, err = process.communicate()
    return process.returncode, out, err


def judgements(folder):
    """Key and verdict of each line, but for times all that is in it; every line must be whole."""
    lines = [json.loads(line) for line in (folder / "out" / "judgements.jsonl").read_text().splitlines()]
    for line in lines:
        for test in line["tests"]:
            for measured in ("cpu_s", "wall_s", "max_rss_bytes"):
                del test[measured]
    return Counter(json.dumps(line, sort_keys=True) for line in lines)


def official(folder):
    return {
        path.name: json.loads(path.read_text().replace("execution time", "time"))[1]
        if path.name == "_eval.json"
        else None
        for path in (folder / "out" / "official").glob("*/*")
    }


@pytest.fixture
def folders(tmp_path):
    """Two folders with the same answers: mini's quick ones, right and wrong."""
    answers = [
        json.loads(line)
        for line in (MINI / "generations.jsonl").read_text().splitlines()
        if json.loads(line)["model"] == "mini-strong"
    ]
    answers[0]["output_list"][0] = "```python\nprint('wrong')\n```"
    answers[1]["output_list"][0] = "no program"
    for name in ("killed", "whole"):
        (tmp_path / name).mkdir()
        (tmp_path / name / "answers.jsonl").write_text("".join(json.dumps(row) + "\n" for row in answers))
    return tmp_path / "killed", tmp_path / "whole"


def test_killed_twenty_times_and_resumed_it_ends_as_if_undisturbed(folders):
    killed, whole = folders
    assert len(KILLS) == 20
    before = 0
    for point in KILLS:
        status, out, err = grade(killed, *point)
        assert (status, out) == (-signal.SIGKILL, ""), f"{point} was never met: {err}"
        path = killed / "out" / "judgements.jsonl"
        lines = path.read_bytes().splitlines(keepends=True) if path.exists() else []
        complete = [json.loads(line) for line in lines if line.endswith(b"\n")]
        keys = [(line["model"], line["question_id"], line["sample"]) for line in complete]
        assert len(set(keys)) == len(keys) >= before  # nothing twice, nothing lost, at any moment
        before = len(keys)

    assert grade(whole)[0] == 0
    status, out, err = grade(killed)
    assert status == 0, err
    assert judgements(killed) == judgements(whole)
    answers = open_generations(killed / "answers.jsonl", problems=open_dataset("mini"))
    assert sum(judgements(killed).values()) == len(answers)
    assert official(killed) == official(whole)
    summaries = [json.loads((folder / "out" / "summary.json").read_text()) for folder in folders]
    assert summaries[0] == summaries[1] == json.loads(out)
