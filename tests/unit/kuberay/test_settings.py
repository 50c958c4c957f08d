"""Which cluster, and what it is to be like: every variable, and the wishes that contradict each other."""

from __future__ import annotations

import math
import re
from pathlib import Path

import pytest

from lcb_ray.kuberay.scheduling import Effect, Toleration
from lcb_ray.kuberay.settings import (
    DELETE,
    VARIABLES,
    Images,
    Provider,
    Replace,
    SettingError,
    Settings,
    in_the_cluster,
    read_settings,
    state_folder,
    table,
)

K8S = "LIVECODEBENCH_K8S_"


def test_nothing_set_is_a_kind_cluster_on_this_machine():
    settings = read_settings({})
    assert settings == Settings()
    assert (settings.local, settings.provider, settings.context) == (True, Provider.KIND, None)
    assert (settings.namespace, settings.delete_on_cleanup) == ("livecodebench", False)
    assert settings.wanted_images is Images.OWN


def test_the_guides_remote_cluster():
    settings = read_settings({f"{K8S}LOCAL": "false", f"{K8S}CONTEXT": "production-cluster", "KUBECONFIG": "/a"})
    assert (settings.local, settings.context) == (False, "production-cluster")
    assert settings.wanted_images is Images.STOCK


@pytest.mark.parametrize("context", [None, "", "  "])
def test_remote_without_a_context_is_the_current_one(context):
    given = {f"{K8S}LOCAL": "false"} | ({} if context is None else {f"{K8S}CONTEXT": context})
    assert read_settings(given).context is None


def test_a_context_alone_is_refused_naming_both_ways_out():
    with pytest.raises(SettingError) as error:
        read_settings({f"{K8S}CONTEXT": "production-cluster"})
    for words in ("production-cluster", f"set {K8S}LOCAL=false", f"unset {K8S}CONTEXT"):
        assert words in str(error.value)


def test_a_context_for_a_local_cluster_is_refused():
    with pytest.raises(SettingError, match=f"{K8S}LOCAL is true"):
        read_settings({f"{K8S}CONTEXT": "production-cluster", f"{K8S}LOCAL": "true"})


@pytest.mark.parametrize(
    ("name", "value", "fix"),
    [
        ("LOCAL", "maybe", "true or false"),
        ("PROVIDER", "docker", "kind or minikube"),
        ("IMAGES", "mine", "own or stock"),
        ("NAMESPACE", "Live_Code", "a-z, 0-9 and -"),
        ("NAMESPACE", "x" * 41, "at most 40"),
        ("SANDBOX_CPU", "lots", "500m"),
        ("RAY_CPU", "100m", "250m or more"),
        ("HEAD_CPU", "0.2", "250m or more"),
        ("SANDBOX_MEMORY", "2 GB", "2Gi"),
        ("STRICT", "x", "true or false"),
        ("RUNTIME_CLASS", "Kata!", "a-z, 0-9, - and ."),
        ("PULL_SECRET", "a,B", "a-z, 0-9, - and ."),
        ("NODE_SELECTOR", "pool", "key=value"),
        ("HEAD_TOLERATIONS", "a:Never", "key=value:NoSchedule"),
        ("TIMEOUT", "nan", "1 to 86400"),
        ("TIMEOUT", "0", "1 to 86400"),
    ],
)
def test_a_value_that_cannot_be_names_the_variable_and_the_fix(name, value, fix):
    with pytest.raises(SettingError, match=rf"{K8S}{name}.*{re.escape(fix)}"):
        read_settings({K8S + name: value})


def test_a_mistyped_name_is_not_ignored():
    with pytest.raises(SettingError, match=f"{K8S}PROVIDR: no such setting"):
        read_settings({f"{K8S}PROVIDR": "kind"})


@pytest.mark.parametrize("value", ["1", "false", "no"])
def test_any_value_deletes_on_cleanup(value):
    assert read_settings({DELETE[0]: value}).delete_on_cleanup
    assert not read_settings({DELETE[0]: ""}).delete_on_cleanup


