from dataclasses import replace

import pytest

from lcb_ray.agent.protocol import Limits
from livecodebench.results.fingerprint import differences, normalised, of_grading

DATASET = {"name": "a/b.jsonl", "revision": "sha256:1", "filters": {"ids": ["p1"]}, "problems": 3}


def fingerprint(**changes):
    given = {
        "dataset": DATASET,
        "generations_sha256": "aa",
        "grading": "standard",
        "all_tests": False,
        "limits": Limits(),
        "extraction": "official",
    }
    return of_grading(**(given | changes))


def test_the_same_is_the_same_after_a_file():
    assert differences(normalised(fingerprint()), fingerprint()) == []


@pytest.mark.parametrize(
    ("changes", "told"),
    [
        ({"dataset": {**DATASET, "revision": "sha256:2"}}, 'dataset.revision: "sha256:1" there, "sha256:2" now'),
        ({"dataset": {**DATASET, "filters": {}}}, 'dataset.filters.ids: ["p1"] there, (not set) now'),
        ({"generations_sha256": "bb"}, 'generations_sha256: "aa" there, "bb" now'),
        ({"grading": "official"}, 'grading: "standard" there, "official" now'),
        ({"all_tests": True}, "all_tests: false there, true now"),
        ({"limits": Limits(cpu_s=1.5)}, "limits.cpu_s: 6.0 there, 1.5 now"),
        ({"limits": replace(Limits(), memory_bytes=7)}, "limits.memory_bytes: 2147483648 there, 7 now"),
        ({"extraction": "whole"}, 'extraction: "official" there, "whole" now'),
    ],
)
def test_each_thing_that_changes_verdicts_is_told(changes, told):
    assert differences(fingerprint(), fingerprint(**changes)) == [told]


def test_what_changes_no_verdict_is_not():
    other = fingerprint(dataset={**DATASET, "name": "./b.jsonl"}, limits=Limits(overload_wall_s=1000))
    assert differences(fingerprint(), other) == []


def test_a_release_is_told_by_its_name():
    release = {**DATASET, "name": "release_v5", "revision": "c0ffee"}
    other = {**release, "name": "release_v6"}
    assert differences(fingerprint(dataset=release), fingerprint(dataset=other)) == [
        'dataset.name: "release_v5" there, "release_v6" now'
    ]
