"""The whole path on a kind cluster, as users go it: by the command, by the guide's Python, by `ray job submit`."""

from __future__ import annotations

import importlib.util
import json
import os
import re
import shutil
import signal
import subprocess
import sys
import time
from importlib.resources import files
from pathlib import Path

import pytest

from lcb_ray.cluster_files import cluster_folder
from tests import kind_cluster

pytestmark = [pytest.mark.k8s, pytest.mark.timeout(1800)]

MINI = Path(str(files("livecodebench") / "data" / "mini"))
ANSWERS = MINI / "generations.jsonl"
LONG_S = 300.0


def verdicts(folder: Path) -> dict[tuple[str, str, int], str]:
    lines = (folder / "judgements.jsonl").read_text(encoding="utf-8").splitlines()
    rows = [json.loads(line) for line in lines]
    return {(row["model"], row["question_id"], row["sample"]): row["verdict"] for row in rows}


def grade(folder: Path, backend: str, *more: object) -> kind_cluster.Ended:
    return kind_cluster.command("grade", ANSWERS, "--dataset", "mini", "--backend", backend, "--output", folder, *more)


@pytest.fixture(scope="session")
def local(tmp_path_factory) -> dict[tuple[str, str, int], str]:
    folder = tmp_path_factory.mktemp("local")
    assert grade(folder, "local").status == 0
    return verdicts(folder)


def test_the_second_time_nothing_is_made_or_loaded_again(cluster):
    ended = cluster.command("cluster", "up", "--pool-size", cluster.SANDBOXES)
    assert ended.status == 0, ended.err
    assert f"up: {cluster.SANDBOXES} sandbox pods, namespace livecodebench" in ended.out
    for word in ("building", "loading", "pulling", "is replaced", "made anew"):
        assert word not in ended.err


def test_kind_leaves_the_users_own_context_current(cluster, tmp_path):
    mine = tmp_path / "kubeconfig"
    environment = {**os.environ, "KUBECONFIG": str(mine)}
    for words in (["set-cluster", "c", "--server=https://192.0.2.1"], ["set-context", "mine", "--cluster=c"]):
        subprocess.run(["kubectl", "config", *words], env=environment, check=True, capture_output=True)
    subprocess.run(["kubectl", "config", "use-context", "mine"], env=environment, check=True, capture_output=True)
    ended = cluster.command("cluster", "up", "--pool-size", cluster.SANDBOXES, env={"KUBECONFIG": str(mine)})
    assert ended.status == 0, ended.err
    assert "your kubectl keeps its current context" in ended.err
    shown = subprocess.run(
        ["kubectl", "config", "get-contexts", "--output", "name"],
        env=environment,
        check=True,
        capture_output=True,
        text=True,
    )
    current = subprocess.run(
        ["kubectl", "config", "current-context"], env=environment, check=True, capture_output=True, text=True
    )
    assert (sorted(shown.stdout.split()), current.stdout.strip()) == (["kind-livecodebench", "mine"], "mine")


def test_verdicts_are_those_of_the_local_backend(cluster, local, tmp_path):
    ended = grade(tmp_path / "out", "kubernetes", "--pool-size", 4)
    assert ended.status == 0, ended.err
    assert verdicts(tmp_path / "out") == local
    summary = json.loads((tmp_path / "out" / "summary.json").read_text(encoding="utf-8"))
    assert summary["sandbox"]["backend"] == "kubernetes"
    assert summary["sandbox"]["python"].startswith("{}.{}.".format(*sys.version_info))
    assert summary["sandbox"]["numpy"] is not None
    assert {"no_network", "no_foreign_memory"} <= summary["sandbox"]["layers"].keys()


@pytest.mark.parametrize("overlay", ["kind", "minikube", "remote"])
def test_kubernetes_and_kuberay_take_every_overlay_by_hand(cluster, overlay):
    folder = cluster_folder() / "overlays" / overlay
    said = cluster.kubectl(
        *("apply", "--server-side", "--force-conflicts", "--field-manager=a-test", "--dry-run=server"),
        *("--kustomize", str(folder)),
    )
    assert "raycluster.ray.io/livecodebench serverside-applied (server dry run)" in said
    assert "networkpolicy.networking.k8s.io/" in said


