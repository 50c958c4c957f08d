"""`livecodebench cluster`, as far as it comes without a cluster: settings, missing tools, help; see also tests/k8s."""

from __future__ import annotations

from importlib.resources import files

import pytest

from lcb_ray.kuberay.settings import VARIABLES
from livecodebench.errors import InputError
from livecodebench.judging.backend import open_pool
from livecodebench.judging.shared_pool import PoolOptions

ANSWERS = files("livecodebench") / "data" / "mini" / "generations.jsonl"
K8S = "LIVECODEBENCH_K8S_"


@pytest.fixture
def bare(monkeypatch, tmp_path):
    """A machine without any of the tools."""
    monkeypatch.setenv("PATH", str(tmp_path))
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path / "state"))


@pytest.mark.parametrize("command", ["up", "status", "down", "dashboard", "logs", "cleanup"])
def test_a_context_alone_is_bad_input_for_every_command(cli, bare, monkeypatch, command):
    monkeypatch.setenv(f"{K8S}CONTEXT", "production")
    ended = cli("cluster", command)
    assert (ended.status, ended.out) == (2, "")
    assert f"set {K8S}LOCAL=false" in ended.err


@pytest.mark.parametrize("command", ["up", "status", "down", "dashboard", "logs", "cleanup"])
def test_missing_tools_are_named_with_the_way_to_get_them(cli, bare, command):
    ended = cli("cluster", command)
    assert (ended.status, ended.out) == (4, "")
    for tool in ("docker", "kind", "kubectl"):
        assert f"{tool} is not installed: " in ended.err


def test_a_remote_cluster_needs_kubectl_only(cli, bare, monkeypatch):
    monkeypatch.setenv(f"{K8S}LOCAL", "false")
    ended = cli("cluster", "up")
    assert ended.status == 4
    assert "kubectl is not installed" in ended.err
    assert "kind is not installed" not in ended.err


def test_a_size_that_cannot_be_is_bad_input(cli, bare):
    ended = cli("cluster", "up", "--pool-size", "0")
    assert ended.status == 2
    assert "--pool-size must be at least 1" in ended.err


def test_help_lists_every_setting(cli):
    said = cli("cluster", "up", "--help").out
    names = [variable.name for variable in VARIABLES]
    assert [name for name in (*names, "KUBECONFIG", "DELETE_CLUSTER_ON_CLEANUP") if name not in said] == []


def test_settings_that_contradict_each_other_are_told_before_anything_is_asked(cli, monkeypatch):
    monkeypatch.setenv(f"{K8S}CONTEXT", "production")
    ended = cli("grade", ANSWERS, "--dataset", "mini", "--backend", "kubernetes")
    assert (ended.status, ended.out) == (2, "")
    assert f"unset {K8S}CONTEXT" in ended.err
    with pytest.raises(InputError, match=f"unset {K8S}CONTEXT"):
        PoolOptions(backend="kubernetes")


def test_opening_a_pool_starts_nothing(bare, monkeypatch):
    for name in ("LIVECODEBENCH_GATEWAY_TOKEN_FILE", "LIVECODEBENCH_AGENT_SOCKET"):
        monkeypatch.delenv(name, raising=False)
    pool = open_pool("kubernetes", pool_size=30)
    assert pool.slots == 30
    pool.close()
