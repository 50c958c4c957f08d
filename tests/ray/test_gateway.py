"""The gateway on a real Ray, with real agents: the verdicts of local, ends of clients and of itself, and shares."""

from __future__ import annotations

import json
import os
import shutil
import signal
import subprocess
import sys
import uuid
from collections.abc import Callable, Iterator
from contextlib import ExitStack, closing
from dataclasses import replace
from functools import partial
from importlib.resources import files
from pathlib import Path

import httpx
import pytest

from lcb_ray.agent.protocol import Limits, Program
from lcb_ray.batch import Batch, Case
from lcb_ray.errors import SandboxUnusable
from lcb_ray.gateway.client import GatewayPool
from lcb_ray.local import LocalPool
from lcb_ray.rules.state import PoolRules
from livecodebench.answers.extraction import extract
from livecodebench.dataset.opening import open_dataset
from livecodebench.judging.judge import Judge
from livecodebench.judging.travel import travel_codec
from livecodebench.submission import Submission
from tests.contract.checks import contract_codec
from tests.contract.conftest import see
from tests.gateway_thread import TOKEN
from tests.ray_cluster import LONG_S, until
from tests.ray_head import free_ports

pytestmark = pytest.mark.ray

MINI = files("livecodebench") / "data" / "mini"
CODE = ("lcb_ray", "livecodebench")
ROOT = Path(__file__).parents[2]
CODEC = travel_codec().joined(contract_codec())
ENDLESS = Program(source=b"while True: pass")
ECHO = Program(source=b"import sys, time\ntime.sleep(0.1)\nsys.stdout.write(sys.stdin.read())")


def settings(name, port, code=CODE):
    """Of a gateway."""
    from lcb_ray.gateway.actor import GatewayConfig
    from lcb_ray.gateway.sessions import SessionRules
    from lcb_ray.ray_pool.driver import RayPool

    rules = PoolRules(grace_s=1)
    return GatewayConfig(
        codec=CODEC,
        code=code,
        open_pool=partial(RayPool, name=name, code=code, rules=rules),
        port=port,
        token=TOKEN,
        rules=SessionRules(dropped_s=1),
    )


class Gateway:
    """A gateway and its clients."""

    def __init__(self, name: str) -> None:
        from lcb_ray.gateway.serving import serve

        self.name = name
        self.serve = partial(serve, name=name)
        [self.port] = free_ports(1)
        self.url = self.serve(self.config())

    def config(self, code=CODE):
        return settings(self.name, self.port, code)

    def client(self, slots: int = 1, **more: object) -> GatewayPool:
        return GatewayPool(
            self.url, **{"codec": CODEC, "token": TOKEN, "code": CODE, "slots": slots, "pool_size": 1, **more}
        )

    @property
    def pid(self) -> int:
        import ray

        from lcb_ray.ray_pool.messages import NAMESPACE

        return ray.get(ray.get_actor(self.name, NAMESPACE).pid.remote())

    def end(self) -> None:
        from lcb_ray.gateway.serving import stop

        stop(name=self.name)


@pytest.fixture(scope="module")
def gateway(cluster: None) -> Iterator[Gateway]:
    made = Gateway(f"gateway-{uuid.uuid4().hex[:8]}")
    yield made
    made.end()


@pytest.fixture
def client(gateway: Gateway) -> Iterator[Callable[..., GatewayPool]]:
    with ExitStack() as opened:
        yield lambda *args, **more: opened.enter_context(closing(gateway.client(*args, **more)))


@pytest.fixture
def leases(gateway: Gateway) -> Iterator[Callable[[], dict]]:
    """Who has what in the pool behind the gateway."""
    from lcb_ray.ray_pool.driver import RayPool

    with closing(RayPool(1, pool_size=1, name=gateway.name, code=CODE, rules=PoolRules(grace_s=1))) as pool:
        yield lambda: pool.status()["leases"]


def batch_of(program, *inputs, **more):
    cases = [Case(data, data) for data in inputs]
    return Batch(program, lambda: cases, see, Limits(cpu_s=300), **more)


def test_grade_gives_the_verdicts_of_local(gateway, cli, tmp_path, monkeypatch):
    monkeypatch.setenv("LIVECODEBENCH_RAY_ADDRESS", gateway.url)
    monkeypatch.setenv("LIVECODEBENCH_GATEWAY_TOKEN", TOKEN)
    ended = cli(
        "grade", MINI / "generations.jsonl", "--dataset", "mini", "--backend", "ray", "--slots", 2, "--pool-size", 1,
        "--output", tmp_path / "out",
    )  # fmt: skip
    assert ended.status == 0, ended.err
    judged = [json.loads(line) for line in (tmp_path / "out" / "judgements.jsonl").read_text().splitlines()]
    expected = json.loads((MINI / "expected.json").read_text())["verdicts"]
    assert {(row["model"], row["question_id"], row["sample"]): row["verdict"] for row in judged} == {
        (row["model"], row["question_id"], row["sample"]): row["verdict"] for row in expected
    }


