"""Preflight against an API server on loopback: what each thing that is missing is called, and that nothing is made."""

from __future__ import annotations

import copy

import pytest

pytest.importorskip("kubernetes", reason="the kubernetes client is not installed: uv sync --extra kubernetes")

import yaml

from lcb_ray.errors import BadSetting, PoolUnavailable, SandboxUnusable
from lcb_ray.kuberay import findings, rights, template
from lcb_ray.kuberay.access import Access
from lcb_ray.kuberay.api import Api
from lcb_ray.kuberay.bring_up import shape_of
from lcb_ray.kuberay.findings import Health
from lcb_ray.kuberay.placement import place
from lcb_ray.kuberay.preflight import examine
from lcb_ray.kuberay.settings import read_settings
from tests.unit.kuberay.api_server import ApiServer

K8S = "LIVECODEBENCH_K8S_"
NAMESPACE = "/api/v1/namespaces/livecodebench"
RESTRICTED = {"pod-security.kubernetes.io/enforce": "restricted"}
OPERATOR = {
    "metadata": {"name": "kuberay-operator", "namespace": "default", "labels": {}},
    "spec": {"containers": [{"name": "o", "image": "quay.io/kuberay/operator:v1.6.0"}]},
    "status": {"phase": "Running"},
}


def node(name, cpu="8", memory="64Gi", **spec):
    allocatable = {"cpu": cpu, "memory": memory, "ephemeral-storage": "100Gi", "pods": "110"}
    status = {"allocatable": allocatable, "conditions": [{"type": "Ready", "status": "True"}]}
    return {"metadata": {"name": name, "labels": {}}, "spec": spec, "status": status}


@pytest.fixture
def server(tmp_path):
    """A cluster that has all that is needed: namespace, operator, two nodes."""
    made = ApiServer()
    made.write_kubeconfig(tmp_path / "kubeconfig")
    made.kubeconfig = tmp_path / "kubeconfig"
    made.objects[NAMESPACE] = {"metadata": {"name": "livecodebench", "labels": RESTRICTED}}
    made.objects["/apis/ray.io/v1"] = {"kind": "APIResourceList"}
    made.lists["/api/v1/nodes"] = [node("a"), node("b")]
    made.lists["/api/v1/pods"] = [OPERATOR]
    yield made
    made.close()


def documents(settings, sandboxes):
    """What is applied remotely, without kubectl: the base, with the namespace as kustomize sets it."""
    base = template.yaml_folder() / "base"
    found = [
        document
        for name in yaml.safe_load((base / "kustomization.yaml").read_text())["resources"]
        for document in yaml.safe_load_all((base / name).read_text())
        if document
    ]
    for document in found:
        if document["kind"] == "Namespace":
            document["metadata"]["name"] = settings.namespace
        else:
            document["metadata"]["namespace"] = settings.namespace
    raycluster = template.raycluster_in(found)
    place(raycluster, settings)
    template.shape(raycluster, shape_of(settings, sandboxes=sandboxes, slots=None))
    return found


def seen(server, sandboxes=4, **given):
    settings = read_settings({f"{K8S}LOCAL": "false"} | {K8S + name: value for name, value in given.items()})
    access = Access(kubeconfig=server.kubeconfig, context="theirs")
    install = given.pop("install_operator", False)
    found = examine(settings, access, Api(access), documents(settings, sandboxes), install_operator=install)
    assert server.made == [], "nothing is created"
    return {one.name: one for one in found}


def healths(found):
    return {name: one.health for name, one in found.items()}


def test_a_cluster_that_has_all_of_it(server):
    found = seen(server)
    findings.check(list(found.values()))
    assert healths(found) == {
        "version": Health.OK,
        "rights": Health.OK,
        "namespace": Health.OK,
        "operator": Health.OK,
        "RayCluster": Health.OK,
        "images": Health.UNKNOWN,
        "room": Health.OK,
        "admission": Health.OK,
        "network": Health.UNKNOWN,
    }
    assert found["room"].found == "4 of 4 sandbox pods fit"
    assert all(one.fix for one in found.values() if one.health is Health.UNKNOWN), "what will tell is said"


def test_an_old_kubernetes(server):
    server.objects["/version"] = {"major": "1", "minor": "28+"}
    one = seen(server)["version"]
    assert (one.health, one.found) == (Health.FAIL, "Kubernetes 1.28")
    assert "1.29" in one.fix


