"""A view of a pool comes back from JSON as it was, and what is none is refused."""

from __future__ import annotations

import json

import pytest

from lcb_ray.pool_view import DriverView, Finished, PoolView, Running, SandboxView, ViewError

VIEW = PoolView(
    pool="livecodebench",
    target=2,
    slots={"free": 1, "lent": 1, "dirty": 0, "draining": 0},
    waiting=3,
    failure="",
    drivers=(DriverView(id="d", label="host 12", priority="evaluation", waiting=3, held=1),),
    sandboxes=(
        SandboxView(
            id=1,
            host="pod-a",
            state="up",
            slots=2,
            taken=1,
            verdicts={"accepted": 4, "wrong_answer": 1},
            errors=0,
            last_minute=5,
            running=(Running(key="p#0", for_s=1.5),),
            network="not enforced",
        ),
        SandboxView(
            id=2, host="", state="starting", slots=0, taken=0, verdicts={}, errors=0, last_minute=0, running=()
        ),
    ),
    recent=(Finished(key="p#1", verdict="accepted", ago_s=0.5, host="pod-a", sandbox=1),),
)


def test_there_and_back():
    assert PoolView.of(json.loads(json.dumps(VIEW.as_json()))) == VIEW
    assert VIEW.verdicts == {"accepted": 4, "wrong_answer": 1}


def test_what_is_new_is_not_looked_at():
    assert PoolView.of({**VIEW.as_json(), "later": 1}) == VIEW


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"pool": None}, "'pool'"),
        ({"target": -1}, "'target'"),
        ({"target": True}, "'target'"),
        ({"slots": {"free": "many"}}, "'free'"),
        ({"drivers": {}}, "'drivers'"),
        ({"sandboxes": ["one"]}, "an object"),
        ({"recent": [{"key": "k", "verdict": "v", "ago_s": float("nan"), "host": ""}]}, "'ago_s'"),
    ],
)
def test_what_is_no_view(change, words):
    with pytest.raises(ViewError, match=words):
        PoolView.of({**VIEW.as_json(), **change})


def test_long_texts_are_cut():
    view = PoolView.of({**VIEW.as_json(), "pool": "x" * 100_000})
    assert len(view.pool) == 200