def test_every_variable_sets_its_field():
    values = {
        "LOCAL": "no",
        "PROVIDER": "Minikube",
        "CONTEXT": "c",
        "NAMESPACE": "n",
        "IMAGES": "own",
        "RAY_IMAGE": "r:1",
        "SANDBOX_IMAGE": "s:1",
        "NODE_IMAGE": "k:1",
        "KUBERAY_MANIFESTS": "/m",
        "SANDBOX_CPU": "500m",
        "SANDBOX_MEMORY": "2Gi",
        "RAY_CPU": "1",
        "RAY_MEMORY": "1Gi",
        "HEAD_CPU": "2",
        "HEAD_MEMORY": "4Gi",
        "WATCHDOG_CPU": "50m",
        "RUNTIME_CLASS": "kata",
        "NODE_SELECTOR": "pool=sandbox",
        "TOLERATIONS": "dedicated=sandbox:NoSchedule",
        "HEAD_NODE_SELECTOR": "pool=system",
        "HEAD_TOLERATIONS": "system",
        "PULL_SECRET": "one, two",
        "RESULTS_CLAIM": "results",
        "GRACE": "5",
        "STRICT": "on",
        "TIMEOUT": "60",
        "IDLE_TIMEOUT": "120",
        "REPLACE": "now",
    }
    assert {K8S + name for name in values} == {variable.name for variable in VARIABLES}
    assert read_settings({K8S + name: value for name, value in values.items()}) == Settings(
        local=False,
        provider=Provider.MINIKUBE,
        context="c",
        namespace="n",
        images=Images.OWN,
        ray_image="r:1",
        sandbox_image="s:1",
        node_image="k:1",
        kuberay_manifests="/m",
        sandbox_cpu="500m",
        sandbox_memory="2Gi",
        ray_cpu="1",
        ray_memory="1Gi",
        head_cpu="2",
        head_memory="4Gi",
        watchdog_cpu="50m",
        runtime_class="kata",
        node_selector=(("pool", "sandbox"),),
        tolerations=(Toleration("dedicated", "sandbox", Effect.NO_SCHEDULE),),
        head_node_selector=(("pool", "system"),),
        head_tolerations=(Toleration("system"),),
        pull_secrets=("one", "two"),
        results_claim="results",
        grace_s=5,
        strict=True,
        timeout_s=60,
        idle_timeout_s=120,
        replace=Replace.NOW,
    )


@pytest.mark.parametrize(("value", "seconds"), [("0", math.inf), ("Never", math.inf), ("10", 10), ("2592000", 2592000)])
def test_the_idle_timeout_may_be_never(value, seconds):
    assert read_settings({K8S + "IDLE_TIMEOUT": value}).idle_timeout_s == seconds


@pytest.mark.parametrize("value", ["9", "-1", "soon", "inf", "nan", "2592001"])
def test_an_idle_timeout_that_cannot_be(value):
    with pytest.raises(SettingError, match=r"LIVECODEBENCH_K8S_IDLE_TIMEOUT=.*never"):
        read_settings({K8S + "IDLE_TIMEOUT": value})


def test_the_table_in_the_documents_is_the_codes():
    page = Path(__file__).parents[3] / "docs" / "kubernetes.md"
    section = page.read_text(encoding="utf-8").partition("## Settings")[2].partition("\n## ")[0]
    rows = re.findall(r"^\| `([A-Z0-9_]+)` \| (.+) \|$", section, re.MULTILINE)
    assert rows == table()
    assert len({name for name, _ in rows}) == len(rows)


def test_the_state_folder_follows_the_desktops_standard(monkeypatch):
    assert str(state_folder({"XDG_STATE_HOME": "/s"})) == "/s/livecodebench"
    monkeypatch.setenv("HOME", "/home/me")
    assert str(state_folder({})) == "/home/me/.local/state/livecodebench"


def test_a_pod_of_ours_is_known_by_its_marks(monkeypatch):
    for name in ("LIVECODEBENCH_GATEWAY_TOKEN_FILE", "LIVECODEBENCH_AGENT_SOCKET"):
        monkeypatch.delenv(name, raising=False)
    assert not in_the_cluster()
    monkeypatch.setenv("LIVECODEBENCH_AGENT_SOCKET", "/run/livecodebench/agent.sock")
    assert in_the_cluster()
