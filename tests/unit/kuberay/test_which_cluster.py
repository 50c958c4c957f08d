"""Which cluster is used: each row of the table in docs/kubernetes.md, with the user's own context and without."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest

pytest.importorskip("kubernetes", reason="the kubernetes client is not installed: uv sync --extra kubernetes")

from lcb_ray.errors import SandboxError
from lcb_ray.kuberay.bring_up import bring_up
from lcb_ray.kuberay.settings import SettingError, read_settings
from lcb_ray.kuberay.status import find_access
from lcb_ray.kuberay.steps import Steps

K8S = "LIVECODEBENCH_K8S_"
PAGE = Path(__file__).parents[3] / "docs" / "kubernetes.md"
KUBECTL = """
words = sys.argv[1:]
current = (here / "current").read_text()
if words == ["config", "current-context"]: print(current) if current else sys.exit("current-context is not set")
if words[:2] == ["config", "get-contexts"]: print("mine", "production", sep=chr(10))
"""
KIND = """
if sys.argv[1:] == ["get", "clusters"]: print("livecodebench")
if sys.argv[1:3] == ["get", "kubeconfig"]: print("apiVersion: v1")
"""
MINIKUBE = ""

# LOCAL, CONTEXT, PROVIDER: the context that is used; an error's words where none is
ROWS = [
    (None, None, None, "kind-livecodebench"),
    ("true", None, None, "kind-livecodebench"),
    ("true", None, "minikube", "livecodebench"),
    (None, None, "minikube", "livecodebench"),
    (None, "production", None, SettingError(f"{K8S}LOCAL=false; to use a local cluster")),
    ("true", "production", None, SettingError(f"{K8S}LOCAL is true")),
    ("false", "production", None, "production"),
    ("false", None, None, "mine"),
]


@pytest.fixture
def tools(stand_ins):
    for name, script in (("docker", ""), ("kind", KIND), ("minikube", MINIKUBE), ("kubectl", KUBECTL)):
        stand_ins.add(name, script)
    (stand_ins.folder / "current").write_text("mine")
    return stand_ins


def given(**values):
    return {K8S + name: value for name, value in values.items() if value is not None}


@pytest.mark.parametrize(("local", "context", "provider", "expected"), ROWS)
@pytest.mark.parametrize("current", ["mine", "production"])
def test_which_context_is_used(tools, local, context, provider, expected, current):
    (tools.folder / "current").write_text(current)
    environment = given(LOCAL=local, CONTEXT=context, PROVIDER=provider)
    if isinstance(expected, SettingError):
        with pytest.raises(SettingError, match=re.escape(str(expected))):
            read_settings(environment)
        return
    if expected == "mine":
        expected = current
    assert find_access(read_settings(environment)).context == expected
    changed = [
        call for call in tools.calls_of("kubectl", "config") if call[2] not in ("current-context", "get-contexts")
    ]
    assert changed == [], "the user's kubeconfig stays"


def test_the_page_has_every_row():
    page = PAGE.read_text(encoding="utf-8")
    [table] = re.findall(r"## Which cluster\n\n((?:\|.*\n)+)", page)
    rows = [[cell.strip() for cell in line.strip("|").split("|")] for line in table.splitlines()[2:]]
    assert [row[:2] for row in rows] == [
        ["unset or true", "unset"],
        ["unset", "set"],
        ["true", "set"],
        ["false", "set"],
        ["false", "unset"],
    ]


@pytest.mark.parametrize(("context", "used"), [("production", "production"), (None, "mine")])
def test_a_remote_cluster_is_named_before_it_is_asked_anything(tools, context, used):
    said: list[str] = []
    with pytest.raises(SandboxError):  # there is no such kubeconfig
        bring_up(read_settings(given(LOCAL="false", CONTEXT=context)), Steps(said.append), code=("lcb_ray",))
    assert said[0] == f"using context {used}, namespace livecodebench"


def test_no_command_of_a_remote_cluster_goes_without_its_context(tools):
    with pytest.raises(SandboxError):
        bring_up(read_settings(given(LOCAL="false")), Steps(lambda _: None), code=("lcb_ray",))
    assert json.dumps(tools.calls).count("use-context") == 0
    assert tools.calls_of("kind") == tools.calls_of("docker") == []
