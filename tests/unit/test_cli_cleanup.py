"""`cleanup`: what it says of what the backends say, and how it ends."""

from __future__ import annotations

import json

import pytest

from lcb_ray.errors import SandboxUnusable
from livecodebench.judging import leftovers
from livecodebench.judging.leftovers import Cleanup


@pytest.fixture
def found(monkeypatch):
    """What the one backend here answers, and how it was asked."""
    asked = []

    def answers(cleanup):
        def clean(options):
            asked.append(options)
            if isinstance(cleanup, Exception):
                raise cleanup
            return cleanup

        monkeypatch.setattr(leftovers, "CLEANERS", {"docker": clean})
        return asked

    return answers


def test_nothing_is_left(cli, found):
    found(Cleanup(backend="docker"))
    ended = cli("cleanup")
    assert (ended.status, ended.out) == (0, "docker: nothing is left\n")


def test_what_was_removed_and_what_was_kept(cli, found):
    found(Cleanup(backend="docker", removed=["a"], kept={"b": "process 7, which is running"}))
    ended = cli("cleanup")
    assert ended.status == 0
    assert ended.out == (
        "docker: removed a\ndocker: kept b: in use by process 7, which is running (--all removes it)\n"
    )


def test_what_is_asked_for(cli, found):
    asked = found(Cleanup(backend="docker", removed=["a"]))
    assert cli("cleanup", "--all", "--images", "--dry-run").out == "docker: would remove a\n"
    [options] = asked
    assert (options.everything, options.images, options.dry_run) == (True, True, True)


def test_what_cannot_be_removed(cli, found):
    found(Cleanup(backend="docker", failed={"a": "it is used"}))
    ended = cli("cleanup")
    assert (ended.status, ended.out) == (3, "docker: cannot remove a: it is used\n")


def test_a_backend_that_is_not_here(cli, found):
    found(SandboxUnusable("no engine"))
    ended = cli("cleanup")
    assert (ended.status, ended.out) == (0, "docker: not looked at: no engine\n")
    ended = cli("cleanup", "--backend", "docker")
    assert (ended.status, ended.out) == (4, "")
    assert "no engine" in ended.err


def test_as_json(cli, found):
    found(Cleanup(backend="docker", removed=["a"], kept={"b": "x"}))
    assert json.loads(cli("cleanup", "--json").out) == [
        {"backend": "docker", "removed": ["a"], "kept": {"b": "x"}, "failed": {}, "skipped": None}
    ]


def test_a_backend_that_leaves_nothing(cli):
    ended = cli("cleanup", "--backend", "local")
    assert ended.status == 2
    assert "choose one of docker" in ended.err
