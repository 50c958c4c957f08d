"""A line of a log is one JSON object, whatever others have written into it."""

from __future__ import annotations

import json
import logging
import subprocess
import sys

from lcb_ray.structured_log import JsonLines

HOSTILE = '\x1b]0;title\x07 \u202e \x9b31m \r\n{"level": "error"}'


def line(message, *arguments, **extra):
    record = logging.getLogger("lcb_ray.test").makeRecord(
        "lcb_ray.test", logging.WARNING, "file", 1, message, arguments, None, extra=extra
    )
    return JsonLines().format(record)


def test_what_a_batch_is_found_by():
    found = json.loads(line("finished", key="mini_ledger#0", lease="d/7", verdict="accepted", seconds=0.5, other=1))
    assert (found["key"], found["lease"], found["verdict"], found["seconds"]) == (
        "mini_ledger#0",
        "d/7",
        "accepted",
        0.5,
    )
    assert (found["level"], found["of"], found["said"]) == ("warning", "lcb_ray.test", "finished")
    assert "other" not in found
    assert found["at"].endswith("Z")


def test_hostile_text_stays_one_line_of_plain_characters():
    written = line("lost: %s", HOSTILE, key=HOSTILE)
    assert written.isascii()
    assert written.isprintable()
    assert json.loads(written)["key"] == HOSTILE


def test_it_is_bounded():
    assert len(line("x" * 100_000, key="y" * 100_000)) < 5_000


def test_a_process_writes_each_line_once():
    script = (
        "import logging; from lcb_ray.structured_log import log_as_json\n"
        "log_as_json(); log_as_json()\n"
        "try: 1 / 0\n"
        "except ZeroDivisionError: logging.getLogger('lcb_ray.x').exception('a bug', extra={'lease': 'd/1'})\n"
    )
    ended = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True)
    [written] = ended.stderr.splitlines()
    found = json.loads(written)
    assert found["lease"] == "d/1"
    assert "ZeroDivisionError" in found["traceback"]
