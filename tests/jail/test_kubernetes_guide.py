"""The users' guide: its Python runs as it stands, but for the name of the backend."""

from __future__ import annotations

import os
import re
from importlib.resources import files
from pathlib import Path

import openai
import pytest
import verifiers as vf

from livecodebench.dataset.opening import open_dataset
from livecodebench.environment import LiveCodeBenchEnv
from livecodebench.replay.answering import Answerer
from livecodebench.replay.server import ReplayServer
from livecodebench.replay.stored_file import read_stored

pytestmark = pytest.mark.jail

GUIDE = Path(__file__).parents[2] / "docs" / "kubernetes-guide.md"
MINI = Path(str(files("livecodebench") / "data" / "mini"))


def blocks(language: str) -> list[str]:
    return re.findall(rf"^```{language}\n(.*?)^```$", GUIDE.read_text(encoding="utf-8"), re.DOTALL | re.MULTILINE)


@pytest.fixture
def plain(monkeypatch):
    """The bundled dataset in place of a release; whatever the guide sets is taken back."""
    for name in ("LIVECODEBENCH_K8S_LOCAL", "KUBECONFIG", "LIVECODEBENCH_K8S_CONTEXT"):
        monkeypatch.setenv(name, "to be overwritten")
    monkeypatch.setenv("LIVECODEBENCH_DATASET", "mini")
    monkeypatch.delenv("LIVECODEBENCH_NO_VF_EVALUATE", raising=False)
    monkeypatch.delitem(vars(vf), "evaluate", raising=False)


def test_the_install_line_is_this_repositorys():
    assert blocks("bash")[0] == 'pip install -e ".[kubernetes]"\n'


def test_the_python_is_as_users_know_it():
    first = """
env = vf.load_environment(
    "livecodebench",
    backend="kubernetes",  # Switch to Kubernetes
    pool_size=30          # Number of pods to pre-allocate
)

# Use as normal
result = vf.evaluate(client, model, env)
"""
    assert blocks("python")[0].endswith(first), "a formatter may have been at it"


def test_the_python_runs_in_order(plain):
    with ReplayServer(Answerer(read_stored(MINI / "generations.jsonl"), open_dataset("mini").values())) as server:
        client = openai.OpenAI(base_url=server.base_url, api_key="none is needed")
        names: dict[str, object] = {"client": client, "model": "mini-strong"}
        environments = []
        for block in blocks("python"):
            local = block.replace('backend="kubernetes"', 'backend="local"')
            assert local != block, "each block loads an environment"
            exec(compile(local, str(GUIDE), "exec"), names)
            environments.append(names["env"])
        client.close()
    assert len(environments) == 3
    assert all(isinstance(env, LiveCodeBenchEnv) for env in environments)
    assert [env.env_args.get("pool_size") for env in environments] == [30, None, 50]
    result = names["result"]
    assert result["summary"]["pass@1"] == 1.0, "the strong model's first answers are all right"
    assert result["summary"]["errors"] == 0
    assert os.environ["LIVECODEBENCH_K8S_CONTEXT"] == "production-cluster"
    for env in environments:
        env.close()
