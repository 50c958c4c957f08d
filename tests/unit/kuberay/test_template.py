"""What is set in the YAML of ray-cluster/, on the YAML itself."""

from __future__ import annotations

import json
import math

import pytest
import yaml

from lcb_ray.cluster_files import DASHBOARD_PORT, GATEWAY_PORT
from lcb_ray.kuberay import template
from lcb_ray.kuberay.template import Shape
from lcb_ray.owner import Driver, driver_of


@pytest.fixture
def raycluster():
    return yaml.safe_load((template.yaml_folder() / "base" / "raycluster.yaml").read_text(encoding="utf-8"))


def group(raycluster):
    [found] = raycluster["spec"]["workerGroupSpecs"]
    return found


def test_the_size_is_what_is_there_at_once_and_the_most(raycluster):
    template.shape(raycluster, Shape(sandboxes=4))
    assert [group(raycluster)[name] for name in ("replicas", "minReplicas", "maxReplicas")] == [4, 0, 4]


def test_images_go_where_they_belong(raycluster):
    template.shape(raycluster, Shape(sandboxes=1, ray_image="r:1", sandbox_image="s:1"))
    assert template.images_of(raycluster) == ["r:1", "s:1"]
    assert template.sandbox_container(raycluster)["image"] == "s:1"


def test_the_head_keeps_a_pool_as_long_as_the_settings_say(raycluster):
    env = raycluster["spec"]["headGroupSpec"]["template"]["spec"]["containers"][0]["env"]
    env.append({"name": "LIVECODEBENCH_K8S_GRACE", "value": "60"})  # as the component own-images does
    template.shape(raycluster, Shape(sandboxes=1, grace_s=7.5))
    assert {"name": "LIVECODEBENCH_K8S_GRACE", "value": "7.5"} in env


def test_without_wishes_the_yaml_is_left_as_it_is(raycluster):
    images, resources = template.images_of(raycluster), template.sandbox_container(raycluster)["resources"]
    template.shape(raycluster, Shape(sandboxes=1))
    assert template.images_of(raycluster) == images
    assert template.sandbox_container(raycluster)["resources"] == resources


def test_each_slot_has_the_resources_of_one(raycluster):
    template.shape(raycluster, Shape(sandboxes=1, slots=3, cpu="500m", memory="1.5Gi"))
    resources = template.sandbox_container(raycluster)["resources"]
    assert resources["requests"]["cpu"] == "1500m"
    assert resources["requests"]["memory"] == "4.5Gi"
    assert resources["requests"] == resources["limits"], "guaranteed, and so no neighbour's load reaches a verdict"


def test_another_drivers_larger_pool_stays(raycluster):
    template.shape(raycluster, Shape(sandboxes=2))
    existing = {"spec": {"workerGroupSpecs": [{"replicas": 3, "maxReplicas": 6}]}}
    template.grow(raycluster, existing)
    assert [group(raycluster)[name] for name in ("replicas", "maxReplicas")] == [3, 6]


@pytest.mark.parametrize("existing", [None, {"spec": {"workerGroupSpecs": [{"replicas": 0, "maxReplicas": 1}]}}])
def test_a_smaller_pool_grows(raycluster, existing):
    template.shape(raycluster, Shape(sandboxes=5))
    template.grow(raycluster, existing)
    assert [group(raycluster)[name] for name in ("replicas", "maxReplicas")] == [5, 5]


def annotated(raycluster, existing=None, **more):
    """What the watchdog is told: (seconds or never, by hand)."""
    before = None if existing is None else {"metadata": {"annotations": {template.IDLE: existing}}}
    template.annotate(raycluster, before, **{"idle_s": None, "by_hand": False} | more)
    annotations = raycluster["metadata"]["annotations"]
    return annotations[template.IDLE], annotations[template.BY_HAND]


def test_a_raycluster_may_be_idle_for_half_an_hour_and_one_that_was_asked_for_by_hand_for_a_day(raycluster):
    assert annotated(raycluster) == ("1800", "false")
    assert annotated(raycluster, by_hand=True) == ("28800", "true")
    assert annotated(raycluster, idle_s=60.0) == ("60", "false")
    assert annotated(raycluster, idle_s=math.inf) == ("never", "false")


def test_a_program_never_shortens_the_time_that_a_raycluster_has(raycluster):
    assert annotated(raycluster, "28800", idle_s=60.0) == ("28800", "false")
    assert annotated(raycluster, "never") == ("never", "false")
    assert annotated(raycluster, "60") == ("1800", "false")
    assert annotated(raycluster, "28800", idle_s=60.0, by_hand=True) == ("60", "true"), "by hand anything goes"


def test_each_wish_changes_an_annotation_and_names_the_process(raycluster):
    annotated(raycluster)
    first = dict(raycluster["metadata"]["annotations"])
    annotated(raycluster)
    second = raycluster["metadata"]["annotations"]
    assert first[template.WANTED] != second[template.WANTED]
    assert driver_of(json.loads(second[template.MAKER])) is Driver.HERE


@pytest.mark.parametrize(
    ("amount", "factor", "expected"),
    [("500m", 2, "1000m"), ("1", 3, "3"), ("2560Mi", 2, "5120Mi"), ("0.5", 2, "1"), ("10Gi", 10, "100Gi")],
)
def test_amounts_are_multiplied_in_their_unit(amount, factor, expected):
    assert template.times(amount, factor) == expected


def test_the_services_and_secrets_that_the_code_names_are_the_yamls(raycluster):
    head = raycluster["spec"]["headGroupSpec"]["template"]["spec"]
    ports = {port["name"]: port["containerPort"] for port in head["containers"][0]["ports"]}
    assert (ports["gateway"], ports["dashboard"]) == (GATEWAY_PORT, DASHBOARD_PORT)
    volumes = [*head["volumes"], *group(raycluster)["template"]["spec"]["volumes"]]
    assert template.GATEWAY in [volume.get("secret", {}).get("secretName") for volume in volumes]
    assert template.AGENT in [volume.get("configMap", {}).get("name") for volume in volumes]
    assert raycluster["metadata"]["name"] == template.RAYCLUSTER
