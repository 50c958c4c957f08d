"""What settings say of pods, set in the YAML itself."""

from __future__ import annotations

import copy

import pytest
import yaml

from lcb_ray.kuberay import template
from lcb_ray.kuberay.placement import place
from lcb_ray.kuberay.settings import read_settings

K8S = "LIVECODEBENCH_K8S_"


@pytest.fixture
def raycluster():
    return yaml.safe_load((template.yaml_folder() / "base" / "raycluster.yaml").read_text(encoding="utf-8"))


def placed(raycluster, **given):
    place(raycluster, read_settings({K8S + name: value for name, value in given.items()}))
    spec = raycluster["spec"]
    return spec["headGroupSpec"]["template"]["spec"], spec["workerGroupSpecs"][0]["template"]["spec"]


def test_without_settings_the_yaml_is_left_as_it_is(raycluster):
    before = copy.deepcopy(raycluster)
    placed(raycluster)
    assert raycluster == before


def test_sandboxes_and_head_go_to_nodes_of_their_own(raycluster):
    head, worker = placed(
        raycluster,
        NODE_SELECTOR="pool=sandbox",
        TOLERATIONS="dedicated=sandbox:NoSchedule",
        HEAD_NODE_SELECTOR="pool=system",
        HEAD_TOLERATIONS="system",
    )
    assert (worker["nodeSelector"], head["nodeSelector"]) == ({"pool": "sandbox"}, {"pool": "system"})
    assert worker["tolerations"][-1]["key"] == "dedicated"
    assert head["tolerations"][-1]["key"] == "system"


def test_what_an_overlay_has_said_of_nodes_stays(raycluster):
    worker = raycluster["spec"]["workerGroupSpecs"][0]["template"]["spec"]
    worker["nodeSelector"], worker["tolerations"] = {"zone": "a"}, [{"key": "old", "operator": "Exists"}]
    placed(raycluster, NODE_SELECTOR="pool=sandbox", TOLERATIONS="new")
    assert worker["nodeSelector"] == {"zone": "a", "pool": "sandbox"}
    assert [one["key"] for one in worker["tolerations"]] == ["old", "new"]


def test_the_runtime_class_is_the_sandboxes_only(raycluster):
    head, worker = placed(raycluster, RUNTIME_CLASS="kata")
    assert worker["runtimeClassName"] == "kata"
    assert "runtimeClassName" not in head


def test_both_kinds_of_pods_get_images_by_the_pull_secrets(raycluster):
    for spec in placed(raycluster, PULL_SECRET="registry,mirror"):
        assert spec["imagePullSecrets"] == [{"name": "registry"}, {"name": "mirror"}]


def test_the_head_has_the_claim_for_results(raycluster):
    head, worker = placed(raycluster, RESULTS_CLAIM="results")
    [volume] = [one for one in head["volumes"] if one["name"] == "results"]
    assert volume["persistentVolumeClaim"] == {"claimName": "results"}
    mounts = {one["name"]: one["mountPath"] for one in head["containers"][0]["volumeMounts"]}
    assert mounts["results"] == "/results"
    assert "results" not in [one["name"] for one in worker["volumes"]], "no program's pod has it"


def test_rays_containers_ask_for_what_they_may_take(raycluster):
    head, worker = placed(raycluster, HEAD_CPU="2", HEAD_MEMORY="3Gi", RAY_CPU="250m", RAY_MEMORY="2Gi")
    for spec, cpu, memory in ((head, "2", "3Gi"), (worker, "250m", "2Gi")):
        for kind in ("requests", "limits"):
            amounts = spec["containers"][0]["resources"][kind]
            assert (amounts["cpu"], amounts["memory"]) == (cpu, memory)
            assert "ephemeral-storage" in amounts, "the rest stays"


def test_the_watchdog_asks_for_what_a_limit_range_wants(raycluster):
    def amounts(**settings):
        head, _ = placed(raycluster, **settings)
        [watchdog] = [one for one in head["initContainers"] if one["name"] == "watchdog"]
        return watchdog["resources"]

    usual, other = amounts(), amounts(WATCHDOG_CPU="50m")
    for kind in ("requests", "limits"):
        assert other[kind] == {**usual[kind], "cpu": "50m"}


def test_an_overlay_may_be_without_the_watchdog(raycluster):
    raycluster["spec"]["headGroupSpec"]["template"]["spec"].pop("initContainers")
    head, _ = placed(raycluster, WATCHDOG_CPU="50m")
    assert "initContainers" not in head
