"""An agent that connects to its client: it serves over that connection, refuses over it, and ends with it."""

from __future__ import annotations

import socket
import subprocess
import sys
import tempfile
from contextlib import closing, contextmanager
from pathlib import Path

import pytest

from lcb_ray import archive
from lcb_ray.agent.protocol import Limits, Program
from lcb_ray.agent_client import CancelSignal, Connection
from lcb_ray.control import ControlSocket
from lcb_ray.errors import SandboxUnusable
from tests import processes
from tests.processes import LONG_S

pytestmark = pytest.mark.jail

REFUSED = 78


@contextmanager
def started(*options):
    """An agent that has connected, and its control socket."""
    with tempfile.TemporaryDirectory(prefix="agent-") as folder:
        pyz, path = Path(folder, "agent.pyz"), Path(folder, "sock")
        pyz.write_bytes(archive.build())
        with socket.socket(socket.AF_UNIX, socket.SOCK_SEQPACKET) as listener:
            listener.bind(str(path))
            listener.listen()
            listener.settimeout(LONG_S)
            command = [sys.executable, "-s", "-P", "-S", pyz, "--connect", path, *options]
            with subprocess.Popen(command, stderr=subprocess.PIPE, text=True) as agent:
                try:
                    with closing(ControlSocket(listener.accept()[0])) as control:
                        yield agent, control
                finally:
                    agent.kill()


def test_it_serves_and_ends_with_its_client():
    endless = Program(source=b"if sys.stdin.read():\n    while True: pass")
    with started() as (agent, control), closing(CancelSignal()) as cancel:
        assert "no_network" in control.hello()["properties"]
        with Connection(control.connect(), cancel) as connection:
            connection.compile(endless, Limits(cpu_s=1000, overload_wall_s=5000))
            results = connection.results([b"", b"go on"])
            assert next(results).exit_code == 0
            assert control.alive()
            below = processes.watch({agent.pid, *processes.descendants(agent.pid)})
            control.close()
            assert not below.left()
        assert agent.wait(LONG_S) == 0


def test_it_says_why_it_refuses():
    with started("--without", "seccomp") as (agent, control):
        with pytest.raises(SandboxUnusable, match="no_network"):
            control.hello()
        assert agent.wait(LONG_S) == REFUSED
        assert not control.alive()


def test_it_says_where_it_cannot_connect(tmp_path):
    (tmp_path / "agent.pyz").write_bytes(archive.build())
    command = [sys.executable, "-s", "-P", "-S", tmp_path / "agent.pyz", "--connect", tmp_path / "none"]
    ended = subprocess.run(command, capture_output=True, text=True, timeout=LONG_S)
    assert ended.returncode == REFUSED
    assert ended.stderr.startswith(f"agent: cannot connect to {tmp_path}/none: ")
