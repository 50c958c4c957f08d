"""Contexts: which one is used, and what happens to the user's own. kubectl is a stand-in that answers as it does."""

from __future__ import annotations

import base64
import json
from pathlib import Path

import pytest

from lcb_ray.errors import SandboxUnusable
from lcb_ray.kuberay.access import (
    Access,
    add_to_users_kubeconfig,
    private_file,
    remote_access,
    remove_from_users_kubeconfig,
)

KUBECTL = """
words = sys.argv[1:]
if words == ["config", "current-context"]:
    current = (here / "current").read_text()
    print(current) if current else sys.exit("error: current-context is not set")
if words[:2] == ["config", "get-contexts"]: print("mine", "production", sep=chr(10))
if "view" in words: print((here / "view").read_text())
for word in words:
    if word.startswith("--client-key="):
        (here / "key").write_text(Path(word.partition("=")[2]).read_text())
        (here / "mode").write_text(oct(os.stat(word.partition("=")[2]).st_mode & 0o777))
"""
OURS = Access(kubeconfig=Path("/state/kubeconfig"), context="kind-livecodebench")


def b64(text: str) -> str:
    return base64.b64encode(text.encode()).decode()


@pytest.fixture
def kubectl(stand_ins):
    stand_ins.add("kubectl", KUBECTL)
    (stand_ins.folder / "current").write_text("mine")
    user = {"client-certificate-data": b64("certificate"), "client-key-data": b64("the key")}
    cluster = {"server": "https://127.0.0.1:6443", "certificate-authority-data": b64("ca")}
    view = {"clusters": [{"cluster": cluster}], "users": [{"user": user}]}
    (stand_ins.folder / "view").write_text(json.dumps(view))
    return stand_ins


def test_a_named_context_is_used(kubectl):
    assert remote_access("production") == Access(kubeconfig=None, context="production")


def test_an_unknown_context_is_told_with_those_that_there_are(kubectl):
    with pytest.raises(SandboxUnusable, match="no such context: it has mine, production"):
        remote_access("prodcution")


def test_without_one_the_current_context_is_named(kubectl):
    assert remote_access(None).context == "mine"


def test_without_a_current_one_the_setting_is_named(kubectl):
    (kubectl.folder / "current").write_text("")
    with pytest.raises(SandboxUnusable, match="set LIVECODEBENCH_K8S_CONTEXT"):
        remote_access(None)


def test_every_kubectl_says_which_context():
    assert OURS.command("get", "pods") == [
        *("kubectl", "--kubeconfig", "/state/kubeconfig", "--context", "kind-livecodebench", "get", "pods")
    ]
    assert Access(kubeconfig=None, context="c").command("x") == ["kubectl", "--context", "c", "x"]


def test_ours_is_added_and_the_users_context_stays(kubectl):
    assert not add_to_users_kubeconfig(OURS)
    assert [call[2] for call in kubectl.calls_of("kubectl", "config")] == [
        *("set-cluster", "set-credentials", "set-context", "current-context")
    ]


def test_ours_is_made_current_where_there_was_none(kubectl):
    (kubectl.folder / "current").write_text("")
    assert add_to_users_kubeconfig(OURS)
    assert ["kubectl", "config", "use-context", "kind-livecodebench"] in kubectl.calls


def test_the_key_is_on_no_command_line_and_in_no_file_of_others(kubectl):
    add_to_users_kubeconfig(OURS)
    assert (kubectl.folder / "key").read_text() == "the key"
    assert (kubectl.folder / "mode").read_text() == "0o600"
    said = json.dumps(kubectl.calls)
    assert "the key" not in said
    assert b64("the key") not in said


@pytest.mark.parametrize(("current", "unset"), [("kind-livecodebench", True), ("mine", False), ("", False)])
def test_removing_leaves_no_dangling_current_context(kubectl, current, unset):
    (kubectl.folder / "current").write_text(current)
    remove_from_users_kubeconfig("kind-livecodebench")
    assert (["kubectl", "config", "unset", "current-context"] in kubectl.calls) is unset
    for part in ("contexts", "clusters", "users"):
        assert ["kubectl", "config", "unset", f"{part}.kind-livecodebench"] in kubectl.calls


def test_a_private_file_is_replaced_as_a_whole(tmp_path):
    file = tmp_path / "folder" / "file"
    private_file(file, "one")
    private_file(file, "two")
    assert file.read_text() == "two"
    assert file.stat().st_mode & 0o777 == 0o600
    assert list(file.parent.iterdir()) == [file]
