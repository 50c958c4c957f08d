"""What `top` prints of a pool: all of it, nothing that acts on a terminal, and no more than fits."""

from __future__ import annotations

import io
from dataclasses import replace

from rich.console import Console

from livecodebench.report.pool_table import NO_POOLS, pools_shown
from livecodebench.report.table import console_for
from tests.unit.test_pool_view import VIEW

HOSTILE = "\x1b]0;t\x07\x1b[2J\u202e\x9b31m\x85[red]x[/red]"


def shown(*views, **more):
    file = io.StringIO()
    console_for(file).print(pools_shown(views, **more))
    return file.getvalue()


def test_all_that_matters_is_there():
    text = shown(VIEW)
    for words in (
        "Pool livecodebench",
        "1 of 2 sandboxes up, 3 waiting",
        "5 submissions, 5 of them in the last minute, no errors",
        "1 of 2 lent, 1 free",
        "host 12",
        "evaluation",
        "pod-a #1",
        "p#0",
        "starting",
        "p#1",
    ):
        assert words in text, text


def test_errors_and_failures_are_told():
    [first, second] = VIEW.sandboxes
    text = shown(replace(VIEW, failure="self-test failed at 'jail'", sandboxes=(replace(first, errors=2), second)))
    assert "2 infrastructure errors" in text
    assert "did not start: self-test failed at 'jail'" in text


def test_names_of_others_cannot_act():
    [first, second] = VIEW.sandboxes
    [run], [done], [driver] = first.running, VIEW.recent, VIEW.drivers
    text = shown(
        replace(
            VIEW,
            pool=HOSTILE,
            failure=HOSTILE,
            slots={HOSTILE: 1},
            drivers=(replace(driver, label=HOSTILE, priority=HOSTILE),),
            recent=(replace(done, key=HOSTILE, verdict=HOSTILE, host=HOSTILE),),
            sandboxes=(replace(first, host=HOSTILE, state=HOSTILE, running=(replace(run, key=HOSTILE),)), second),
        )
    )
    assert all(char.isprintable() or char == "\n" for char in text)
    assert "[red]" in text


def test_what_does_not_fit_is_counted():
    many = replace(VIEW, sandboxes=tuple(replace(VIEW.sandboxes[0], id=number) for number in range(50)))
    text = shown(many, most_sandboxes=5)
    assert "and 45 more sandboxes" in text
    assert text.count("pod-a #") == 5


def test_pods_can_be_told_apart_on_a_narrow_terminal():
    [first, _] = VIEW.sandboxes
    ends = ("x7k2p", "qgj54")
    running = (replace(first.running[0], key="mini_harbour_maze#21"),)
    pods = tuple(
        replace(first, id=number, host=f"livecodebench-sandbox-worker-{end}", running=running)
        for number, end in enumerate(ends, 1)
    )
    file = io.StringIO()
    console = Console(file=file, width=80)
    console.print(pools_shown([replace(VIEW, sandboxes=pods)]))
    for number, end in enumerate(ends, 1):
        [line] = [line for line in file.getvalue().splitlines() if end in line]
        assert f"…worker-{end} #{number}" in line
        assert "mini_harbour_maze#21" in line


def test_no_pool():
    assert shown() == NO_POOLS + "\n"
