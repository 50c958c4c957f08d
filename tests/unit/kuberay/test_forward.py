"""A port that stays open: kubectl is a stand-in that says what kubectl says, and ends when a test wants."""

from __future__ import annotations

import os
import socket
import subprocess
import sys
import time
from pathlib import Path

import pytest

from lcb_ray.errors import PoolUnavailable
from lcb_ray.kuberay import forward as forward_module
from lcb_ray.kuberay.access import Access
from lcb_ray.kuberay.forward import PortForward
from tests import processes

ACCESS = Access(kubeconfig=Path("/k"), context="c")
LONG_S = 60.0

# Listens, says so, and answers each connection with its process id, which is how a test sees a new one.
KUBECTL = """
import socket
if (here / "refuses").exists(): sys.exit("error: no such service")
wanted, theirs = sys.argv[-1].split(":")
server = socket.create_server(("127.0.0.1", int(wanted or 0)))
print(f"Forwarding from 127.0.0.1:{server.getsockname()[1]} -> {theirs}", flush=True)
while True:
    connection, _ = server.accept()
    connection.sendall(str(os.getpid()).encode())
    connection.close()
"""


@pytest.fixture
def kubectl(stand_ins):
    stand_ins.add("kubectl", KUBECTL)
    return stand_ins


def ask(address: str) -> int:
    """The process id of the kubectl that answers."""
    host, _, port = address.rpartition(":")
    with socket.create_connection((host, int(port)), timeout=LONG_S) as connection:
        return int(connection.makefile().read())


def ask_until_another(address: str, than: int) -> int:
    deadline = time.monotonic() + LONG_S
    while time.monotonic() < deadline:
        try:
            if (answer := ask(address)) != than:
                return answer
        except (OSError, ValueError):
            time.sleep(0.05)  # nothing tells when a port is open again
    raise AssertionError("the port did not come back")


def test_a_port_of_a_service(kubectl):
    with PortForward(ACCESS, "ns", "service/a", 8265) as opened:
        pid = ask(opened.address)
        ended = processes.watch([pid])
    assert not ended.left(), "closing ends kubectl"
    assert kubectl.calls == [
        ["kubectl", "--kubeconfig", "/k", "--context", "c", "port-forward", "--namespace", "ns", "service/a", ":8265"]
    ]


def test_it_comes_back_on_the_same_port(kubectl):
    with PortForward(ACCESS, "ns", "service/a", 8265) as opened:
        before, first = opened.url, ask(opened.address)
        os.kill(first, 9)
        assert ask_until_another(opened.address, first)
        assert opened.url == before
    assert kubectl.calls[1][-1] == f"{before.rpartition(':')[2]}:8265"


def test_what_kubectl_says_is_told_where_it_never_stands(kubectl, monkeypatch):
    monkeypatch.setattr(forward_module, "_OPEN_S", 1.0)
    (kubectl.folder / "refuses").touch()
    with pytest.raises(PoolUnavailable, match="service/a within 1 s: error: no such service"):
        PortForward(ACCESS, "ns", "service/a", 8265).open()


def test_kubectl_ends_with_the_process_that_started_it_however_that_ends(kubectl):
    program = (
        "import sys, time\n"
        "from lcb_ray.kuberay.access import Access\n"
        "from lcb_ray.kuberay.forward import PortForward\n"
        "opened = PortForward(Access(kubeconfig=None, context='c'), 'ns', 'service/a', 1).open()\n"
        "print(opened.address, flush=True)\n"
        "time.sleep(600)\n"
    )
    with subprocess.Popen([sys.executable, "-c", program], stdout=subprocess.PIPE, text=True) as driver:
        pid = ask(driver.stdout.readline().strip())
        ended = processes.watch([pid])
        driver.kill()
    assert not ended.left()
