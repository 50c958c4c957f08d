"""What ray-cluster/ promises of every pod, whatever the overlay and the images: read from the YAML itself."""

from __future__ import annotations

import itertools
import shlex
from pathlib import Path

import pytest
import yaml

from lcb_ray.cluster_files import AGENT_SOCKET, GATEWAY_PORT, KEYS_FOLDER, KEYS_SECRET, cluster_folder
from lcb_ray.ray_pool.room import SANDBOX_HEAD
from livecodebench.judging.backend import CODE, CODEC

FOLDER = cluster_folder()


def read(path: Path):
    return [document for document in yaml.safe_load_all(path.read_text()) if document]


def patched(document, operations):
    """A document after a JSON patch, of the operations that the overlays use."""
    for operation in operations:
        *path, last = operation["path"].strip("/").split("/")
        node = document
        for part in path:
            node = node[int(part) if isinstance(node, list) else part]
        if last == "-":
            node.append(operation["value"])
            continue
        key = int(last) if isinstance(node, list) else last
        match operation["op"]:
            case "add":
                assert key not in node
                node[key] = operation["value"]
            case "replace":
                assert key in node if isinstance(node, dict) else key < len(node)
                node[key] = operation["value"]
            case "remove":
                del node[key]
            case "test":
                assert node[key] == operation["value"]
            case unknown:
                raise AssertionError(unknown)
    return document


def render(overlay: str, *components: str):
    """The objects of an overlay, as `kubectl kustomize` has them; tests/k8s compares the two."""
    [top] = read(FOLDER / "overlays" / overlay / "kustomization.yaml")
    [base] = read(FOLDER / "base" / "kustomization.yaml")
    documents = [document for name in base["resources"] for document in read(FOLDER / "base" / name)]
    for component in (*top.get("components", ()), *(f"../../components/{name}" for name in components)):
        [found] = read(FOLDER / "overlays" / overlay / component / "kustomization.yaml")
        for patch in found["patches"]:
            [target] = [document for document in documents if document["kind"] == patch["target"]["kind"]]
            patched(target, yaml.safe_load(patch["patch"]))
    return documents


@pytest.fixture(params=["kind", "minikube", "remote", "remote+own-images", "kind+own-images"])
def documents(request):
    return render(*request.param.split("+"))


def of_kind(documents, kind):
    return [document for document in documents if document["kind"] == kind]


@pytest.fixture
def spec(documents):
    [cluster] = of_kind(documents, "RayCluster")
    return cluster["spec"]


@pytest.fixture
def worker(spec):
    [group] = spec["workerGroupSpecs"]
    return group["template"]["spec"]


@pytest.fixture
def head(spec):
    return spec["headGroupSpec"]["template"]["spec"]


def test_the_namespace_enforces_the_restricted_standard(documents):
    [namespace] = of_kind(documents, "Namespace")
    assert namespace["metadata"]["labels"]["pod-security.kubernetes.io/enforce"] == "restricted"


def test_a_token_is_wanted_and_the_versions_that_this_needs_are_set(spec):
    assert spec["authOptions"] == {"mode": "token"}
    assert spec["autoscalerOptions"]["version"] == "v2"
    assert spec["enableInTreeAutoscaling"] is True


def test_the_stock_images_have_the_version_that_the_operator_is_told():
    [cluster] = of_kind(render("remote"), "RayCluster")
    head, [group] = cluster["spec"]["headGroupSpec"], cluster["spec"]["workerGroupSpecs"]
    for template in (head["template"], group["template"]):
        assert f":{cluster['spec']['rayVersion']}-" in template["spec"]["containers"][0]["image"]


