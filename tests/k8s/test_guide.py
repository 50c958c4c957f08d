"""The users' guide on a kind cluster, word for word: `pool_size=30` included, of which as many start as fit."""

from __future__ import annotations

import openai
import pytest

from livecodebench.dataset.opening import open_dataset
from livecodebench.replay.answering import Answerer
from livecodebench.replay.server import ReplayServer
from livecodebench.replay.stored_file import read_stored
from tests.jail.test_kubernetes_guide import GUIDE, MINI, blocks, plain

pytestmark = [pytest.mark.k8s, pytest.mark.timeout(1800)]

__all__ = ["plain"]


def test_the_first_steps_run_as_they_stand(cluster, plain, monkeypatch, capfd):
    monkeypatch.delenv("LIVECODEBENCH_K8S_LOCAL")  # `plain` takes back what the guide sets
    monkeypatch.delenv("LIVECODEBENCH_K8S_CONTEXT")
    monkeypatch.delenv("KUBECONFIG")
    with ReplayServer(Answerer(read_stored(MINI / "generations.jsonl"), open_dataset("mini").values())) as server:
        client = openai.OpenAI(base_url=server.base_url, api_key="none is needed")
        names: dict[str, object] = {"client": client, "model": "mini-strong"}
        exec(compile(blocks("python")[0], str(GUIDE), "exec"), names)
        names["env"].close()
        client.close()
    summary = names["result"]["summary"]
    assert (summary["pass@1"], summary["errors"]) == (1.0, 0)
    assert "of 30 sandbox pods fit" in capfd.readouterr().err
