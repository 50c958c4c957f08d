"""The local cluster by its provider's commands, which record here: kind's in which order, minikube's in which words.

What kind really does is tested on it (tests/k8s); minikube has no such test.
"""

from __future__ import annotations

from pathlib import Path

import pytest

pytest.importorskip("kubernetes", reason="the kubernetes client is not installed: uv sync --extra kubernetes")

from lcb_ray.errors import PoolUnavailable, SandboxUnusable
from lcb_ray.kuberay.local_cluster import LocalCluster
from lcb_ray.kuberay.settings import Provider, Settings
from lcb_ray.kuberay.steps import Steps
from lcb_ray.kuberay.tear_down import clean_up

# There is a cluster as long as there is a file of that name.
KIND = """
cluster, words = here / "cluster", sys.argv[1:]
if words == ["get", "clusters"] and cluster.exists(): print("other", "livecodebench", sep=chr(10))
if words[:2] == ["create", "cluster"]:
    cluster.touch()
    if (here / "fails").exists(): sys.exit("no space left")
if words[:2] == ["delete", "cluster"]: cluster.unlink(missing_ok=True)
if words[:2] == ["get", "kubeconfig"]: print("apiVersion: v1")
"""
MINIKUBE = """
cluster, words = here / "cluster", sys.argv[1:]
if words[0] == "status" and not cluster.exists(): sys.exit('Profile "livecodebench" not found.')
if words[0] == "status" and (here / "stopped").exists(): sys.exit("host: Stopped")
if words[0] == "start":
    cluster.touch()
    (here / "stopped").unlink(missing_ok=True)
if words[0] == "status" and "--format" in words: print("Running")
if words[0] == "delete": cluster.unlink(missing_ok=True)
(here / "kubeconfig-env").write_text(os.environ.get("KUBECONFIG", ""))
"""
KUBECTL = """
if sys.argv[1:] == ["config", "current-context"]: print("mine")
"""


@pytest.fixture
def tools(stand_ins):
    for name, script in (("docker", ""), ("kind", KIND), ("minikube", MINIKUBE), ("kubectl", KUBECTL)):
        stand_ins.add(name, script)
    return stand_ins


@pytest.fixture
def steps():
    said: list[str] = []
    made = Steps(said.append)
    made.said = said
    return made


def kind(**settings):
    return LocalCluster(Settings(**settings), Path("kind.yaml"))


def minikube(**settings):
    return LocalCluster(Settings(provider=Provider.MINIKUBE, **settings), Path("kind.yaml"))


def test_kind_is_made_with_our_config_and_a_kubeconfig_of_ours(tools, steps, tmp_path):
    access = kind(node_image="kindest/node:v1.34.4").make(steps)
    [create] = tools.calls_of("kind", "create")
    ours = str(tmp_path / "state" / "livecodebench" / "kind-livecodebench.kubeconfig")
    assert create[3:] == [
        *("--name", "livecodebench"),
        *("--image", "kindest/node:v1.34.4"),
        *("--config", "kind.yaml"),
        *("--kubeconfig", ours),
    ]
    assert (str(access.kubeconfig), access.context) == (ours, "kind-livecodebench")
    assert Path(ours).stat().st_mode & 0o077 == 0, "it opens the cluster to whoever reads it"


def test_what_is_there_is_not_made_again(tools, steps):
    kind().make(steps)
    kind().make(steps)
    assert len(tools.calls_of("kind", "create")) == 1


def test_one_that_was_interrupted_is_made_anew(tools, steps):
    (tools.folder / "fails").touch()
    with pytest.raises(PoolUnavailable, match="no space left"):
        kind().make(steps)
    (tools.folder / "fails").unlink()
    kind().make(steps)
    order = [call[1] for call in tools.calls if call[0] == "kind" and call[1] in ("create", "delete")]
    assert order == ["create", "delete", "create"]
    assert "interrupted while it was made" in steps.said[0]


def test_only_one_that_was_made_here_is_deleted(tools, steps):
    (tools.folder / "cluster").touch()
    there = kind()
    there.make(steps)
    with pytest.raises(SandboxUnusable, match="not made by livecodebench here"):
        there.delete()
    assert tools.calls_of("kind", "delete") == []


def test_deleting_forgets_and_leaves_the_users_context(tools, steps, tmp_path):
    kind().make(steps)
    kind().delete()
    assert not kind().made_here
    assert list((tmp_path / "state" / "livecodebench").iterdir()) == []
    assert ["kubectl", "config", "unset", "current-context"] not in tools.calls
    assert ["kubectl", "config", "unset", "contexts.kind-livecodebench"] in tools.calls