def test_status_can_be_read_by_people_and_scripts(cluster):
    ended = cluster.command("cluster", "status")
    assert ended.status == 0, ended.err
    assert "context     kind-livecodebench\nnamespace   livecodebench\n" in ended.out
    assert " head " in ended.out
    seen = json.loads(cluster.command("cluster", "status", "--json").out)
    assert seen["ready"] is True
    assert re.match(r"enforced|not enforced|partly: |unknown: ", seen["network_policies"])
    listed = cluster.kubectl("get", "pods", "--output", "name").split()
    assert {f"pod/{pod['name']}" for pod in seen["pods"]} == set(listed)
    assert all(name.startswith("pod/livecodebench-") for name in listed)


def test_a_pod_that_is_killed_while_grading_costs_no_verdict(cluster, local, tmp_path):
    output = tmp_path / "out"
    words = ["grade", ANSWERS, "--dataset", "mini", "--backend", "kubernetes", "--pool-size", "2", "--output", output]
    with subprocess.Popen(
        [sys.executable, "-m", "livecodebench", *map(str, words)], stderr=subprocess.PIPE, text=True
    ) as driver:
        wait_for_a_line(output / "judgements.jsonl", driver)
        victim = cluster.sandboxes()[0]
        cluster.kubectl("delete", "pod", victim, "--grace-period=0", "--force")
        _, said = driver.communicate(timeout=2 * LONG_S)
    assert driver.returncode == 0, said
    assert verdicts(output) == local


def wait_for_a_line(file: Path, driver: subprocess.Popen[str]) -> None:
    deadline = time.monotonic() + LONG_S
    while not (file.exists() and file.read_bytes().count(b"\n")):
        assert driver.poll() is None, driver.communicate()[1]
        assert time.monotonic() < deadline, "no verdict came"
        time.sleep(0.05)  # nothing tells when a file grows


@pytest.fixture
def dashboard(cluster):
    """The environment in which `ray job` reaches the cluster, as `cluster dashboard` prints it."""
    words = [sys.executable, "-m", "livecodebench", "cluster", "dashboard", "--port", "18265"]
    with subprocess.Popen(words, stdout=subprocess.PIPE, text=True, bufsize=1) as process:
        lines = [process.stdout.readline(), process.stdout.readline()]
        assert lines[1].startswith("export RAY_ADDRESS=http://127.0.0.1:18265 "), lines
        yield dict(word.split("=", 1) for word in lines[1].split()[1:])
        process.send_signal(signal.SIGINT)
        assert process.wait(LONG_S) == 0


@pytest.mark.skipif(shutil.which("ray") is None, reason="no `ray` on PATH: uv sync --extra ray")
def test_an_evaluation_is_a_ray_job(dashboard):
    done = subprocess.run(
        [
            *("ray", "job", "submit", "--", "livecodebench", "evaluate", "mini-strong", "--replay", "mini"),
            *("--dataset", "mini", "--backend", "kubernetes", "--pool-size", "2"),
        ],
        env={**os.environ, **dashboard},
        capture_output=True,
        text=True,
        timeout=2 * LONG_S,
        check=False,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    assert "100.0%" in done.stdout
    assert "Sandbox kubernetes: Python" in done.stdout
    assert "kind cluster" not in done.stdout, "in the cluster nothing is brought up"


@pytest.mark.skipif(importlib.util.find_spec("ray") is None, reason="submit needs Ray's client: uv sync --extra ray")
def test_an_evaluation_is_submitted_followed_and_fetched(cluster, tmp_path):
    words = ["evaluate", "mini-strong", "--replay", "mini", "--dataset", "mini", "--backend", "kubernetes"]
    ended = cluster.command("submit", "--fetch", tmp_path / "here", "--", *words, "--pool-size", 2)
    assert ended.status == 0, ended.err
    assert "submitted as livecodebench-" in ended.err
    assert "pass@1" in ended.out
    summary = json.loads((tmp_path / "here" / "summary.json").read_text(encoding="utf-8"))
    assert (summary["complete"], summary["sandbox"]["backend"]) == (True, "kubernetes")
