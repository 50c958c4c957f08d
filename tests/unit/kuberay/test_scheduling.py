"""Node selectors and tolerations: how they are written, and which nodes they mean."""

from __future__ import annotations

import pytest

from lcb_ray.kuberay.scheduling import Effect, Toleration, bears, parse_selector, parse_tolerations, selected

TAINT = {"key": "dedicated", "value": "sandbox", "effect": "NoSchedule"}


def test_selectors_are_labels_with_commas_between():
    said = "pool=sandbox, cloud.google.com/gke-nodepool=lcb,empty="
    assert parse_selector(said) == (("cloud.google.com/gke-nodepool", "lcb"), ("empty", ""), ("pool", "sandbox"))


@pytest.mark.parametrize("said", ["pool", "pool:sandbox", "=x", "a=b c", "pool=a,pool=b", "-a=b"])
def test_a_selector_that_cannot_be_says_how_it_is_written(said):
    with pytest.raises(ValueError, match="key=value"):
        parse_selector(said)


def test_tolerations_are_written_as_taints_are():
    assert parse_tolerations("dedicated=sandbox:NoSchedule,spot:NoExecute,gpu,gpu,e=") == (
        Toleration("dedicated", "sandbox", Effect.NO_SCHEDULE),
        Toleration("spot", None, Effect.NO_EXECUTE),
        Toleration("gpu"),
        Toleration("e", ""),
    )


@pytest.mark.parametrize("said", ["a:Never", "=x", "a=b=c", "a b", "a:"])
def test_a_toleration_that_cannot_be_says_how_it_is_written(said):
    with pytest.raises(ValueError, match="key=value:NoSchedule"):
        parse_tolerations(said)


def test_tolerations_are_kubernetes_documents():
    assert [one.as_document() for one in parse_tolerations("dedicated=sandbox:NoSchedule,gpu")] == [
        {"key": "dedicated", "operator": "Equal", "value": "sandbox", "effect": "NoSchedule"},
        {"key": "gpu", "operator": "Exists"},
    ]


@pytest.mark.parametrize(
    ("said", "expected"),
    [
        ("", False),
        ("dedicated", True),
        ("dedicated:NoSchedule", True),
        ("dedicated:NoExecute", False),
        ("dedicated=sandbox", True),
        ("dedicated=other", False),
        ("other", False),
        ("other,dedicated=sandbox:NoSchedule", True),
    ],
)
def test_which_taints_are_borne(said, expected):
    assert bears([one.as_document() for one in parse_tolerations(said)], [TAINT]) is expected


def test_every_taint_is_to_be_borne_and_a_preference_is_none():
    assert not bears([{"key": "dedicated", "operator": "Exists"}], [TAINT, {"key": "spot", "effect": "NoExecute"}])
    assert bears([], [{**TAINT, "effect": "PreferNoSchedule"}])
    assert bears([{"operator": "Exists"}], [TAINT])
    assert not bears([{"operator": "Equal"}], [TAINT])


def test_which_nodes_are_selected():
    assert selected({}, {"a": "b"})
    assert selected({"a": "b"}, {"a": "b", "c": "d"})
    assert not selected({"a": "b"}, {"a": "c"})
    assert not selected({"a": "b"}, {})