def test_rights_that_are_missing_are_named_with_the_way_to_get_them(server):
    server.allows = lambda verb, resource: (
        (verb, resource)
        not in {
            ("*", "*"),
            ("create", "rayclusters"),
            ("patch", "rayclusters"),
            ("create", "pods/portforward"),
        }
    )
    found = seen(server)
    one = found["rights"]
    assert one.health is Health.FAIL
    assert "create/patch rayclusters" in one.found
    assert "create pods/portforward" in one.found
    assert "cluster rbac" in one.fix
    assert found["RayCluster"].health is Health.UNKNOWN
    with pytest.raises(SandboxUnusable, match=r"nothing was created\. rights: this user may not"):
        findings.check(list(found.values()))


def test_exactly_the_printed_role_is_enough(server):
    given = {(verb, right.resource) for right in rights.needed(documents(read_settings({}), 1)) for verb in right.verbs}
    server.allows = lambda verb, resource: (verb, resource) in given
    server.forbidden = {"/api/v1/nodes", "/api/v1/pods", "/api/v1/namespaces/kube-system/pods"}
    found = seen(server)
    findings.check(list(found.values()))
    assert found["rights"].health is Health.OK
    assert {name for name, one in found.items() if one.health is Health.UNKNOWN} == {
        *("operator", "images", "room", "admission", "network")
    }
    assert "this user may not look at nodes" in found["room"].found


@pytest.mark.parametrize("may", [True, False])
def test_a_namespace_that_is_not_there(server, may):
    del server.objects[NAMESPACE]
    server.allows = lambda verb, resource: may or resource != "namespaces"
    found = seen(server)
    assert found["namespace"].health is (Health.OK if may else Health.FAIL)
    assert found["RayCluster"].health is found["admission"].health is Health.UNKNOWN


def test_a_namespace_that_is_being_deleted_is_made_anew(server):
    server.objects[NAMESPACE]["metadata"]["deletionTimestamp"] = "2026-01-01T00:00:00Z"
    server.refuses = lambda one: (403, "the namespace is being terminated")
    found = seen(server)
    findings.check(list(found.values()))
    assert found["namespace"].found == "livecodebench will be made, with Pod Security restricted"


def test_a_namespace_with_others_in_it_is_not_to_be_cut_off(server):
    server.lists[f"{NAMESPACE}/pods"] = [{"metadata": {"name": "shop-1", "namespace": "livecodebench", "labels": {}}}]
    one = seen(server)["namespace"]
    assert one.health is Health.SETTING
    assert "1 pods that are not ours (shop-1)" in one.found
    assert f"{K8S}NAMESPACE" in one.fix


def test_a_namespace_that_enforces_less_is_said(server):
    server.objects[NAMESPACE]["metadata"]["labels"] = {}
    one = seen(server)["namespace"]
    assert (one.health, one.found) == (Health.NOTE, "livecodebench is there; Pod Security enforced: none")


def test_without_the_operator_the_administrators_command_is_printed(server):
    del server.objects["/apis/ray.io/v1"]
    one = seen(server)["operator"]
    assert one.health is Health.FAIL
    assert "apply --server-side --force-conflicts -k https://github.com/ray-project/kuberay" in one.fix
    assert "--context theirs" in one.fix
    assert "--install-operator" in one.fix


@pytest.mark.parametrize(
    ("image", "health"),
    [
        ("quay.io/kuberay/operator:v1.5.1", Health.FAIL),
        ("registry:5000/kuberay/operator:v1.6.2", Health.OK),
        ("quay.io/kuberay/operator:v2.0.0", Health.OK),
        ("quay.io/kuberay/operator@sha256:abc", Health.UNKNOWN),
    ],
)
def test_the_operators_version(server, image, health):
    pod = copy.deepcopy(OPERATOR)
    pod["spec"]["containers"][0]["image"] = image
    server.lists["/api/v1/pods"] = [pod]
    assert seen(server)["operator"].health is health


def test_definitions_that_are_too_old(server):
    server.refuses = lambda one: (400, "unknown field spec.authOptions") if one["kind"] == "RayCluster" else None
    one = seen(server)["RayCluster"]
    assert one.health is Health.FAIL
    assert "unknown field spec.authOptions" in one.found


def test_one_that_is_there_already_is_no_failure(server):
    server.objects["/apis/ray.io/v1/namespaces/livecodebench/rayclusters/livecodebench"] = {"kind": "RayCluster"}
    server.refuses = lambda one: (409, "already exists") if one["kind"] == "RayCluster" else (403, "no")
    found = seen(server)
    assert found["RayCluster"].found == "one is there"
    assert found["admission"].health is Health.OK


