"""`livecodebench cluster`, as far as it comes without a cluster: settings, missing tools, help; see also tests/k8s."""

from __future__ import annotations

import json
import re
from importlib.resources import files
from importlib.util import find_spec

import pytest

from lcb_ray.kuberay.settings import table
from livecodebench.errors import InputError
from livecodebench.judging.backend import open_pool
from livecodebench.judging.shared_pool import PoolOptions

ANSWERS = files("livecodebench") / "data" / "mini" / "generations.jsonl"
K8S = "LIVECODEBENCH_K8S_"
asks_the_client = pytest.mark.skipif(
    find_spec("kubernetes") is None, reason="the kubernetes client is not installed: uv sync --extra kubernetes"
)


@pytest.fixture
def bare(monkeypatch, tmp_path):
    """A machine without any of the tools."""
    monkeypatch.setenv("PATH", str(tmp_path))
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path / "state"))


@pytest.mark.parametrize("command", ["up", "preflight", "rbac", "status", "down", "dashboard", "logs", "cleanup"])
def test_a_context_alone_is_bad_input_for_every_command(cli, bare, monkeypatch, command):
    monkeypatch.setenv(f"{K8S}CONTEXT", "production")
    ended = cli("cluster", command)
    assert (ended.status, ended.out) == (2, "")
    assert f"set {K8S}LOCAL=false" in ended.err


@asks_the_client
@pytest.mark.parametrize("command", ["up", "rbac", "status", "down", "dashboard", "logs", "cleanup"])
def test_missing_tools_are_named_with_the_way_to_get_them(cli, bare, command):
    ended = cli("cluster", command)
    assert (ended.status, ended.out) == (4, "")
    for tool in ("docker", "kind", "kubectl"):
        assert f"{tool} is not installed: " in ended.err


@pytest.mark.parametrize("words", [("build",), ("push", "--registry", "ghcr.io/team")])
def test_images_need_docker_only(cli, bare, words):
    ended = cli("cluster", "images", *words)
    assert (ended.status, ended.out) == (4, "")
    assert "docker is not installed: " in ended.err
    assert "kubectl" not in ended.err


def test_a_registry_that_is_none_is_bad_input_before_anything_is_built(cli, bare):
    ended = cli("cluster", "images", "push", "--registry", "https://ghcr.io/team")
    assert (ended.status, ended.out) == (2, "")
    assert "such as ghcr.io/team" in ended.err
    assert "images ..." not in ended.err


@asks_the_client
def test_a_remote_cluster_needs_kubectl_only(cli, bare, monkeypatch):
    monkeypatch.setenv(f"{K8S}LOCAL", "false")
    ended = cli("cluster", "up")
    assert ended.status == 4
    assert "kubectl is not installed" in ended.err
    assert "kind is not installed" not in ended.err


@asks_the_client
def test_preflight_says_all_that_is_missing_at_once(cli, bare):
    ended = cli("cluster", "preflight")
    assert ended.status == 4
    for tool in ("docker", "kind", "kubectl"):
        assert re.search(rf"^fail +{tool} +.*not installed", ended.out, re.MULTILINE)
    found = json.loads(cli("cluster", "preflight", "--json").out)
    assert {one["name"] for one in found if one["health"] == "fail"} >= {"docker", "kind", "kubectl", "cluster"}


@asks_the_client
def test_a_context_that_is_not_there_is_bad_configuration(cli, bare, monkeypatch, tmp_path):
    kubectl = tmp_path / "kubectl"
    kubectl.write_text("#!/bin/sh\ncase \"$*\" in *get-contexts*) echo mine;; *) echo '{}';; esac\n")
    kubectl.chmod(0o755)
    monkeypatch.setenv(f"{K8S}LOCAL", "false")
    monkeypatch.setenv(f"{K8S}CONTEXT", "theirs")
    for command in ("up", "preflight", "status", "down"):
        ended = cli("cluster", command)
        assert ended.status == 2, ended.err
        assert "the kubeconfig has no such context: it has mine" in ended.out + ended.err


@asks_the_client
@pytest.mark.parametrize("words", [("--user", "a", "--group", "b"), ("--service-account", "a", "--user", "b")])
def test_rights_are_for_one_subject(cli, bare, words, monkeypatch):
    monkeypatch.setattr("lcb_ray.kuberay.template.render", lambda settings: [])
    ended = cli("cluster", "rbac", *words)
    assert (ended.status, "say one of --user, --group and --service-account" in ended.err) == (2, True)


def test_a_size_that_cannot_be_is_bad_input(cli, bare):
    ended = cli("cluster", "up", "--pool-size", "0")
    assert ended.status == 2
    assert "--pool-size must be at least 1" in ended.err


def test_help_lists_every_setting_with_what_it_does(cli):
    said = cli("cluster", "up", "--help").out
    lines = [line.strip() for line in said.splitlines()]
    words = " ".join(lines)
    for name, meaning in table():
        assert name in lines
        assert meaning in words


def test_settings_that_contradict_each_other_are_told_before_anything_is_asked(cli, monkeypatch):
    monkeypatch.setenv(f"{K8S}CONTEXT", "production")
    ended = cli("grade", ANSWERS, "--dataset", "mini", "--backend", "kubernetes")
    assert (ended.status, ended.out) == (2, "")
    assert f"unset {K8S}CONTEXT" in ended.err
    with pytest.raises(InputError, match=f"unset {K8S}CONTEXT"):
        PoolOptions(backend="kubernetes")


@asks_the_client
def test_opening_a_pool_starts_nothing(bare, monkeypatch):
    for name in ("LIVECODEBENCH_GATEWAY_TOKEN_FILE", "LIVECODEBENCH_AGENT_SOCKET"):
        monkeypatch.delenv(name, raising=False)
    pool = open_pool("kubernetes", pool_size=30)
    assert pool.slots == 30
    pool.close()