def test_the_official_grading_says_what_it_says_locally(client):
    problems = open_dataset("mini")
    rows = [json.loads(line) for line in (MINI / "generations.jsonl").read_text().splitlines()]
    submissions = [Submission(row["question_id"], extract(row["output_list"][0]).code, row["model"], 0) for row in rows]

    def said(pool):
        judge = Judge(pool, problems, grading="official")
        judgements = [future.result(LONG_S) for future in [judge.submit(one) for one in submissions]]
        return [(one.verdict, one.official and one.official.results, one.error) for one in judgements]

    with closing(LocalPool(2)) as local:
        assert said(client(slots=2)) == said(local)


def test_a_wrong_token_is_refused_with_the_way_out(client):
    with pytest.raises(SandboxUnusable, match="LIVECODEBENCH_GATEWAY_TOKEN"):
        client(token="another-token-of-enough-length").info()


def test_other_code_is_refused_with_both_versions(client):
    with pytest.raises(SandboxUnusable, match=r"runs version [0-9a-f]{12} .* version [0-9a-f]{12}"):
        client(code=("lcb_ray",)).info()


def test_cancelling_stops_the_program(client, leases):
    pool = client()
    future = pool.submit(batch_of(ENDLESS, b""))
    assert until(leases, "the lease of what runs")
    assert future.cancel()
    assert until(lambda: not leases(), "the end of what was cancelled")
    assert pool.submit(batch_of(ECHO, b"x")).result(LONG_S).checked[0].passed


def test_a_killed_client_s_slots_are_free_again(gateway, leases):
    script = (
        "import sys; from tests.ray.test_gateway import *\n"
        f"pool = GatewayPool({gateway.url!r}, codec=CODEC, code=CODE, slots=1, pool_size=1)\n"
        "pool.submit(batch_of(ENDLESS, b'')).result()"
    )
    environment = {**os.environ, "LIVECODEBENCH_GATEWAY_TOKEN": TOKEN}
    with subprocess.Popen([sys.executable, "-c", script], env=environment) as process:
        assert until(leases, "the lease of what runs")
        process.kill()
    assert until(lambda: not leases(), "the end of what the killed client had")


def test_a_killed_gateway_loses_and_doubles_nothing(gateway, client):
    pool = client(slots=2)
    ended = []
    futures = [pool.submit(batch_of(ECHO, b"%d" % number, key=str(number))) for number in range(30)]
    for number, future in enumerate(futures):
        future.add_done_callback(lambda _, number=number: ended.append(number))
    assert futures[3].result(LONG_S)
    os.kill(gateway.pid, signal.SIGKILL)
    for number, future in enumerate(futures):
        [seen] = future.result(LONG_S).checked
        assert (seen.passed, seen.result.stdout) == (True, b"%d" % number)
    assert sorted(ended) == list(range(30))


def test_two_clients_share_as_drivers_do(client):
    first, second = client(), client()
    ended = []
    assert first.submit(batch_of(ECHO, b"up")).result(LONG_S)
    futures = []
    for pool, count in ((first, 20), (second, 10)):
        for _ in range(count):
            futures.append(pool.submit(batch_of(ECHO, b"x")))
            futures[-1].add_done_callback(lambda _, pool=pool: ended.append(pool))
    for future in futures:
        future.result(LONG_S)
    assert 4 <= ended[:12].count(second) <= 8, "of the first twelve, about half are of each"


def test_serving_finds_what_is_there_and_replaces_other_code(gateway):
    before = gateway.pid
    assert gateway.serve(gateway.config()) == gateway.url
    assert gateway.pid == before
    assert gateway.serve(gateway.config(code=("lcb_ray",))) == gateway.url
    assert gateway.pid != before
    assert gateway.serve(gateway.config()) == gateway.url


OTHER_CLUSTER = """
import json, os, sys
import ray
from tests.ray.test_gateway import CODE, CODEC, ECHO, LONG_S, GatewayPool, batch_of

@ray.remote(num_cpus=1)
class Trainer:
    def __init__(self, url, token):
        self.pool = GatewayPool(url, codec=CODEC, code=CODE, token=token, slots=1, pool_size=1)

    def roll_out(self, word):
        [seen] = self.pool.submit(batch_of(ECHO, word)).result(LONG_S).checked
        return seen.result.stdout.decode()

    def leave(self):
        self.pool.close()

ray.init(address=sys.argv[1], log_to_driver=False)
trainers = [Trainer.remote(sys.argv[2], os.environ["LIVECODEBENCH_GATEWAY_TOKEN"]) for _ in range(2)]
said = ray.get([trainer.roll_out.remote(b"%d" % number) for number in range(5) for trainer in trainers])
ray.get([trainer.leave.remote() for trainer in trainers])
print(json.dumps({"said": said, "nodes": len(ray.nodes()), "names": ray.util.list_named_actors(all_namespaces=True)}))
"""


