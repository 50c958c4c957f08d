"""The pool on Ray, beyond what every backend promises: code of one version, tests sent once, a clean end."""

from __future__ import annotations

import json
import os
import stat
import subprocess
import sys
from importlib.resources import files

import pytest

from lcb_ray.agent.protocol import Program
from lcb_ray.batch import Batch, Case, PackedCases
from lcb_ray.errors import SandboxUnusable
from tests.contract.conftest import see
from tests.ray_cluster import LONG_S, RayHost, until

pytestmark = pytest.mark.ray


def test_large_tests_are_read_and_sent_once(open_pool):
    reads = []
    packed = PackedCases(key="one", read=lambda: reads.append(1) or b"x" * 300_000, unpack=_as_one_case)
    length = Program(source=b"import sys\nprint(len(sys.stdin.read()))")
    batch = Batch(length, lambda: pytest.fail("not here"), see, packed=packed)
    pool = open_pool()
    for _ in range(3):
        [seen] = pool.submit(batch).result(LONG_S).checked
        assert seen.result.stdout == b"300000\n"
    assert reads == [1]


def _as_one_case(data):
    return [Case(data, b"300000\n")]


def test_drivers_with_other_code_are_refused(open_pool):
    assert open_pool().info().backend == "ray"
    with pytest.raises(SandboxUnusable, match="use one release in all its drivers"):
        open_pool(code=("lcb_ray", "livecodebench")).info()


def test_a_pool_that_nobody_uses_leaves_nothing(open_pool, pool_name):
    import ray

    pool = open_pool()
    agents = RayHost(pool).agents()
    assert agents
    pool.close()

    def named():
        return [actor for actor in ray.util.list_named_actors(all_namespaces=True) if pool_name in actor["name"]]

    assert until(lambda: not named(), "the pool's actors are gone") is True
    assert until(lambda: not any(os.path.exists(f"/proc/{pid}") for pid in agents), "its agents are gone") is True  # noqa: PTH110


def test_a_full_queue_is_waited_for(open_pool):
    from lcb_ray.rules.state import PoolRules

    pools = [open_pool(rules=PoolRules(grace_s=1, queue_limit=1)) for _ in range(3)]
    batch = Batch(Program(source=b"print(input())"), lambda: [Case(b"1\n", b"1\n")], see)
    futures = [pool.submit(batch) for _ in range(2) for pool in pools]
    assert all(future.result(LONG_S).checked[0].passed for future in futures)


def test_grade_gives_the_verdicts_of_local(cluster, cli, tmp_path):
    folder = files("livecodebench") / "data" / "mini"
    ended = cli(
        "grade", folder / "generations.jsonl", "--dataset", "mini", "--backend", "ray", "--slots", 2, "--pool-size", 1,
        "--output", tmp_path / "out",
    )  # fmt: skip
    assert ended.status == 0, ended.err
    judged = [json.loads(line) for line in (tmp_path / "out" / "judgements.jsonl").read_text().splitlines()]
    expected = json.loads((folder / "expected.json").read_text())["verdicts"]
    assert {(row["model"], row["question_id"], row["sample"]): row["verdict"] for row in judged} == {
        (row["model"], row["question_id"], row["sample"]): row["verdict"] for row in expected
    }


@pytest.mark.parametrize("before", [None, 0o644])
def test_the_token_of_local_clusters_is_its_owner_s(tmp_path, monkeypatch, before):
    from lcb_ray.ray_pool import connection as ray_connection

    path = tmp_path / "home" / "auth_token"
    for name in ("RAY_AUTH_MODE", "RAY_AUTH_TOKEN"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("RAY_AUTH_TOKEN_PATH", str(path))
    if before is not None:
        path.parent.mkdir()
        path.write_text("a token")
        path.chmod(before)
    ray_connection._keep_token_private()
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert path.read_text() == "a token" if before else len(path.read_text()) == 64


def test_ray_client_is_refused_with_the_way_out():
    asks = "from lcb_ray.ray_pool.driver import RayPool\nRayPool(address='ray://head:10001').info()"
    refused = subprocess.run([sys.executable, "-c", asks], capture_output=True, text=True, check=False)
    assert refused.returncode == 1
    assert "SandboxUnusable: ray://head:10001" in refused.stderr
    assert "ray job submit" in refused.stderr