def test_every_container_is_restricted(spec, head, worker):
    every = [one for pod in (head, worker) for kind in ("initContainers", "containers") for one in pod[kind]]
    contexts = [one["securityContext"] for one in every]
    for context in (*contexts, spec["autoscalerOptions"]["securityContext"]):
        assert context["allowPrivilegeEscalation"] is False
        assert context["capabilities"] == {"drop": ["ALL"]}
        assert context["runAsNonRoot"] is True
        assert context["seccompProfile"] == {"type": "RuntimeDefault"}
        assert "privileged" not in context
    for template in (head, worker):
        assert template["securityContext"]["runAsNonRoot"] is True
        assert not {"hostNetwork", "hostPID", "hostIPC"} & template.keys()
        assert not [volume for volume in template["volumes"] if "hostPath" in volume]


def test_the_sandbox_is_another_user_and_shares_a_group_and_one_folder_with_ray(worker):
    [sandbox], [ray], pod_wide = worker["initContainers"], worker["containers"], worker["securityContext"]
    assert sandbox["securityContext"]["runAsUser"] != pod_wide["runAsUser"]
    assert "runAsUser" not in ray["securityContext"]
    assert sandbox["securityContext"]["runAsGroup"] == pod_wide["fsGroup"]
    assert sandbox["securityContext"]["readOnlyRootFilesystem"] is True
    shared = {one["name"] for one in sandbox["volumeMounts"]} & {one["name"] for one in ray["volumeMounts"]}
    assert shared == {"socket"}
    [socket] = [volume for volume in worker["volumes"] if volume["name"] == "socket"]
    assert socket["emptyDir"]["medium"] == "Memory"
    assert socket["emptyDir"]["sizeLimit"] == "1Mi"
    assert worker["shareProcessNamespace"] is False


def test_nothing_of_kubernetes_or_ray_is_given_to_the_sandbox(worker, head, spec):
    [sandbox] = worker["initContainers"]
    assert "env" not in sandbox
    assert "envFrom" not in sandbox
    assert worker["automountServiceAccountToken"] is False
    assert "serviceAccountName" not in worker
    assert not [volume for volume in worker["volumes"] if "secret" in volume or "projected" in volume]
    assert head["automountServiceAccountToken"] is False
    mounts = {mount["name"] for container in head["containers"] for mount in container["volumeMounts"]}
    assert "kubernetes" not in mounts
    assert [mount["name"] for mount in spec["autoscalerOptions"]["volumeMounts"]] == ["kubernetes"]


def test_the_watchdog_alone_on_the_head_may_delete_the_raycluster_and_nothing_else(documents, head, worker):
    [role], [binding] = of_kind(documents, "Role"), of_kind(documents, "RoleBinding")
    [cluster] = of_kind(documents, "RayCluster")
    name = cluster["metadata"]["name"]
    assert role["rules"] == [
        {"apiGroups": ["ray.io"], "resources": ["rayclusters"], "resourceNames": [name], "verbs": ["get", "delete"]}
    ]
    # KubeRay names the head's service account after the RayCluster; sandbox pods have the namespace's, and no token.
    assert binding["subjects"] == [{"kind": "ServiceAccount", "name": name}]
    assert binding["roleRef"]["name"] == role["metadata"]["name"]
    [watchdog] = head["initContainers"]
    assert watchdog["restartPolicy"] == "Always"
    assert watchdog["image"] == head["containers"][0]["image"], "its Python is all that it needs"
    assert "kubernetes" in {mount["name"] for mount in watchdog["volumeMounts"]}
    assert watchdog["command"][-1] == name
    assert (FOLDER / "base" / Path(watchdog["command"][-2]).name).is_file()
    [volume] = [volume for volume in head["volumes"] if volume["name"] == "watchdog"]
    [base] = read(FOLDER / "base" / "kustomization.yaml")
    [made] = base["configMapGenerator"]
    assert volume["configMap"]["name"] == made["name"]
    assert made["options"]["disableNameSuffixHash"] is True
    assert "watchdog" not in str(worker)


