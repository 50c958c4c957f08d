"""What an administrator is asked to apply: as little as will do, and all of it."""

from __future__ import annotations

import pytest

pytest.importorskip("kubernetes", reason="the kubernetes client is not installed: uv sync --extra kubernetes")

import yaml

from lcb_ray.kuberay import rbac, rights
from lcb_ray.kuberay.access import Access
from lcb_ray.kuberay.api import Api
from lcb_ray.kuberay.rbac import Subject, SubjectKind
from lcb_ray.kuberay.settings import Settings
from tests.unit.kuberay.api_server import ApiServer
from tests.unit.kuberay.test_preflight import documents as applied

SETTINGS = Settings(local=False, namespace="team")
JANE = Subject(SubjectKind.USER, "jane")


def made(subject=JANE, *, nodes=False):
    return rbac.documents(SETTINGS, applied(SETTINGS, 1), subject, nodes=nodes)


def kinds(documents):
    return [one["kind"] for one in documents]


def test_a_user_gets_a_role_in_one_namespace_and_nothing_else():
    found = made()
    assert kinds(found) == ["Namespace", "Role", "RoleBinding"]
    namespace, role, binding = found
    assert namespace["metadata"]["name"] == "team"
    assert namespace["metadata"]["labels"]["pod-security.kubernetes.io/enforce"] == "restricted"
    assert {one["metadata"]["namespace"] for one in (role, binding)} == {"team"}
    assert binding["roleRef"]["name"] == role["metadata"]["name"]
    assert binding["subjects"] == [{"kind": "User", "name": "jane", "apiGroup": "rbac.authorization.k8s.io"}]


def test_the_role_says_nothing_by_a_star_and_makes_no_pod():
    [role] = [one for one in made() if one["kind"] == "Role"]
    for rule in role["rules"]:
        assert "*" not in [*rule["apiGroups"], *rule["resources"], *rule["verbs"]]
    verbs = {rule["resources"][0]: rule["verbs"] for rule in role["rules"]}
    assert set(verbs["pods"]) == {"get", "list", "watch"}
    assert verbs["namespaces"] == ["get"]
    assert set(verbs["rayclusters"]) == {"get", "list", "create", "patch", "delete"}
    assert "pods/exec" not in verbs


def test_what_the_administrator_gives_is_not_deleted_with_what_is_ours():
    for one in made(Subject(SubjectKind.SERVICE_ACCOUNT, "grader"), nodes=True)[1:]:
        assert "app.kubernetes.io/part-of" not in one["metadata"]["labels"], one["kind"]


def test_every_kind_that_is_applied_is_in_it():
    from lcb_ray.kuberay.api import plural_of

    resources = {right.resource for right in rights.needed(applied(SETTINGS, 1))}
    assert {plural_of(one["kind"]) for one in applied(SETTINGS, 1)} <= resources


def test_whoever_applies_a_role_needs_what_it_grants():
    role = {
        "apiVersion": "rbac.authorization.k8s.io/v1",
        "kind": "Role",
        "rules": [{"apiGroups": ["apps"], "resources": ["deployments"], "verbs": ["scale"]}],
    }
    found = rights.needed([role])
    assert rights.Right("apps", "deployments", ("scale",)) in found
    assert "roles" in [right.resource for right in found]
    assert {right.resource for right in rights.vital([role])}.isdisjoint({"roles", "deployments"})


def test_nodes_are_an_extra():
    found = made(nodes=True)
    assert kinds(found)[-2:] == ["ClusterRole", "ClusterRoleBinding"]
    assert found[-1]["roleRef"]["name"] == found[-2]["metadata"]["name"] == "livecodebench-user-team"
    assert {verb for rule in found[-2]["rules"] for verb in rule["verbs"]} == {"get", "list"}


def test_a_service_account_of_the_namespace_is_made_too():
    found = made(Subject(SubjectKind.SERVICE_ACCOUNT, "grader"))
    assert kinds(found) == ["Namespace", "ServiceAccount", "Role", "RoleBinding"]
    assert found[-1]["subjects"] == [{"kind": "ServiceAccount", "name": "grader", "namespace": "team"}]


@pytest.mark.parametrize("subject", [JANE, Subject(SubjectKind.SERVICE_ACCOUNT, "grader")])
def test_the_text_is_yaml_with_the_administrators_steps_before_it(subject):
    documents = made(subject)
    text = rbac.text(SETTINGS, documents, subject)
    assert list(yaml.safe_load_all(text)) == documents
    assert "kubectl apply --server-side --force-conflicts -k https://github.com/ray-project/kuberay" in text
    assert "LIVECODEBENCH_K8S_NAMESPACE=team" in text
    assert ("kubectl create token grader -n team" in text) is (subject is not JANE)


def test_without_a_name_the_api_server_says_who_one_is(tmp_path):
    server = ApiServer()
    try:
        server.write_kubeconfig(tmp_path / "kubeconfig")
        found = rbac.who_am_i(Api(Access(kubeconfig=tmp_path / "kubeconfig", context="theirs")))
    finally:
        server.close()
    assert found == Subject(SubjectKind.SERVICE_ACCOUNT, "grader", "ci")
    assert found.as_document("team")["namespace"] == "ci"
