"""Start an agent as a child process and hand it connections. Leaves nothing on any file system.

The child has a control socket: each connection is one end of a fresh socket pair, sent over it. When this process ends,
however it ends, the control socket closes and the agent ends with all that it started.
"""

from __future__ import annotations

import contextlib
import importlib.util
import os
import socket
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path

from lcb_ray.control import ControlSocket
from lcb_ray.errors import SandboxLost

_SAID_BYTES = 4000
_FIRST_UID = 61184  # used as root only: the range that systemd, too, takes for users that do not exist
# Imports the agent from its folder under another name: nothing else of ours, or of the environment, is on its path.
_BOOT = """
import importlib.util, sys
folder = sys.argv.pop(1)
spec = importlib.util.spec_from_file_location("agent", folder + "/__init__.py", submodule_search_locations=[folder])
module = importlib.util.module_from_spec(spec)
sys.modules["agent"] = module
spec.loader.exec_module(module)
from agent.__main__ import run
run()
"""


class AgentProcess:
    """A running agent, child of this process.

    Args:
        options: Further command-line options of the agent.

    Raises SandboxUnusable where the agent refuses to start here, SandboxLost where it ends or hangs while starting.
    """

    def __init__(self, options: Sequence[str] = ()) -> None:
        folder = str(Path(__file__).parent / "agent")
        ours, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
        self._control = ControlSocket(ours)
        command = [sys.executable, "-s", "-P", "-S", "-c", _BOOT, folder, "--control", str(theirs.fileno())]
        numpy = _numpy_folder()
        self._words = os.memfd_create("agent-stderr", os.MFD_CLOEXEC)
        self._process = subprocess.Popen(
            [*command, *(["--numpy", numpy] if numpy else []), "--first-uid", str(_FIRST_UID), *options],
            pass_fds=[theirs.fileno()],
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=self._words,
            start_new_session=True,  # Ctrl-C in a terminal is for us: we end the agent
        )
        theirs.close()
        try:
            self.hello = self._first_words()
        except BaseException:
            self.close()
            raise

    def _first_words(self) -> dict[str, object]:
        try:
            return self._control.hello()
        except EOFError:
            status = self._process.wait()
            said = os.pread(self._words, _SAID_BYTES, 0).decode("utf-8", "replace").strip()
            raise SandboxLost(f"the agent ended while starting, with status {status}: {said}") from None

    @property
    def pid(self) -> int:
        """The agent's process id."""
        return self._process.pid

    def alive(self) -> bool:
        """Whether the agent still runs."""
        return self._process.poll() is None

    def connect(self) -> socket.socket:
        """A new connection to the agent. Raises SandboxLost where it is gone."""
        return self._control.connect()

    def close(self) -> None:
        """End the agent and all that it started; returns when it is gone."""
        self._control.close()
        with contextlib.suppress(ProcessLookupError):
            self._process.kill()
        self._process.wait()
        if self._words >= 0:
            os.close(self._words)
            self._words = -1


def _numpy_folder() -> str | None:
    """Where this interpreter would import numpy from, without importing it."""
    spec = importlib.util.find_spec("numpy")
    return None if spec is None or spec.origin is None else os.fspath(Path(spec.origin).parent.parent)