def test_images_go_to_the_nodes_that_lack_them(tools):
    kind().load(["a:1", "b:2"], ["n1", "n2"])
    [load] = tools.calls_of("kind", "load")
    assert load[2:] == ["docker-image", "--name", "livecodebench", "--nodes", "n1,n2", "a:1", "b:2"]


def test_minikube_is_made_without_switching_the_users_context(tools, steps, tmp_path):
    access = minikube(node_image="kindest/node:v1.34.4").make(steps)
    [start] = tools.calls_of("minikube", "start")
    assert start[2:] == [
        *("--profile", "livecodebench"),
        "--keep-context",
        "--embed-certs",
        "--kubernetes-version=v1.34.4",
        "--wait=none",
        *("--cpus=max", "--memory=max", "--interactive=false"),
    ]
    assert access.context == "livecodebench"
    assert (tools.folder / "kubeconfig-env").read_text() == str(access.kubeconfig)
    assert str(access.kubeconfig) != str(tmp_path / "kubeconfig"), "the user's own"


def test_a_stopped_minikube_is_there(tools):
    assert not minikube().exists()
    (tools.folder / "cluster").touch()
    (tools.folder / "stopped").touch()
    assert minikube().exists()


def test_a_stopped_minikube_is_started_and_stays_somebody_elses(tools, steps):
    (tools.folder / "cluster").touch()
    minikube().make(steps)
    assert tools.calls_of("minikube", "start") == []
    (tools.folder / "stopped").touch()
    minikube().make(steps)
    assert len(tools.calls_of("minikube", "start")) == 1
    assert steps.said == ["the minikube profile 'livecodebench' was stopped: it is started"]
    assert not minikube().made_here


def test_the_whole_way_of_minikube_is_its_documented_commands(tools, steps):
    """What https://minikube.sigs.k8s.io/docs/commands/ has, and nothing else."""
    one = minikube(node_image="kindest/node:v1.34.4")
    one.make(steps)
    one.load(["a:1", "b:2"], ["livecodebench"])
    one.delete()
    calls = [call[1:] for call in tools.calls if call[0] == "minikube"]
    documented = {
        "status": {"--profile", "--output", "--format"},
        "start": {
            *("--profile", "--keep-context", "--embed-certs", "--kubernetes-version", "--wait", "--cpus", "--memory"),
            "--interactive",
        },
        "update-context": {"--profile"},
        "image": {"--profile"},
        "delete": {"--profile"},
    }
    for name, *words in calls:
        assert {word.partition("=")[0] for word in words if word.startswith("--")} <= documented[name]
    assert [call[0] for call in calls if call[0] != "status"] == ["start", "update-context", "image", "delete"]
    assert all("livecodebench" in call for call in calls), "never the user's own profile"


def test_minikubes_images_and_end(tools, steps):
    minikube().make(steps)
    minikube().load(["a:1"], ["livecodebench"])
    minikube().delete()
    assert tools.calls_of("minikube", "image")[0] == [
        *("minikube", "image", "load", "a:1", "--profile", "livecodebench")
    ]
    assert tools.calls_of("minikube", "delete") == [["minikube", "delete", "--profile", "livecodebench"]]


@pytest.mark.parametrize(("missing", "made"), [("kind", kind), ("minikube", minikube), ("kubectl", kind)])
def test_a_missing_tool_is_named_with_the_way_to_get_it(tools, monkeypatch, missing, made):
    (tools.folder / "bin" / missing).unlink()
    monkeypatch.setenv("PATH", str(tools.folder / "bin"))
    with pytest.raises(SandboxUnusable, match=f"{missing} is not installed"):
        made().exists()


def test_an_engine_that_does_not_answer_is_said(tools):
    (tools.folder / "docker").write_text("sys.exit('Cannot connect to the Docker daemon')")
    with pytest.raises(PoolUnavailable, match=r"start it .*Cannot connect"):
        kind().exists()


def test_cleaning_up_after_nothing_makes_nothing(tools, steps):
    swept = clean_up(Settings(), steps)
    assert (swept.removed, swept.kept, swept.failed) == ([], {}, {})
    assert not tools.calls_of("kind", "create")


def test_a_kind_cluster_whose_making_was_interrupted_is_cleaned_up(tools, steps):
    (tools.folder / "fails").touch()
    with pytest.raises(PoolUnavailable):
        kind().make(steps)
    assert kind().exists()
    swept = clean_up(Settings(), steps, dry_run=True)
    assert swept.removed == ["kind cluster 'livecodebench'"]
    assert kind().exists(), "only said"
    assert clean_up(Settings(), steps).removed == ["kind cluster 'livecodebench'"]
    assert not kind().exists()
    assert clean_up(Settings(), steps).removed == []
