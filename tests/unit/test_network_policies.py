"""The flows that tests/network_table.py tries on a real network, by the policies as they are written.

What a network is to do with each of them is reckoned here from the YAML, so that the table's expectations and the
policies cannot drift apart: a flow needs a rule at its source, where a policy covers that, and one at its target.
"""

from __future__ import annotations

import ipaddress

import pytest
import yaml

from lcb_ray.cluster_files import cluster_folder
from tests.network_table import FLOWS, NAMESPACE, OTHERS, PODS, WATCHERS

POLICIES = [
    one for one in yaml.safe_load_all((cluster_folder() / "base" / "network.yaml").read_text()) if one is not None
]
OURS = {"app.kubernetes.io/part-of": "livecodebench"}
SANDBOX = (NAMESPACE, {**OURS, "ray.io/node-type": "worker"})
# Who -> namespace and labels of a pod, or an address.
WHO = {
    "head": (NAMESPACE, {**OURS, "ray.io/node-type": "head"}),
    "sandbox": SANDBOX,
    "other sandbox": SANDBOX,
    "name server": ("kube-system", {"k8s-app": "kube-dns"}),
    "Kubernetes API": "10.96.0.1",
    "its node": "172.18.0.2",
    "outside": "172.18.0.1",
    **PODS,
}
LABELS = {WATCHERS: {"livecodebench/monitoring": "true"}, OTHERS: {}, NAMESPACE: {}, "kube-system": {}}


def matches(selector, labels):
    assert set(selector) <= {"matchLabels"}
    return all(labels.get(key) == value for key, value in selector.get("matchLabels", {}).items())


def is_peer(peer, who):
    if "ipBlock" in peer:
        if not isinstance(who, str):
            return False  # a pod is never meant by an address on the networks that this is tried on
        block = ipaddress.ip_network(peer["ipBlock"]["cidr"])
        inside = ipaddress.ip_address(who)
        excepted = [ipaddress.ip_network(one) for one in peer["ipBlock"].get("except", ())]
        return block.version == inside.version and inside in block and not any(inside in one for one in excepted)
    if isinstance(who, str):
        return False
    namespace, labels = who
    if "namespaceSelector" in peer:
        known = {**LABELS[namespace], "kubernetes.io/metadata.name": namespace}
        if not matches(peer["namespaceSelector"], known):
            return False
    elif namespace != NAMESPACE:
        return False
    return matches(peer.get("podSelector", {}), labels)


def lets(direction, who, other, port, protocol):
    """Whether policies let a pod send (or take in), as far as this end of the flow goes."""
    if isinstance(who, str) or who[0] != NAMESPACE:
        return True  # no policy of ours covers it
    covering = [
        one["spec"]
        for one in POLICIES
        if direction in one["spec"]["policyTypes"] and matches(one["spec"]["podSelector"], who[1])
    ]
    key = "from" if direction == "Ingress" else "to"
    for spec in covering:
        for rule in spec.get(direction.lower(), ()):
            fits_port = any(
                one["protocol"] == protocol and one["port"] <= port <= one.get("endPort", one["port"])
                for one in rule["ports"]
            )
            if fits_port and any(is_peer(peer, other) for peer in rule[key]):
                return True
    return not covering


def reaches(flow):
    source, target, protocol = WHO[flow.source], WHO[flow.target], flow.kind.upper()
    return lets("Egress", source, target, flow.port, protocol) and lets("Ingress", target, source, flow.port, protocol)


@pytest.mark.parametrize("flow", FLOWS, ids=lambda flow: f"{flow.source} to {flow.target} {flow.port}/{flow.kind}")
def test_the_policies_say_what_the_table_expects(flow):
    assert reaches(flow) is flow.allowed


def test_the_table_has_flows_of_both_kinds_from_everybody():
    for who in ("head", "sandbox", "client", "monitoring", "operator"):
        assert {flow.allowed for flow in FLOWS if flow.source == who} == {True, False}, who


def test_every_port_that_is_opened_is_tried():
    """Ranges by one of their ports."""
    tried = {(flow.target.removeprefix("other "), flow.port) for flow in FLOWS if flow.allowed}
    for who in ("head", "sandbox"):
        for policy in POLICIES:
            if matches(policy["spec"]["podSelector"], WHO[who][1]):
                for rule in policy["spec"].get("ingress", ()):
                    for port in rule["ports"]:
                        assert (
                            any(
                                target == who and port["port"] <= number <= port.get("endPort", port["port"])
                                for target, number in tried
                            )
                            or (who, port["port"]) == ("sandbox", 44217)
                            or (who, port["port"]) == ("sandbox", 44227)
                        )
