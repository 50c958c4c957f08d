"""Quotas and LimitRanges of somebody else, against pods as they are asked for."""

from __future__ import annotations

import pytest

from lcb_ray.kuberay.quota import asked_by, broken_ranges, by_quota


def number(amount):
    """Plain numbers, where the API has texts: kubernetes' own parser has tests of its own."""
    return float(amount)


def container(name, requests, limits=None, **more):
    return {"name": name, "resources": {"requests": requests, "limits": limits or {}}, **more}


HEAD = {"containers": [container("ray-head", {"cpu": 1, "memory": 4}, {"cpu": 4, "memory": 4})]}
SANDBOX = {
    "initContainers": [
        container("sandbox", {"cpu": 1, "memory": 2}, {"cpu": 1, "memory": 2}, restartPolicy="Always"),
        container("wait", {"cpu": 0.2, "memory": 1}, {"cpu": 0.2, "memory": 1}),
    ],
    "containers": [container("ray", {"cpu": 0.5, "memory": 1}, {"cpu": 0.5, "memory": 1})],
}


def quota(hard, used=None, **spec):
    return {
        "metadata": {"name": "theirs"},
        "spec": {"hard": hard, **spec},
        "status": {"hard": hard, "used": used or {}},
    }


def fits(*quotas, ours=(), most=10):
    return by_quota(quotas, ours, head=HEAD, sandbox=SANDBOX, most=most, number=number)


def limit_range(**item):
    return [{"metadata": {"name": "range"}, "spec": {"limits": [item]}}]


def broken(**item):
    return broken_ranges(limit_range(**item), {"head pod": HEAD, "sandbox pod": SANDBOX}, number)


def test_a_pod_counts_for_its_containers_and_sidecars_at_once():
    assert asked_by(SANDBOX, "requests.cpu", number).amount == 1.5
    assert asked_by(SANDBOX, "limits.memory", number).amount == 3
    assert asked_by(SANDBOX, "pods", number).amount == 1


@pytest.mark.parametrize(
    ("hard", "expected"),
    [
        ({"requests.cpu": "7"}, 4),
        ({"cpu": "7"}, 4),
        ({"limits.cpu": "7"}, 2),
        ({"memory": "10"}, 2),
        ({"pods": "4"}, 3),
        ({"count/pods": "1"}, 0),
        ({"pods": "0"}, 0),
        ({"requests.cpu": "100", "limits.memory": "7"}, 1),
        ({"requests.storage": "0", "services": "0"}, 10),
    ],
)
def test_what_a_quota_leaves(hard, expected):
    fit = fits(quota(hard))
    assert fit.sandboxes == expected
    assert ("quota theirs allows" in fit.lacking) is (expected < 10)


def test_what_others_use_is_taken_off_and_what_we_use_is_not():
    ours = [{"spec": HEAD}, {"spec": SANDBOX}]
    assert fits(quota({"requests.cpu": "7"}, {"requests.cpu": "5"})).sandboxes == 0
    assert fits(quota({"requests.cpu": "7"}, {"requests.cpu": "5"}), ours=ours).sandboxes == 2


def test_quotas_of_other_kinds_of_pods_do_not_count():
    assert fits(quota({"pods": "0"}, scopes=["BestEffort"])).sandboxes == 10
    assert fits(quota({"pods": "0"}, scopeSelector={"matchExpressions": []})).sandboxes == 10
    assert fits(quota({"pods": "0"}, scopes=["NotBestEffort"])).sandboxes == 0


def test_a_quota_on_what_a_container_does_not_say_refuses_the_pod():
    fit = fits(quota({"limits.ephemeral-storage": "100"}))
    assert fit.sandboxes == 0
    assert "counts limits.ephemeral-storage, which ray, ray-head, sandbox, wait of our pods do not say" in fit.lacking


def test_containers_that_a_range_allows():
    assert broken(type="Container", max={"cpu": "4", "memory": "4"}, min={"cpu": "0.1"}) == []
    assert broken(type="PersistentVolumeClaim", max={"storage": "0"}) == []


def test_what_a_range_refuses_is_named_with_container_and_amount():
    assert broken(type="Container", max={"cpu": "2"}) == [
        "LimitRange range: container ray-head of the head pod may take 4 cpu, and the most is 2"
    ]
    [wrong] = broken(type="Container", min={"cpu": "0.3"})
    assert "container wait of the sandbox pod asks for 0.2 cpu, and the least is 0.3" in wrong
    [wrong] = broken(type="Container", maxLimitRequestRatio={"cpu": "2"})
    assert "container ray-head of the head pod may take 4 cpu and asks for 1: at most 2 times" in wrong
    assert broken(type="Pod", max={"memory": "3"}) == ["LimitRange range: the head pod may take more memory than 3"]
    assert broken(type="Pod", min={"memory": "4"}) == ["LimitRange range: the sandbox pod asks for less memory than 4"]


def test_what_a_range_would_give_counts_where_nothing_is_said():
    [wrong, *_] = broken(type="Container", default={"ephemeral-storage": "9"}, max={"ephemeral-storage": "5"})
    assert "may take 9 ephemeral-storage, and the most is 5" in wrong