def test_the_sandbox_is_a_native_sidecar_that_kubernetes_watches(worker):
    [sandbox] = worker["initContainers"]
    assert sandbox["restartPolicy"] == "Always"
    assert "/run/livecodebench/agent.sock" in sandbox["readinessProbe"]["exec"]["command"][-1]
    assert "livenessProbe" not in sandbox  # a program that has all of the CPU must not end the sandbox


def test_the_agent_listens_where_the_actor_looks(worker):
    [sandbox], [ray] = worker["initContainers"], worker["containers"]
    assert {"name": AGENT_SOCKET, "value": sandbox["args"][sandbox["args"].index("--listen") + 1]} in ray["env"]
    assert sandbox["command"] == ["python", "-s", "-P", "-S", "/opt/lcb/agent.pyz"]
    for weaker in ("--without", "--require", "--landlock-abi"):
        assert weaker not in sandbox["args"]


def test_what_a_sandbox_may_use_is_what_it_has(worker):
    [sandbox] = worker["initContainers"]
    assert sandbox["resources"]["requests"] == sandbox["resources"]["limits"]
    assert {"cpu", "memory", "ephemeral-storage"} == sandbox["resources"]["limits"].keys()
    [ray] = worker["containers"]
    for name in ("memory", "ephemeral-storage"):
        assert ray["resources"]["requests"][name] == ray["resources"]["limits"][name]


def test_a_pod_of_a_real_cluster_is_guaranteed():
    [cluster] = of_kind(render("remote"), "RayCluster")
    template = cluster["spec"]["workerGroupSpecs"][0]["template"]["spec"]
    for container in (*template["containers"], *template["initContainers"]):
        assert container["resources"]["requests"] == container["resources"]["limits"]


def test_one_actor_fits_on_a_pod_and_none_on_the_head(spec):
    [group] = spec["workerGroupSpecs"]
    assert group["groupName"] == "sandbox"
    assert group["resources"] == {"CPU": "0", "sandbox": "1"}
    assert "resources" not in group["rayStartParams"]
    assert spec["headGroupSpec"]["resources"] == {"CPU": "0", SANDBOX_HEAD: "1"}


def test_no_option_of_ray_is_dropped_by_the_operator(spec):
    """KubeRay takes true and false for switches, and drops an option that is false."""
    for group in (spec["headGroupSpec"], *spec["workerGroupSpecs"]):
        assert all(isinstance(value, str) for value in group["rayStartParams"].values())
        assert "false" not in group["rayStartParams"].values()


def test_all_is_denied_that_no_policy_allows(documents):
    [denying] = [one for one in of_kind(documents, "NetworkPolicy") if one["metadata"]["name"] == "default-deny"]
    assert denying["spec"] == {"podSelector": {}, "policyTypes": ["Ingress", "Egress"]}


def test_sandbox_pods_reach_the_head_each_other_and_dns_and_nothing_else(documents):
    policies = [one["spec"] for one in of_kind(documents, "NetworkPolicy")]
    for policy in policies:
        selects = policy["podSelector"].get("matchLabels", {})
        if selects.get("ray.io/node-type") == "head":
            continue
        for rule in policy.get("egress", ()):
            assert rule["to"]
            assert rule["ports"]
            for peer in rule["to"]:
                assert "ipBlock" not in peer
                assert "podSelector" in peer
                namespace = peer.get("namespaceSelector", {}).get("matchLabels", {})
                assert namespace in ({}, {"kubernetes.io/metadata.name": "kube-system"})


def allowed(documents, direction, node_type):
    """The ports that policies open for a kind of pod, towards pods of the cluster."""
    key = "from" if direction == "ingress" else "to"
    opened = set()
    for policy in of_kind(documents, "NetworkPolicy"):
        selects = policy["spec"]["podSelector"].get("matchLabels", {})
        if selects.get("ray.io/node-type", node_type) != node_type:
            continue
        for rule in policy["spec"].get(direction, ()):
            if any("ray.io/node-type" in str(peer) for peer in rule[key]):
                for port in rule["ports"]:
                    opened |= set(range(port["port"], port.get("endPort", port["port"]) + 1))
    return opened