def test_actors_of_another_ray_cluster_use_the_pool(gateway):
    """As a trainer does, which has a cluster of its own: a process belongs to one."""
    import ray

    from tests.ray_head import RayHead

    with RayHead(environment={"PYTHONPATH": str(ROOT)}) as head:
        environment = {**head.environment, "LIVECODEBENCH_GATEWAY_TOKEN": TOKEN, "PYTHONPATH": str(ROOT)}
        ended = subprocess.run(
            [sys.executable, "-c", OTHER_CLUSTER, head.address, gateway.url],
            env=environment, capture_output=True, text=True, timeout=4 * LONG_S, check=False,
        )  # fmt: skip
        assert ended.returncode == 0, ended.stderr
        seen = json.loads(ended.stdout.splitlines()[-1])
        assert seen["said"] == [str(number) for number in range(5) for _ in range(2)]
        assert seen["names"] == [], "the pool's actors are in the other one"
        assert head.address != ray.get_runtime_context().gcs_address


OTHER_PYTHON = """
import hashlib, json, os, sys, urllib.request, zlib
from lcb_ray.agent.protocol import Limits, Program
from lcb_ray.batch import Case
from lcb_ray.code_version import code_version
from lcb_ray.gateway.protocol import PROTOCOL, CaseList, Posted, read_ended, with_messages
from livecodebench.judging.travel import travel_codec
from tests.contract.checks import contract_codec, see

def ask(method, path, body=b""):
    headers = {"Authorization": "Bearer " + os.environ["LIVECODEBENCH_GATEWAY_TOKEN"]}
    request = urllib.request.Request(sys.argv[1] + path, body, headers, method=method)
    with urllib.request.urlopen(request, timeout=120) as answer:
        return answer.read()

codec = with_messages(travel_codec().joined(contract_codec()))
cases = codec.encode(CaseList((Case(b"from afar", b"from afar"),)))
digest = hashlib.sha256(cases).hexdigest()
hello = {"protocol": PROTOCOL, "code": code_version(("lcb_ray", "livecodebench")), "slots": 1, "pool_size": 1}
ask("PUT", "/sessions/afar", json.dumps(hello).encode())
ask("PUT", "/blobs/" + digest, zlib.compress(cases))
program = Program(source=b"print(input(), end='')")
ask("PUT", "/sessions/afar/batches/1", codec.encode(Posted(program=program, check=see, limits=Limits(),
    stop_at_failure=True, key="1", digest=digest, unpack=None, arrange=None)))
frames = {}
while not frames:
    _, frames = read_ended(ask("POST", "/sessions/afar/results", b"{}"))
done = codec.decode(frames["1"], object)
ask("DELETE", "/sessions/afar")
heavy = sorted({"ray", "aiohttp", "httpx", "numpy"} & sys.modules.keys())
print(json.dumps([list(sys.version_info[:2]), done.result.checked[0].passed, heavy]))
"""


@pytest.mark.parametrize("version", ["3.12", "3.13"])
def test_a_caller_of_another_python_needs_nothing_but_http(gateway, version):
    python = _python(version)
    if python is None:
        pytest.skip(f"no Python {version} here")
    environment = {**os.environ, "PYTHONPATH": str(ROOT), "LIVECODEBENCH_GATEWAY_TOKEN": TOKEN}
    ended = subprocess.run(
        [python, "-B", "-c", OTHER_PYTHON, gateway.url],
        env=environment, capture_output=True, text=True, timeout=4 * LONG_S, check=False,
    )  # fmt: skip
    assert ended.returncode == 0, ended.stderr
    assert json.loads(ended.stdout) == [[int(part) for part in version.split(".")], True, []]


def _python(version: str) -> str | None:
    """An interpreter of that version, if one works here."""
    installed = (Path.home() / ".pyenv" / "versions").glob(f"{version}*/bin/python")
    for path in (shutil.which(f"python{version}"), *map(str, installed)):
        if path and subprocess.run([path, "-c", ""], capture_output=True, check=False).returncode == 0:
            return path
    return None


def test_domains_of_a_token_file_come_and_go(cluster, tmp_path):
    """Two tokens, two trust domains: neither sees the other's clients; a file that changes is read again."""
    from lcb_ray.gateway.serving import serve, stop

    name, first, second = f"gateway-{uuid.uuid4().hex[:8]}", "first-" + "1" * 16, "second-" + "2" * 16
    tokens = tmp_path / "tokens"
    tokens.write_text(f"red {first}\n")
    [port] = free_ports(1)
    made = replace(settings(name, port), token=None, token_file=str(tokens))
    url = serve(made, name=name)

    def clients(token: str) -> dict[str, object] | None:
        try:
            answer = httpx.get(f"{url}/status", headers={"Authorization": f"Bearer {token}"}, timeout=60)
        except httpx.HTTPError:
            return None
        return {"status": answer.status_code, **answer.json()}

    try:
        with closing(GatewayPool(url, codec=CODEC, code=CODE, token=first, slots=1, pool_size=1)) as pool:
            assert pool.submit(batch_of(ECHO, b"x")).result(LONG_S).checked[0].passed
            assert clients(second)["status"] == 401
            tokens.write_text(f"red {first}\nblue {second}\n")
            until(lambda: clients(second)["status"] == 200, "the token that was added")
            assert (clients(first)["domain"], len(clients(first)["clients"])) == ("red", 1)
            assert (clients(second)["domain"], len(clients(second)["clients"])) == ("blue", 0)
    finally:
        stop(name=name)
