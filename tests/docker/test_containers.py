"""What a container is: as locked up as the engine can make it, and what the agent in it proves of its jail."""

from __future__ import annotations

import json
import socket
from importlib.resources import files
from pathlib import Path

import pytest

from lcb_ray.agent.protocol import Program
from lcb_ray.batch import Batch, Case
from tests import containers, processes
from tests.containers import DockerHost
from tests.processes import LONG_S

pytestmark = pytest.mark.docker

MINI = files("livecodebench") / "data" / "mini"
REQUIRED = {"no_new_privs", "no_network", "no_signal_out", "fs_readonly", "no_exec", "no_foreign_memory"}


def test_a_container_is_locked_up(open_pool):
    pool = open_pool(2, pool_size=1)
    info = pool.info()
    assert set(info.layers) == REQUIRED
    assert all(info.layers.values())
    host = DockerHost(pool)
    [name] = host.names()

    status = Path(f"/proc/{host.agent}/status").read_text()
    for line in ("CapEff:\t0000000000000000", "CapPrm:\t0000000000000000", "NoNewPrivs:\t1", "Seccomp:\t2"):
        assert line in status  # the engine's own filter: the agent loads none into itself
    assert processes.uid(host.agent) == 10001

    found = containers.inspect(name)
    assert found["HostConfig"]["NetworkMode"] == "none"
    assert found["HostConfig"]["Memory"] == found["HostConfig"]["MemorySwap"] > 0
    assert found["HostConfig"]["PidsLimit"] > 0
    tries = "for place in / /opt/lcb /run/lcb; do touch $place/x && echo wrote to $place; done; ls /sys/class/net"
    assert containers.docker("exec", name, "sh", "-c", f"{tries} 2>/dev/null").split() == ["lo"]


def test_it_leaves_nothing_on_the_file_system(open_pool):
    before = processes.litter()
    pool = open_pool(1, pool_size=1)
    pool.info()
    assert {path for path in processes.litter() - before if path.startswith("/tmp/lcb-")} == set()


def test_a_stock_image_of_python_will_do(open_pool):
    from lcb_ray.docker_pool.settings import DockerSettings
    from lcb_ray.sandbox_image import build_arguments

    pool = open_pool(1, pool_size=1, settings=DockerSettings(image=build_arguments()["PYTHON_IMAGE"]))
    info = pool.info()
    assert (info.numpy, set(info.layers)) == (None, REQUIRED)


def test_standard_streams_do_where_no_socket_gets_through(open_pool, monkeypatch):
    """As with an engine in a virtual machine: the agent cannot connect, and the next container has to do without."""
    monkeypatch.setattr("lcb_ray.docker_pool.container._listener", elsewhere)
    pool = open_pool(2, pool_size=1)
    assert set(pool.info().layers) == REQUIRED
    [name] = DockerHost(pool).names()
    assert containers.inspect(name)["Args"][-3:] == ["--stdio", "--numpy", "auto"]
    cases = [Case(bytes([number]) * 5_000_000) for number in range(4)]
    program = Program(source=b"import sys\nsys.stdout.buffer.write(sys.stdin.buffer.read())")
    for future in [pool.submit(Batch(program, lambda: cases, Echoed)) for _ in range(3)]:
        done = future.result(LONG_S)
        assert ([seen.passed for seen in done.checked], done.attempts) == ([True] * 4, 1)

    containers.docker("kill", name)
    done = pool.submit(Batch(program, lambda: cases, Echoed)).result(LONG_S)
    assert [seen.passed for seen in done.checked] == [True] * 4
    [name] = DockerHost(pool).names()
    pool.close()
    assert name not in containers.ours()


class Echoed:
    def __init__(self, result, case):
        self.passed = result.stdout == case.input


def elsewhere(outer):
    """A listener that the container does not see."""
    (outer / "control").mkdir()
    listener = socket.socket(socket.AF_UNIX, socket.SOCK_SEQPACKET)
    listener.bind(str(outer / "sock"))
    listener.listen()
    return listener


def test_grade_says_what_the_local_backend_says(cli, tmp_path):
    ended = cli(
        *("grade", MINI / "generations.jsonl", "--dataset", "mini", "--output", tmp_path / "out", "--json"),
        *("--backend", "docker", "--pool-size", 2),
    )
    assert ended.status == 0, ended.err
    summary = json.loads(ended.out)
    assert (summary["sandbox"]["backend"], summary["errors"]) == ("docker", 0)
    assert set(summary["sandbox"]["layers"]) == REQUIRED
    lines = [json.loads(line) for line in (tmp_path / "out" / "judgements.jsonl").read_text().splitlines()]
    expected = json.loads((MINI / "expected.json").read_text())["verdicts"]
    assert {(line["model"], line["question_id"], line["sample"]): line["verdict"] for line in lines} == {
        (row["model"], row["question_id"], row["sample"]): row["verdict"] for row in expected
    }
    assert "starting containers of livecodebench-sandbox:" in ended.err