def test_the_ports_that_ray_is_given_are_the_ports_that_are_open(documents, spec):
    for params in (spec["headGroupSpec"]["rayStartParams"], spec["workerGroupSpecs"][0]["rayStartParams"]):
        fixed = {"node-manager-port": 6380, "object-manager-port": 6381, "runtime-env-agent-port": 6382}
        fixed |= {"dashboard-agent-grpc-port": 6383, "dashboard-agent-listen-port": 52365, "metrics-export-port": 8080}
        fixed |= {"min-worker-port": 10002, "max-worker-port": 10999}
        assert {name: int(params[name]) for name in fixed} == fixed
    workers = set(range(10002, 11000))
    to_sandbox = allowed(documents, "ingress", "worker")
    assert to_sandbox == {6380, 6381, 6382, 6383, 52365, 8080} | workers == allowed(documents, "egress", "head")
    to_head = allowed(documents, "ingress", "head")
    assert to_head == {6379, 6380, 6381, 8265} | workers
    assert to_head <= allowed(documents, "egress", "worker")


def test_the_gateways_port_is_the_same_everywhere(documents, head):
    [service] = of_kind(documents, "Service")
    assert service["spec"]["ports"][0]["port"] == GATEWAY_PORT
    [named] = [port for port in head["containers"][0]["ports"] if port["name"] == "gateway"]
    assert named["containerPort"] == GATEWAY_PORT


def test_the_head_alone_has_the_keys_of_models(documents, head):
    [keys] = [volume["secret"] for volume in head["volumes"] if volume["name"] == "keys"]
    assert (keys["secretName"], keys["optional"], keys["defaultMode"]) == (KEYS_SECRET, True, 0o440)
    [mount] = [mount for mount in head["containers"][0]["volumeMounts"] if mount["name"] == "keys"]
    assert (mount["mountPath"], mount["readOnly"]) == (KEYS_FOLDER, True)
    [cluster] = of_kind(documents, "RayCluster")
    assert KEYS_SECRET not in str(cluster["spec"]["workerGroupSpecs"])


def test_only_the_head_has_a_disruption_budget(documents):
    [budget] = of_kind(documents, "PodDisruptionBudget")
    assert budget["spec"]["selector"]["matchLabels"]["ray.io/node-type"] == "head"


def test_own_images_carry_the_agent_themselves():
    [stock] = of_kind(render("remote"), "RayCluster")
    [own] = of_kind(render("remote", "own-images"), "RayCluster")
    for cluster, mounted in ((stock, True), (own, False)):
        template = cluster["spec"]["workerGroupSpecs"][0]["template"]["spec"]
        assert any("configMap" in volume for volume in template["volumes"]) is mounted
        mounts = {mount["name"] for mount in template["initContainers"][0]["volumeMounts"]}
        assert ("agent" in mounts) is mounted
        assert "socket" in mounts


def test_a_head_with_this_code_starts_the_gateway_that_drivers_look_for():
    [cluster] = of_kind(render("remote", "own-images"), "RayCluster")
    container = cluster["spec"]["headGroupSpec"]["template"]["spec"]["containers"][0]
    words = shlex.split(container["lifecycle"]["postStart"]["exec"]["command"][-1])
    given = dict(itertools.pairwise(words))
    assert (given["--port"], given["--codec"], given["--code"]) == (str(GATEWAY_PORT), CODEC, ",".join(CODE))
    names = {variable["name"] for variable in container["env"]}
    assert {given[option].removeprefix("$") for option in ("--token-file", "--grace")} <= names


def test_kind_has_a_control_plane_and_two_workers():
    [cluster] = read(FOLDER / "kind.yaml")
    assert [node["role"] for node in cluster["nodes"]] == ["control-plane", "worker", "worker"]
    assert all("image" not in node for node in cluster["nodes"])  # so that `kind create --image` decides
