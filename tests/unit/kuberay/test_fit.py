"""How many sandbox pods fit, on nodes and pods as the API describes them."""

from __future__ import annotations

import pytest

from lcb_ray.kuberay.fit import Kind, Resources, fitting, request_of, rest_of, takes_pods

GIB = 2**30
SANDBOX = Kind(asks=Resources(cpu=1, memory=2 * GIB, storage=GIB), spec={})
HEAD = Kind(asks=Resources(cpu=1, memory=4 * GIB, storage=GIB), spec={})
TAINT = {"key": "dedicated", "value": "sandbox", "effect": "NoSchedule"}
BEARS = {"tolerations": [{"key": "dedicated", "operator": "Exists"}]}


def parse(amounts):
    """Plain numbers, where the API has texts: kubernetes' own parser has tests of its own."""
    given = amounts or {}
    return Resources(
        cpu=float(given.get("cpu", 0)),
        memory=float(given.get("memory", 0)),
        storage=float(given.get("ephemeral-storage", 0)),
    )


def node(name="a", *, cpu=8, memory=32 * GIB, pods=110, ready="True", labels=None, **spec):
    allocatable = {"cpu": cpu, "memory": memory, "ephemeral-storage": 100 * GIB, "pods": str(pods)}
    status = {"allocatable": allocatable, "conditions": [{"type": "Ready", "status": ready}]}
    return {"metadata": {"name": name, "labels": labels or {}}, "spec": spec, "status": status}


def container(cpu, memory=0, **more):
    return {"resources": {"requests": {"cpu": cpu, "memory": memory}}, **more}


def pod(node_name, cpu, phase="Running"):
    return {"spec": {"nodeName": node_name, "containers": [container(cpu)]}, "status": {"phase": phase}}


def rest(*nodes, pods=()):
    return rest_of(nodes, pods, parse)


def test_a_pod_asks_for_its_containers_and_sidecars_at_once():
    spec = {
        "initContainers": [container(1, 5, restartPolicy="Always"), container(0.2, 1)],
        "containers": [container(2, 7), {"name": "asks for nothing"}],
    }
    assert request_of(spec, parse) == Resources(cpu=3, memory=12)


def test_a_large_init_container_counts_with_the_sidecars_before_it():
    spec = {"initContainers": [container(1, restartPolicy="Always"), container(9)], "containers": [container(2)]}
    assert request_of(spec, parse).cpu == 10


def test_a_limit_without_a_request_is_the_request():
    spec = {"containers": [{"resources": {"limits": {"cpu": 2, "memory": 3}, "requests": {"memory": 1}}}]}
    assert request_of(spec, parse) == Resources(cpu=2, memory=1)


def test_what_runs_already_is_taken_off_and_what_has_ended_is_not():
    [one] = rest(node(), pods=[pod("a", 3), pod("a", 2, "Succeeded"), pod("a", 2, "Failed"), pod(None, 1)])
    assert (one.amounts.cpu, one.pods) == (5, 109)


@pytest.mark.parametrize(
    "closed",
    [
        node(unschedulable=True),
        node(taints=[{"key": "node-role.kubernetes.io/control-plane", "effect": "NoSchedule"}]),
        node(taints=[{"key": "x", "effect": "NoExecute"}]),
        node(ready="False"),
        node(ready="Unknown"),
    ],
)
def test_nodes_that_take_no_pods_do_not_count(closed):
    assert not takes_pods(closed)
    assert fitting(rest(closed), head=HEAD, sandbox=SANDBOX, most=1).sandboxes == 0


def test_a_taint_that_is_a_preference_is_none():
    assert takes_pods(node(taints=[{"key": "x", "effect": "PreferNoSchedule"}]))


def test_as_many_as_are_asked_for_where_there_is_room():
    assert fitting(rest(node("a"), node("b")), head=HEAD, sandbox=SANDBOX, most=10).sandboxes == 10


@pytest.mark.parametrize(
    ("nodes", "expected"),
    [
        ([node("a", cpu=4), node("b", cpu=4)], 7),  # by CPU, one of which is the head's
        ([node("a", memory=8 * GIB), node("b", memory=9 * GIB)], 6),  # by memory: b has the head
        ([node("a", pods=3)], 2),  # by the number of pods
        ([node("a", cpu=1.5), node("b", cpu=1.5)], 1),  # halves of two nodes make no whole
    ],
)
def test_what_limits_is_said(nodes, expected):
    fit = fitting(rest(*nodes), head=HEAD, sandbox=SANDBOX, most=30)
    assert fit.sandboxes == expected
    assert "1 CPUs and 2048 MiB" in fit.lacking


def test_no_node_for_the_head():
    fit = fitting(rest(node(cpu=0.5)), head=HEAD, sandbox=SANDBOX, most=3)
    assert fit.sandboxes == 0
    assert "no node has room for the head pod (1 CPUs and 4096 MiB)" in fit.lacking


def test_no_nodes_at_all():
    assert fitting([], head=HEAD, sandbox=SANDBOX, most=3).sandboxes == 0


def sandbox(**spec):
    return Kind(asks=SANDBOX.asks, spec=spec)


def test_tainted_nodes_take_those_that_bear_the_taint_and_the_others_are_told():
    nodes = [node("a", cpu=3), node("b", taints=[TAINT])]
    fit = fitting(rest(*nodes), head=HEAD, sandbox=SANDBOX, most=10)
    assert fit.sandboxes == 2
    assert "1 nodes have taints that these pods do not bear (dedicated=sandbox:NoSchedule" in fit.lacking
    assert "LIVECODEBENCH_K8S_TOLERATIONS" in fit.lacking
    assert fitting(rest(*nodes), head=HEAD, sandbox=sandbox(**BEARS), most=10).sandboxes == 10


def test_a_head_that_may_go_nowhere_names_its_own_setting():
    fit = fitting(rest(node(taints=[TAINT])), head=HEAD, sandbox=sandbox(**BEARS), most=1)
    assert fit.sandboxes == 0
    assert "LIVECODEBENCH_K8S_HEAD_TOLERATIONS" in fit.lacking


def test_a_control_plane_is_nobodys_to_ask_for():
    control_plane = node(taints=[{"key": "node-role.kubernetes.io/control-plane", "effect": "NoSchedule"}])
    assert "taints" not in fitting(rest(control_plane), head=HEAD, sandbox=SANDBOX, most=1).lacking


def test_selected_nodes_only():
    nodes = [node("a", labels={"pool": "sandbox"}, cpu=2), node("b")]
    fit = fitting(rest(*nodes), head=HEAD, sandbox=sandbox(nodeSelector={"pool": "sandbox"}), most=10)
    assert fit.sandboxes == 1, "of the two CPUs there the head takes one: it may go anywhere"
    assert "1 nodes lack the labels of LIVECODEBENCH_K8S_NODE_SELECTOR" in fit.lacking