def test_pods_that_an_admission_would_refuse(server):
    server.refuses = lambda one: (403, "violates policy: no images from docker.io") if one["kind"] == "Pod" else None
    one = seen(server)["admission"]
    assert one.health is Health.FAIL
    assert "the head pod would be refused" in one.found
    assert "no images from docker.io" in one.found


@pytest.mark.parametrize(
    ("setting", "path", "there", "name"),
    [
        ("RUNTIME_CLASS", "/apis/node.k8s.io/v1/runtimeclasses/kata", {"handler": "kata"}, "runtime class"),
        ("PULL_SECRET", f"{NAMESPACE}/secrets/kata", {"kind": "Secret"}, "images"),
        ("RESULTS_CLAIM", f"{NAMESPACE}/persistentvolumeclaims/kata", {"status": {"phase": "Bound"}}, "results"),
    ],
)
def test_what_a_setting_names_has_to_be_there(server, setting, path, there, name):
    found = seen(server, **{setting: "kata"})
    assert found[name].health is Health.SETTING
    assert f"{K8S}{setting}: there is no" in found[name].found
    with pytest.raises(BadSetting):
        findings.check(list(found.values()))
    server.objects[path] = there
    assert seen(server, **{setting: "kata"})[name].health in (Health.OK, Health.UNKNOWN)


def test_gvisor_is_told_before_its_pods_refuse(server):
    server.objects["/apis/node.k8s.io/v1/runtimeclasses/gvisor"] = {"handler": "runsc"}
    assert seen(server, RUNTIME_CLASS="gvisor")["runtime class"].health is Health.SETTING


def test_a_runtime_class_that_cannot_be_looked_at_is_unknown(server):
    server.forbidden = {"/apis/node.k8s.io/v1/runtimeclasses/kata"}
    assert seen(server, RUNTIME_CLASS="kata")["runtime class"].health is Health.UNKNOWN


def test_own_images_need_a_registry_where_nobody_can_load_them(server):
    assert seen(server, IMAGES="own")["images"].health is Health.SETTING
    assert seen(server, IMAGES="own", RAY_IMAGE="r:1", SANDBOX_IMAGE="s:1")["images"].health is Health.UNKNOWN


def test_somebody_elses_quota_counts(server):
    quota = {"metadata": {"name": "team"}, "spec": {"hard": {"limits.memory": "12Gi"}}, "status": {}}
    server.lists[f"{NAMESPACE}/resourcequotas"] = [quota]
    one = seen(server)["room"]
    assert one.health is Health.NOTE
    assert "2 of 4 sandbox pods fit: quota team allows limits.memory=12Gi" in one.found
    assert seen(server, STRICT="true")["room"].health is Health.FAIL


def test_somebody_elses_limit_range_counts(server):
    item = {"type": "Container", "max": {"memory": "2Gi"}}
    server.lists[f"{NAMESPACE}/limitranges"] = [{"metadata": {"name": "team"}, "spec": {"limits": [item]}}]
    one = seen(server)["limits"]
    assert one.health is Health.SETTING
    assert "container ray-head of the head pod may take 4Gi memory, and the most is 2Gi" in one.found
    assert "container sandbox of the sandbox pod may take 2560Mi memory" in one.found
    assert seen(server, HEAD_MEMORY="2Gi", SANDBOX_MEMORY="2Gi")["limits"].health is Health.OK


def test_tainted_nodes_are_told_with_the_setting(server):
    taint = {"key": "dedicated", "value": "sandbox", "effect": "NoSchedule"}
    server.lists["/api/v1/nodes"] = [node("a", taints=[taint]), node("b", taints=[taint])]
    one = seen(server)["room"]
    assert one.health is Health.FAIL
    assert "dedicated=sandbox:NoSchedule" in one.found
    assert seen(server, TOLERATIONS="dedicated", HEAD_TOLERATIONS="dedicated")["room"].health is Health.OK


def test_a_network_that_can_enforce_is_a_hint_and_no_proof(server):
    pod = {"metadata": {"name": "cilium-x", "namespace": "kube-system", "labels": {"k8s-app": "cilium"}}}
    server.lists["/api/v1/namespaces/kube-system/pods"] = [pod]
    one = seen(server)["network"]
    assert (one.health, one.found) == (Health.UNKNOWN, "cilium runs, which can enforce policies")


def test_an_api_server_that_is_not_there_is_unavailable(server):
    server.close()
    with pytest.raises(PoolUnavailable, match="the API server does not answer"):
        seen(server)
